import { type Connection, openClient } from './connection.ts'
import { databaseStates, type DatabaseState } from './rename-database.ts'
import { allowConnections, type Swap } from './swap.ts'

/**
 * untouched: nothing was renamed; the live database is open, and the other one as it was. swapped: both were renamed; the new one is open, the
 * old one closed. unclear: the server shows something else, which somebody else must have done; what still had the live name was opened.
 */
export type Settled = { outcome: 'untouched' | 'swapped' } | { outcome: 'unclear'; found: DatabaseState[]; liveNameIs: DatabaseState | null }

/**
 * Brings a swap that broke off to one of its two ends, from whichever step: what the two databases are called decides, as their renames are one
 * transaction. May be called again. `openLive`: the live database let people in before; `openIncoming`: the other one did.
 */
export async function settleSwap(door: Connection, swap: Swap, was: { openLive: boolean; openIncoming: boolean }): Promise<Settled> {
  const client = await openClient(door, { writable: true, lockTimeoutMs: 30_000 })
  try {
    const { live, incoming, keptName } = swap
    const found = await databaseStates(client, [live.oid, incoming.oid])
    const [liveNow, incomingNow] = [live, incoming].map(({ oid }) => found.find((one) => one.oid === oid))
    const set = async (one: DatabaseState, allow: boolean) => {
      if (one.allowsConnections !== allow) await allowConnections(client, one, allow)
    }
    if (liveNow?.name === live.name) {
      await set(liveNow, was.openLive)
      if (incomingNow?.name === incoming.name) await set(incomingNow, was.openIncoming)
      return { outcome: 'untouched' }
    }
    if (incomingNow?.name === live.name && liveNow?.name === keptName) {
      await set(incomingNow, true)
      await set(liveNow, false)
      return { outcome: 'swapped' }
    }
    // one of ours under the live name is better than none; a stranger's is not ours to open
    if (incomingNow?.name === live.name) await set(incomingNow, true)
    const { rows } = await client.query<{ oid: string; allows: boolean }>(
      'SELECT oid::pg_catalog.text AS oid, datallowconn AS allows FROM pg_catalog.pg_database WHERE datname = $1',
      [live.name],
    )
    const there = rows[0]
    return {
      outcome: 'unclear',
      found,
      liveNameIs: there === undefined ? null : { oid: Number(there.oid), name: live.name, allowsConnections: there.allows },
    }
  } finally {
    await client.end()
  }
}
