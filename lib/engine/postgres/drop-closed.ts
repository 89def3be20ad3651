import { LifeboatError } from '#lib/domain/errors.ts'
import { type Connection, openClient } from './connection.ts'
import { quoteName } from './quote-name.ts'
import { databaseStates } from './rename-database.ts'

/**
 * Drops a database that nobody may use: only if the name still means that OID and lets nobody in. Never with FORCE: a session that is in it
 * all the same stops the drop. Throws `target_changed`, `conflict`.
 */
export async function dropClosedDatabase(door: Connection, database: { oid: number; name: string }, signal?: AbortSignal): Promise<void> {
  const client = await openClient(door, { writable: true, signal, statementTimeoutMs: 600_000, lockTimeoutMs: 30_000 })
  try {
    const [found] = await databaseStates(client, [database.oid])
    if (found?.name !== database.name || found.allowsConnections) {
      throw new LifeboatError(
        'target_changed',
        `“${database.name}” is not the closed database that it was (OID ${database.oid}).`,
        'It was not dropped.',
      )
    }
    // a template may not be dropped, and is none any more
    await client.query(`ALTER DATABASE ${quoteName(database.name)} IS_TEMPLATE false`)
    await client.query(`DROP DATABASE ${quoteName(database.name)}`)
  } catch (error) {
    if ((error as { code?: unknown }).code !== '55006') throw error
    throw new LifeboatError('conflict', `“${database.name}” is in use and was not dropped.`, 'Look at who uses it: it was closed.', { cause: error })
  } finally {
    await client.end()
  }
}
