import { type Connection, inReadTransaction, openClient } from './connection.ts'
import { type DatabaseProperties, readDatabaseProperties } from './database-properties.ts'
import { quoteName } from './quote-name.ts'

export interface RoleRow {
  name: string
  superuser: boolean
  inherit: boolean
  createRole: boolean
  createDb: boolean
  login: boolean
  replication: boolean
  bypassRls: boolean
  connectionLimit: number
  /** `name=value`, as pg_db_role_setting keeps them: for all databases */
  settings: string[]
}
export interface Globals {
  format: 'lifeboat-globals/1'
  roles: RoleRow[]
  memberships: { role: string; member: string; admin: boolean }[]
  /** settings of the database itself (role null) and of roles in it */
  databaseSettings: { role: string | null; settings: string[] }[]
  /** absent in what an earlier version stored */
  database?: DatabaseProperties
}

/** Roles that the database uses and the roles that those are members of; never a password or its hash (pg_roles hides them). */
export async function readGlobals(conn: Connection, options: { roles: readonly string[]; signal?: AbortSignal }): Promise<Globals> {
  const client = await openClient(conn, { signal: options.signal })
  try {
    return await inReadTransaction(client, async () => {
      const { rows } = await client.query<{ globals: Omit<Globals, 'format'>; here: string }>(globalsQuery, [options.roles])
      const found = rows[0]?.globals
      const database = await readDatabaseProperties(client, rows[0]?.here ?? '')
      return {
        format: 'lifeboat-globals/1',
        ...(database === null ? {} : { database }),
        roles: found?.roles ?? [],
        memberships: found?.memberships ?? [],
        databaseSettings: found?.databaseSettings ?? [],
      }
    })
  } finally {
    await client.end()
  }
}

/** CREATE ROLE statements for `names`, quoted, as NOLOGIN, without passwords, superuser or replication: a restored role can do nothing by itself. */
export function roleStatements(globals: Globals, names: readonly string[]): string[] {
  const wanted = new Set(names)
  const created = globals.roles
    .filter((role) => wanted.has(role.name))
    .map((role) => `CREATE ROLE ${quoteName(role.name)} NOLOGIN ${role.inherit ? 'INHERIT' : 'NOINHERIT'}`)
  const unknown = names.filter((name) => !globals.roles.some((role) => role.name === name)).map((name) => `CREATE ROLE ${quoteName(name)} NOLOGIN`)
  const granted = globals.memberships
    .filter((one) => wanted.has(one.member) && wanted.has(one.role))
    .map((one) => `GRANT ${quoteName(one.role)} TO ${quoteName(one.member)}`)
  return [...created, ...unknown, ...granted]
}

/** Creates the named roles that are missing, in one transaction; returns those that were created. */
export async function createRoles(conn: Connection, globals: Globals, names: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const client = await openClient(conn, { signal, writable: true })
  try {
    const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY ($1)', [names])
    const there = new Set(rows.map((row) => row.rolname))
    const missing = names.filter((name) => !there.has(name))
    await client.query('BEGIN')
    for (const statement of roleStatements(globals, missing)) await client.query(statement)
    await client.query('COMMIT')
    return missing
  } finally {
    await client.end()
  }
}

const globalsQuery = `
WITH RECURSIVE wanted AS (
  SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ANY ($1) AND rolname !~ '^pg_'
  UNION
  SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN wanted w ON w.oid = m.member
),
here AS (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
SELECT pg_catalog.json_build_object(
  'roles', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', r.rolname, 'superuser', r.rolsuper, 'inherit', r.rolinherit, 'createRole', r.rolcreaterole, 'createDb', r.rolcreatedb,
      'login', r.rolcanlogin, 'replication', r.rolreplication, 'bypassRls', r.rolbypassrls, 'connectionLimit', r.rolconnlimit,
      'settings', COALESCE((SELECT pg_catalog.to_json(s.setconfig) FROM pg_catalog.pg_db_role_setting s
                            WHERE s.setrole = r.oid AND s.setdatabase = 0), '[]')) ORDER BY r.rolname), '[]')
    FROM pg_catalog.pg_roles r WHERE r.oid IN (SELECT oid FROM wanted) AND r.rolname !~ '^pg_'),
  'memberships', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
      'role', g.rolname, 'member', u.rolname, 'admin', m.admin_option) ORDER BY g.rolname, u.rolname), '[]')
    FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid JOIN pg_catalog.pg_roles u ON u.oid = m.member
    WHERE m.member IN (SELECT oid FROM wanted)),
  'databaseSettings', (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object(
      'role', r.rolname, 'settings', s.setconfig) ORDER BY r.rolname), '[]')
    FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
    WHERE s.setdatabase = (SELECT oid FROM here))
) AS globals, pg_catalog.current_database() AS here`
