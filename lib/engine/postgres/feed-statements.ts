import { type ArchiveSql, createStatements } from './archive-sql.ts'
import { type Connection, openClient } from './connection.ts'
import { statementError } from './in-place-error.ts'

/**
 * Creates these entries by pg_restore's own statements, over a session of ours and without the settings that it would begin with, which an
 * older server may not know (transaction_timeout from 17 on). The first statement that the server refuses ends it, by name: nothing is ever
 * left out without a word.
 */
export async function feedStatements(conn: Connection, archive: ArchiveSql, dumpIds: readonly number[]): Promise<void> {
  const client = await openClient(conn, { signal: archive.signal, writable: true, statementTimeoutMs: 0, lockTimeoutMs: 0 })
  try {
    await client.query("SELECT pg_catalog.set_config('search_path', '', false), pg_catalog.set_config('check_function_bodies', 'off', false)")
    for await (const statement of createStatements(archive, dumpIds)) {
      try {
        await client.query(statement)
      } catch (error) {
        archive.signal.throwIfAborted()
        throw statementError(error, statement)
      }
    }
  } finally {
    await client.end().catch(() => {})
  }
}
