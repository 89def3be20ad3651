import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { SwapStep } from '#lib/domain/states.ts'
import { failPoint } from '../process/failpoint.ts'
import { type Connection, openClient } from './connection.ts'
import { quoteName } from './quote-name.ts'
import { beginDurable, databaseStates, renameDatabases } from './rename-database.ts'
import { type ServerSession, sessionsIn, sessionText } from './sessions.ts'

/** Two databases that change places. The live one becomes the kept one, the incoming one gets the live one's name. */
export interface Swap {
  live: { oid: number; name: string }
  incoming: { oid: number; name: string }
  /** the live database's name afterwards; nobody has it yet */
  keptName: string
}

const endWithinMs = 20_000

/**
 * Swaps two databases by renaming them: closes both, ends their sessions, renames both in one transaction, opens the new one and leaves the old
 * one closed. `persist` is awaited before each step is done, so that whoever looks after a crash knows how far it can have come; the names and
 * OIDs tell the rest (settleSwap). `door` is a session's way to a third database. Throws `conflict` (sessions that cannot be ended),
 * `target_changed`, `target_exists`, `privileges`; then the caller settles. After the renames nothing aborts it any more.
 */
export async function swapDatabases(
  door: Connection,
  swap: Swap,
  options: { persist: (step: SwapStep) => Promise<void>; signal: AbortSignal; endWithinMs?: number },
): Promise<void> {
  // without the signal: an abort would cut the session off in the middle of a step
  const client = await openClient(door, { writable: true, lockTimeoutMs: 30_000 })
  try {
    const { live, incoming, keptName } = swap
    await options.persist('closed')
    failPoint('swap.closing')
    await allowConnections(client, live, false)
    await allowConnections(client, incoming, false)
    failPoint('swap.closed')
    await endSessions(client, [live.oid, incoming.oid], options)
    options.signal.throwIfAborted()
    await options.persist('renamed')
    failPoint('swap.renaming')
    await renameDatabases(client, [
      { oid: live.oid, from: live.name, to: keptName },
      { oid: incoming.oid, from: incoming.name, to: live.name },
    ])
    failPoint('swap.renamed')
    await options.persist('opened')
    failPoint('swap.opening')
    await allowConnections(client, { oid: incoming.oid, name: live.name }, true)
    failPoint('swap.opened')
  } finally {
    await client.end()
  }
}

/** Opens or closes a database, only if its name still means that OID. Closed, it lets nobody in, superusers neither; sessions stay. */
export async function allowConnections(client: Client, database: { oid: number; name: string }, allow: boolean): Promise<void> {
  await beginDurable(client)
  try {
    await client.query(`ALTER DATABASE ${quoteName(database.name)} ALLOW_CONNECTIONS ${allow ? 'true' : 'false'}`)
    const [found] = await databaseStates(client, [database.oid])
    if (found === undefined || found.name !== database.name || found.allowsConnections !== allow) throw changed(database)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw asSwapError(error, database.name)
  }
}

/** Ends every session in these databases and waits until none is left. Throws `conflict` and names one that stays. */
async function endSessions(client: Client, oids: readonly number[], options: { signal: AbortSignal; endWithinMs?: number }): Promise<void> {
  const deadline = Date.now() + (options.endWithinMs ?? endWithinMs)
  for (;;) {
    options.signal.throwIfAborted()
    const sessions = await sessionsIn(client, oids)
    if (sessions.length === 0) return
    const beyond = sessions.find((one) => !one.mayEnd)
    if (beyond !== undefined) throw stays(beyond, 'this role may not end it')
    if (Date.now() > deadline) throw stays(sessions[0] as ServerSession, 'it did not end in time')
    await client.query('SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.unnest($1::pg_catalog.int4[]) pid', [
      sessions.map((one) => one.pid),
    ])
    await sleep(50)
  }
}

function stays(session: ServerSession, why: string): LifeboatError {
  return new LifeboatError(
    'conflict',
    `A session stands in the way of the swap: ${sessionText(session)}; ${why}.`,
    'The live database was opened again and is as it was. End that session, then start again.',
    { detail: { session } },
  )
}

function changed(database: { oid: number; name: string }): LifeboatError {
  return new LifeboatError(
    'target_changed',
    `“${database.name}” is not the database that it was (OID ${database.oid}).`,
    'Somebody renamed, dropped or created a database in the meantime: look at the server first.',
  )
}

function asSwapError(error: unknown, name: string): unknown {
  const code = (error as { code?: unknown }).code
  if (code === '3D000')
    return new LifeboatError('target_changed', `There is no database “${name}” any more.`, 'Look at the server first.', { cause: error })
  if (code === '42501')
    return new LifeboatError('privileges', `The role that connects may not open or close “${name}”.`, 'It must own the database.', { cause: error })
  return error
}
