import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Connection, inReadTransaction, openClient } from './connection.ts'
import { dump } from './dump.ts'
import { parseToc, type Toc } from './toc.ts'

/** An object as pg_depend names it: `<OID of its catalogue>/<its OID>`. */
export type Address = string

export function addressOf(classOid: number | string, oid: number | string): Address {
  return `${classOid}/${oid}`
}

/** `from` depends on `to`. Type as in pg_depend: n normal, a auto, i internal, P and S of partitions, x automatic of an extension. */
export interface Dependency {
  from: Address
  to: Address
  type: string
}

/** A live database as a restore in place must know it. */
export interface LiveDatabase {
  /** of its schema, as pg_dump tells it; each entry has its object's address */
  toc: Toc
  tocBytes: Buffer
  dependencies: Dependency[]
  oid: number
  databaseBytes: number
  /** name -> does its owner's word count for the role that connects? */
  schemas: ReadonlyMap<string, boolean>
  extensions: ReadonlyMap<string, string>
  /** every role of the server */
  roles: ReadonlySet<string>
  /** those whose objects the connecting role may alter and drop; all of them for a superuser */
  actsAs: ReadonlySet<string>
  superuser: boolean
  mayCreateSchemas: boolean
  /** the platform's own role is there */
  isSupabase: boolean
  /** entries of the server's table of locks */
  lockCapacity: number
  /** of those asked for, the large objects that are there */
  largeObjects: number[]
  /** all the large objects that are there */
  largeObjectCount: number
  /** of other sessions with this database */
  sessions: number
}

/** Reads catalogues only, with pg_dump and a session of its own that may not write. `largeObjects`: OIDs of the backup's. */
export async function readLive(
  conn: Connection,
  options: { stagingDir: string; toolPath: string; signal: AbortSignal; largeObjects: readonly number[] },
): Promise<LiveDatabase> {
  const tocBytes = await schemaOf(conn, options)
  const client = await openClient(conn, { signal: options.signal, statementTimeoutMs: 120_000 })
  try {
    return await inReadTransaction(
      client,
      async () => ({
        toc: parseToc(tocBytes),
        tocBytes,
        dependencies: await dependencies(client),
        largeObjects: await existing(client, options.largeObjects),
        ...(await facts(client)),
      }),
      { statementTimeoutMs: 120_000 },
    )
  } finally {
    await client.end()
  }
}

async function schemaOf(conn: Connection, options: { stagingDir: string; toolPath: string; signal: AbortSignal }): Promise<Buffer> {
  const pieces: Buffer[] = []
  await dump(conn, {
    stagingDir: options.stagingDir,
    toolPath: options.toolPath,
    jobs: 1,
    signal: options.signal,
    schemaOnly: true,
    onEntry: async (entry) => {
      // a piece holds only until the next one is asked for
      for await (const piece of entry.open()) pieces.push(Buffer.from(piece))
    },
  })
  return Buffer.concat(pieces)
}

/** Of and on what people made; the server's own objects are pinned and stand in no row. */
async function dependencies(client: Client): Promise<Dependency[]> {
  const { rows } = await client.query<[string, string, string, string, string]>({
    rowMode: 'array',
    text: `SELECT DISTINCT classid::pg_catalog.text, objid::pg_catalog.text, refclassid::pg_catalog.text, refobjid::pg_catalog.text, deptype::pg_catalog.text
           FROM pg_catalog.pg_depend
           WHERE refobjid >= 16384 AND deptype IN ('n', 'a', 'i', 'P', 'S', 'x') AND (classid, objid) IS DISTINCT FROM (refclassid, refobjid)`,
  })
  return rows.map(([classOid, oid, toClass, to, type]) => ({ from: addressOf(classOid, oid), to: addressOf(toClass, to), type }))
}

async function existing(client: Client, wanted: readonly number[]): Promise<number[]> {
  if (wanted.length === 0) return []
  const { rows } = await client.query<{ oid: string }>(
    'SELECT oid::pg_catalog.text AS oid FROM pg_catalog.pg_largeobject_metadata WHERE oid = ANY ($1::pg_catalog.oid[])',
    [wanted],
  )
  return rows.map((row) => Number(row.oid))
}

async function facts(client: Client): Promise<Omit<LiveDatabase, 'toc' | 'tocBytes' | 'dependencies' | 'largeObjects'>> {
  const { rows } = await client.query<{
    oid: string
    bytes: string
    schemas: { name: string; ours: boolean }[]
    extensions: { name: string; version: string }[]
    roles: { name: string; ours: boolean }[]
    superuser: boolean
    creates: boolean
    locks: string
    sessions: string
    objects: string
  }>(
    `SELECT d.oid::pg_catalog.text AS oid, pg_catalog.pg_database_size(d.oid)::pg_catalog.text AS bytes,
       (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('name', n.nspname, 'ours', pg_catalog.pg_has_role(n.nspowner, 'USAGE'))), '[]')
        FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema') AS schemas,
       (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('name', e.extname, 'version', e.extversion)), '[]') FROM pg_catalog.pg_extension e) AS extensions,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', r.rolname, 'ours', pg_catalog.pg_has_role(r.oid, 'USAGE'))) FROM pg_catalog.pg_roles r) AS roles,
       (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user) AS superuser,
       pg_catalog.has_database_privilege(d.oid, 'CREATE') AS creates,
       (pg_catalog.current_setting('max_locks_per_transaction')::pg_catalog.int8
         * (pg_catalog.current_setting('max_connections')::pg_catalog.int8 + pg_catalog.current_setting('max_prepared_transactions')::pg_catalog.int8))::pg_catalog.text AS locks,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata)::pg_catalog.text AS objects,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a
        WHERE a.datid = d.oid AND a.application_name IS DISTINCT FROM pg_catalog.current_setting('application_name'))::pg_catalog.text AS sessions
     FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`,
  )
  const row = rows[0]
  if (row === undefined) throw new LifeboatError('privileges', 'The server does not say which database this is.')
  return {
    oid: Number(row.oid),
    databaseBytes: Number(row.bytes),
    schemas: new Map(row.schemas.map((one) => [one.name, one.ours])),
    extensions: new Map(row.extensions.map((one) => [one.name, one.version])),
    roles: new Set(row.roles.map((one) => one.name)),
    actsAs: new Set(row.roles.filter((one) => one.ours).map((one) => one.name)),
    superuser: row.superuser,
    mayCreateSchemas: row.creates,
    isSupabase: row.roles.some((one) => one.name === 'supabase_admin'),
    lockCapacity: Number(row.locks),
    largeObjectCount: Number(row.objects),
    sessions: Number(row.sessions),
  }
}

/** What these objects are called, for a person: `default value for column id of table public.note`. */
export async function describeObjects(conn: Connection, addresses: readonly Address[], signal: AbortSignal): Promise<Map<Address, string>> {
  if (addresses.length === 0) return new Map()
  const client = await openClient(conn, { signal })
  try {
    const { rows } = await client.query<{ address: string; text: string | null }>(
      `SELECT a AS address, pg_catalog.pg_describe_object(pg_catalog.split_part(a, '/', 1)::pg_catalog.oid, pg_catalog.split_part(a, '/', 2)::pg_catalog.oid, 0) AS text
       FROM pg_catalog.unnest($1::pg_catalog.text[]) a`,
      [addresses],
    )
    return new Map(rows.map((row) => [row.address, row.text ?? `an object that is gone (${row.address})`]))
  } finally {
    await client.end()
  }
}
