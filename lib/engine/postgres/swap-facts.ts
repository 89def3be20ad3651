import { type Connection, inReadTransaction, openClient } from './connection.ts'
import { type DatabaseProperties, readDatabaseProperties } from './database-properties.ts'
import type { Globals } from './globals.ts'
import { type ServerSession, sessionsIn } from './sessions.ts'

/** What stands between a live database and its being renamed. Read in a read-only transaction; writes nothing. */
export interface SwapFacts {
  inRecovery: boolean
  serverVersion: string
  /** the role that connects */
  role: string
  /** it owns the database, or is a member of the role that does, and may create databases */
  mayRename: boolean
  /** null: there is no database of that name */
  live: {
    oid: number
    allowsConnections: boolean
    /** null: the server does not tell this role */
    bytes: number | null
    properties: DatabaseProperties
    settings: Globals['databaseSettings']
  } | null
  /** of the names asked for, those that a database has */
  taken: string[]
  /** their global ids */
  preparedTransactions: string[]
  slots: { name: string; active: boolean }[]
  subscriptions: string[]
  sessions: ServerSession[]
}

/** `door` is a way to another database of the server than `name`. `names`: those that the swap would give to databases. */
export async function readSwapFacts(door: Connection, options: { name: string; names: readonly string[]; signal?: AbortSignal }): Promise<SwapFacts> {
  const client = await openClient(door, { signal: options.signal })
  try {
    return await inReadTransaction(client, async () => {
      const { rows } = await client.query<{
        facts: Omit<SwapFacts, 'live' | 'sessions'> & { live: Omit<NonNullable<SwapFacts['live']>, 'properties'> | null }
      }>(factsQuery, [options.name, options.names])
      const facts = rows[0]?.facts
      if (facts === undefined) throw new Error('the server answered no row')
      const properties = await readDatabaseProperties(client, options.name)
      const live = facts.live === null || properties === null ? null : { ...facts.live, properties }
      return { ...facts, live, sessions: live === null ? [] : await sessionsIn(client, [live.oid]) }
    })
  } finally {
    await client.end()
  }
}

const factsQuery = `
WITH live AS (SELECT * FROM pg_catalog.pg_database WHERE datname = $1),
me AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname = current_user)
SELECT pg_catalog.json_build_object(
  'inRecovery', pg_catalog.pg_is_in_recovery(),
  'serverVersion', pg_catalog.split_part(pg_catalog.current_setting('server_version'), ' ', 1),
  'role', me.rolname,
  'mayRename', me.rolsuper OR (me.rolcreatedb AND COALESCE((SELECT pg_catalog.pg_has_role(l.datdba, 'USAGE') FROM live l), true)),
  'live', (SELECT pg_catalog.json_build_object('oid', l.oid::pg_catalog.int8, 'allowsConnections', l.datallowconn,
      'bytes', CASE WHEN pg_catalog.has_database_privilege(l.oid, 'CONNECT') OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')
                    THEN pg_catalog.pg_database_size(l.oid) END,
      'settings', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('role', r.rolname, 'settings', s.setconfig) ORDER BY r.rolname), '[]')
        FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = l.oid)) FROM live l),
  'taken', ARRAY(SELECT d.datname FROM pg_catalog.pg_database d WHERE d.datname = ANY ($2::pg_catalog.text[]) ORDER BY 1),
  'preparedTransactions', ARRAY(SELECT p.gid FROM pg_catalog.pg_prepared_xacts p JOIN live l ON l.datname = p.database ORDER BY 1),
  'slots', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('name', s.slot_name, 'active', s.active) ORDER BY s.slot_name), '[]')
    FROM pg_catalog.pg_replication_slots s JOIN live l ON l.oid = s.datoid),
  'subscriptions', ARRAY(SELECT s.subname FROM pg_catalog.pg_subscription s JOIN live l ON l.oid = s.subdbid ORDER BY 1)
) AS facts FROM me`
