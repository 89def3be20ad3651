import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { type Connection, openClient } from './connection.ts'

/** The databases through which a server is reached when another one is gone, or must have no sessions. */
const otherDoors = ['postgres', 'template1']

/**
 * A way to the server through a database that lets this role in, none of `not`: databases that are about to be renamed, closed or dropped must
 * have no session of ours. First the connection's own database. Throws why the server cannot be reached, or `refused` where no database is left.
 */
export async function reachServer(conn: Connection, options: { not?: readonly string[]; signal?: AbortSignal } = {}): Promise<Connection> {
  const not = new Set(options.not ?? [])
  const tried = new Set<string>()
  let first: LifeboatError | undefined
  const tryDoor = async (dbname: string): Promise<{ door: Connection; others: string[] } | null> => {
    tried.add(dbname)
    try {
      const client = await openClient({ ...conn, dbname }, { signal: options.signal })
      const { rows } = await client
        .query<{ name: string }>(
          `SELECT datname AS name FROM pg_catalog.pg_database
           WHERE datallowconn AND pg_catalog.has_database_privilege(oid, 'CONNECT') ORDER BY datname LIMIT 50`,
        )
        .finally(() => client.end())
      return { door: { ...conn, dbname }, others: rows.map((row) => row.name) }
    } catch (error) {
      options.signal?.throwIfAborted()
      const known = asLifeboatError(error)
      first ??= known
      if (!isOfDatabase(known)) throw error
      return null
    }
  }
  for (const dbname of [conn.dbname, ...otherDoors]) {
    if (not.has(dbname) || tried.has(dbname)) continue
    const found = await tryDoor(dbname)
    if (found !== null) return found.door
  }
  // a session in one that may not be used still knows the names of the others
  const names = (await tryDoor(conn.dbname))?.others ?? []
  for (const dbname of names.filter((name) => !not.has(name) && !tried.has(name))) {
    const found = await tryDoor(dbname)
    if (found !== null) return found.door
  }
  throw (
    first ??
    new LifeboatError(
      'refused',
      'The server has no other database that lets this role in, and no session may be in those that are renamed.',
      'Let the role connect to the database postgres: GRANT CONNECT ON DATABASE postgres.',
    )
  )
}

/** Another database of the same server may let us in where this one does not. */
function isOfDatabase(error: LifeboatError): boolean {
  return error.detail.reason === 'no_database' || error.detail.reason === 'connect' || error.detail.reason === 'closed_database'
}
