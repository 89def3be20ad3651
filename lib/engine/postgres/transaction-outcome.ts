import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, openClient } from './connection.ts'

export type TransactionOutcome = 'committed' | 'aborted' | 'in progress' | 'unknown'

/**
 * What became of a transaction whose session is gone; one that still runs is asked about again for `waitMs`. 'unknown': the server has
 * forgotten it, which takes it hundreds of millions of later ones. Throws when the server cannot be asked.
 */
export async function transactionOutcome(conn: Connection, xid: string, waitMs = 30_000): Promise<TransactionOutcome> {
  const client = await openClient(conn)
  try {
    for (const until = Date.now() + waitMs; ; await sleep(200)) {
      // the names that every supported server knows
      const { rows } = await client.query<{ status: TransactionOutcome | null }>('SELECT pg_catalog.txid_status($1::pg_catalog.int8) AS status', [
        xid,
      ])
      const status = rows[0]?.status ?? 'unknown'
      if (status !== 'in progress' || Date.now() > until) return status
    }
  } finally {
    await client.end()
  }
}
