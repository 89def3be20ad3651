import { asLifeboatError } from '#lib/domain/errors.ts'
import { type Connection, openClient } from './connection.ts'
import { reachServer } from './door.ts'

/** null: the server has forgotten the transaction, or never knew it. */
export type TransactionStatus = 'committed' | 'aborted' | 'in progress' | null

/** What became of a transaction, by its id as txid_current gave it. Throws where the server cannot be asked. */
export async function transactionStatus(conn: Connection, transactionId: string): Promise<TransactionStatus> {
  const client = await openClient(conn, { retryForMs: 30_000 })
  try {
    const { rows } = await client.query<{ status: TransactionStatus }>('SELECT pg_catalog.txid_status($1::pg_catalog.int8) AS status', [
      transactionId,
    ])
    return rows[0]?.status ?? null
  } catch (error) {
    // "transaction ID … is in the future": another server, or one that was itself restored to an earlier time
    if ((error as { code?: unknown }).code === '22023') return null
    throw asLifeboatError(error)
  } finally {
    await client.end()
  }
}

/** The same of a transaction in the database of that OID, which may be gone by now; asked through any database of the server. */
export async function whatBecameOf(
  conn: Connection,
  of: { transactionId: string; databaseOid: number },
): Promise<TransactionStatus | 'database gone'> {
  const door = await reachServer(conn)
  const client = await openClient(door)
  const found = await client.query('SELECT FROM pg_catalog.pg_database WHERE oid = $1', [of.databaseOid]).finally(() => client.end())
  return found.rowCount === 0 ? 'database gone' : transactionStatus(door, of.transactionId)
}
