import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '../process/failpoint.ts'
import type { Connection } from './connection.ts'
import { nameOf } from './live-table.ts'
import { tableError } from './table-error.ts'
import { transactionOutcome } from './transaction-outcome.ts'

/**
 * COMMIT whose outcome is known: a connection that breaks in it says nothing, so the server is asked by the transaction's id.
 * Throws `indeterminate` only where the server cannot be asked. `untouched`: what to say where it was rolled back.
 */
export async function commitKnown(
  client: Client,
  conn: Connection,
  of: { xid: string; table: { schema: string; table: string }; untouched: string },
): Promise<void> {
  try {
    await client.query('COMMIT')
  } catch (error) {
    const outcome = await transactionOutcome(conn, of.xid).catch(() => 'unknown' as const)
    if (outcome === 'committed') return
    if (outcome === 'aborted') throw tableError(error, of.table, of.untouched)
    throw new LifeboatError(
      'indeterminate',
      `The connection broke while ${nameOf(of.table)} was committed, and the server cannot be asked what became of it.`,
      `Either all of it is there or none. Ask the server: SELECT txid_status(${of.xid}).`,
      { cause: error, detail: { xid: of.xid } },
    )
  }
  failPoint('table.committed')
}
