import type { Connection } from './connection.ts'

/** Creates an empty database from template0 and returns its OID. `conn` names a database on the same server. Throws target_exists. */
export async function createDatabase(
  _conn: Connection,
  _name: string,
  _like: { encoding: string; collate: string; ctype: string; owner?: string },
  _signal?: AbortSignal,
): Promise<number> {
  throw new Error('not built yet')
}
/** Drops the database only if it still has that OID; false: it is gone or another one. */
export async function dropDatabaseByOid(_conn: Connection, _oid: number, _signal?: AbortSignal): Promise<boolean> {
  throw new Error('not built yet')
}
/** null: no such database. */
export async function databaseOid(_conn: Connection, _name: string, _signal?: AbortSignal): Promise<number | null> {
  throw new Error('not built yet')
}
/** Ends every backend with this application_name and waits until none is left; returns how many were ended. */
export async function terminateBackends(_conn: Connection, _applicationName: string, _waitMs = 10_000): Promise<number> {
  throw new Error('not built yet')
}
