import type { Client } from 'pg'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { type Connection, openClient } from '#lib/engine/postgres/connection.ts'
import { isTransactionPooler } from '#lib/engine/postgres/pooler.ts'
import { type LockHolder, targetHolder } from '#lib/engine/postgres/target-lock.ts'

/** What a restored database asks of its server: of a manifest, or of a live database that is cloned. */
export interface Wanted {
  versions: Pick<Manifest['versions'], 'server' | 'serverNum'>
  settings: Pick<Manifest['settings'], 'lc_collate' | 'lc_ctype'>
  needs: Manifest['needs']
}

/** What the plan needs to know of a server that shall receive a new database. Read in a read-only session; writes nothing. */
export interface TargetServer {
  /** to a database that exists and is not the target */
  connection: Connection
  version: string
  versionNum: number
  systemIdentifier: string | null
  superuser: boolean
  mayCreateDatabases: boolean
  mayCreateRoles: boolean
  inRecovery: boolean
  targetExists: boolean
  missingRoles: string[]
  /** `byDefault`: the version that is created where none is asked for; `trusted`: no superuser is needed for the wanted one, or the default */
  extensions: { name: string; wanted: string; available: string[]; byDefault: string | null; trusted: boolean }[]
  missingTablespaces: string[]
  /** of the backup's lc_collate and lc_ctype, those that the server does not list; it may have them nevertheless */
  missingLocales: string[]
  /** another restore that is at work under the target's name, of whichever Lifeboat */
  heldBy: LockHolder | null
  /** transactions of one session land on different server sessions: nothing of a restore would hold */
  isPooler: boolean
}

/** The databases through which a server is reached when the database that was backed up is gone. */
const otherDoors = ['postgres', 'template1']

export async function lookAtTarget(
  connection: Connection,
  options: { targetDbname: string; manifest: Wanted; signal: AbortSignal },
): Promise<TargetServer> {
  const { client, door } = await openDoor(connection, options.signal)
  try {
    const reached = { ...connection, dbname: door }
    const isPooler = await isTransactionPooler(client, reached, options.signal)
    const heldBy = await targetHolder(client, options.targetDbname, connection.applicationName)
    return { connection: reached, isPooler, heldBy, ...(await readFacts(client, options)) }
  } finally {
    await client.end()
  }
}

async function openDoor(connection: Connection, signal: AbortSignal): Promise<{ client: Client; door: string }> {
  let first: LifeboatError | undefined
  for (const door of [connection.dbname, ...otherDoors]) {
    try {
      return { client: await openClient({ ...connection, dbname: door }, { signal }), door }
    } catch (error) {
      signal.throwIfAborted()
      first ??= asLifeboatError(error)
      // only a missing database is worth another door
      if (asLifeboatError(error).detail.reason !== 'no_database') throw error
    }
  }
  throw first ?? new LifeboatError('unreachable', 'The server could not be reached.')
}

async function readFacts(
  client: Client,
  options: { targetDbname: string; manifest: Wanted },
): Promise<Omit<TargetServer, 'connection' | 'isPooler' | 'heldBy'>> {
  const { manifest } = options
  const { rows } = await client.query<{
    version: string
    version_num: string
    superuser: boolean
    createdb: boolean
    createrole: boolean
    in_recovery: boolean
    target_exists: boolean
    missing_roles: string[]
    missing_tablespaces: string[]
    missing_locales: string[]
  }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS version_num,
       r.rolsuper AS superuser, r.rolcreatedb OR r.rolsuper AS createdb, r.rolcreaterole OR r.rolsuper AS createrole,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1) AS target_exists,
       ARRAY(SELECT w FROM pg_catalog.unnest($2::text[]) w WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles p WHERE p.rolname = w)) AS missing_roles,
       ARRAY(SELECT w FROM pg_catalog.unnest($3::text[]) w WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_tablespace s WHERE s.spcname = w)) AS missing_tablespaces,
       ARRAY(SELECT w FROM pg_catalog.unnest($4::text[]) w WHERE w NOT IN ('C', 'POSIX') AND NOT EXISTS (
         SELECT FROM (SELECT datcollate AS known FROM pg_catalog.pg_database UNION ALL SELECT datctype FROM pg_catalog.pg_database
           UNION ALL SELECT collcollate FROM pg_catalog.pg_collation WHERE collprovider = 'c') l
         WHERE l.known = w OR pg_catalog.version() ~ 'linux' AND ${asGlibc('l.known')} = ${asGlibc('w')})) AS missing_locales
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
    [
      options.targetDbname,
      manifest.needs.roles,
      manifest.needs.tablespaces,
      [...new Set([manifest.settings.lc_collate, manifest.settings.lc_ctype])],
    ],
  )
  const facts = rows[0]
  if (facts === undefined) throw new LifeboatError('privileges', 'The server does not say who this role is.')
  return {
    version: facts.version,
    versionNum: Number(facts.version_num),
    systemIdentifier: await systemIdentifier(client),
    superuser: facts.superuser,
    mayCreateDatabases: facts.createdb,
    mayCreateRoles: facts.createrole,
    inRecovery: facts.in_recovery,
    targetExists: facts.target_exists,
    missingRoles: facts.missing_roles,
    missingTablespaces: facts.missing_tablespaces,
    missingLocales: facts.missing_locales,
    extensions: await extensions(client, manifest),
  }
}

/** en_US.UTF-8 and en_US.utf8 are one locale to the C library of Linux: what follows the dot is compared without case and hyphens. */
function asGlibc(name: string): string {
  return `pg_catalog.split_part(${name}, '.', 1) || '.' || pg_catalog.lower(pg_catalog.replace(pg_catalog.substr(${name}, pg_catalog.length(pg_catalog.split_part(${name}, '.', 1)) + 2), '-', ''))`
}

async function systemIdentifier(client: Client): Promise<string | null> {
  try {
    const { rows } = await client.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_catalog.pg_control_system()')
    return rows[0]?.id ?? null
  } catch (error) {
    // some hosted servers do not let their users call it: then it is unknown, and host and port alone are compared
    if (error instanceof Error && 'code' in error && error.code === '42501') return null
    throw error
  }
}

async function extensions(client: Client, manifest: Wanted): Promise<TargetServer['extensions']> {
  // servers before 13 know no trusted extensions
  const { rows } = await client.query<{ name: string; version: string; trusted: boolean; default: string | null }>(
    `SELECT v.name::text, v.version, NOT v.superuser OR COALESCE((pg_catalog.to_jsonb(v) ->> 'trusted')::pg_catalog.bool, false) AS trusted,
       e.default_version AS default
     FROM pg_catalog.pg_available_extension_versions v JOIN pg_catalog.pg_available_extensions e ON e.name = v.name WHERE v.name = ANY($1)`,
    [manifest.needs.extensions.map((one) => one.name)],
  )
  return manifest.needs.extensions.map((one) => {
    const found = rows.filter((row) => row.name === one.name)
    const comes = found.find((row) => row.version === one.version) ?? found.find((row) => row.version === row.default)
    return {
      name: one.name,
      wanted: one.version,
      available: found.map((row) => row.version),
      byDefault: found[0]?.default ?? null,
      trusted: comes?.trusted ?? false,
    }
  })
}
