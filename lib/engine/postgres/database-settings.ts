import { type Connection, openClient } from './connection.ts'
import type { Globals } from './globals.ts'
import { quoteName } from './quote-name.ts'

/**
 * Gives a database the settings that its original had (ALTER DATABASE … SET, ALTER ROLE … IN DATABASE … SET), which pg_dump leaves out.
 * Each value goes through set_config and `FROM CURRENT`, so that no value becomes a part of a statement. `conn` names that database.
 * Returns what the server refused: a setting that it does not know, a role that is not there, one that needs a superuser.
 */
export async function applyDatabaseSettings(conn: Connection, globals: Globals, signal?: AbortSignal): Promise<{ setting: string; cause: string }[]> {
  const refused: { setting: string; cause: string }[] = []
  const client = await openClient(conn, { signal, writable: true })
  try {
    for (const { role, settings } of globals.databaseSettings) {
      const whose = role === null ? `DATABASE ${quoteName(conn.dbname)}` : `ROLE ${quoteName(role)} IN DATABASE ${quoteName(conn.dbname)}`
      for (const setting of settings) {
        const at = setting.indexOf('=')
        const [name, value] = [setting.slice(0, at), setting.slice(at + 1)]
        try {
          await client.query('BEGIN')
          await client.query('SELECT pg_catalog.set_config($1, $2, true)', [name, value])
          await client.query(`ALTER ${whose} SET ${name.split('.').map(quoteName).join('.')} FROM CURRENT`)
          await client.query('COMMIT')
        } catch (error) {
          await client.query('ROLLBACK')
          refused.push({
            setting: `${role === null ? 'database' : `role ${role}`} setting ${name}`,
            cause: error instanceof Error ? error.message : String(error),
          })
        }
      }
    }
  } finally {
    await client.end()
  }
  return refused
}
