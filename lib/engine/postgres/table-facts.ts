import type { Client } from 'pg'
import type { Manifest } from '#lib/domain/manifest.ts'

export interface TableFacts {
  schema: string
  table: string
  oid: number
  /** the planner's estimate; 0 where the table was never analysed */
  estimatedRows: number
  /** of the table's own pages, without indexes and without what is stored out of line */
  bytes: number
}
export interface ReadableTable extends TableFacts {
  readable: boolean
  rowsHidden: boolean
  /** a partition root: holds no rows itself, but pg_dump locks it */
  partitioned: boolean
}

/** Not the server's own schemas, and not what an extension made. */
const dumped = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid AND e.deptype = 'e')`

/**
 * Every table that pg_dump will read, and sequences that it may not read (readable: false). Takes no lock on any of them: sizes come from the
 * pages that the planner knows (pg_relation_size would wait for an exclusive lock). A never analysed table counts 0.
 */
export async function readTables(client: Client): Promise<{ tables: ReadableTable[]; deniedSequences: string[] }> {
  const { rows } = await client.query<{
    schema: string
    table: string
    oid: string
    kind: string
    rows: string
    bytes: string
    readable: boolean
    hidden: boolean
  }>(
    `SELECT n.nspname AS schema, c.relname AS table, c.oid::pg_catalog.text AS oid, c.relkind AS kind,
            GREATEST(c.reltuples, 0)::pg_catalog.int8::pg_catalog.text AS rows,
            (GREATEST(c.relpages, 0)::pg_catalog.int8 * pg_catalog.current_setting('block_size')::pg_catalog.int8)::pg_catalog.text AS bytes,
            pg_catalog.has_schema_privilege(n.oid, 'USAGE')
              AND CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
                       ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END AS readable,
            c.relkind <> 'S' AND pg_catalog.row_security_active(c.oid) AS hidden
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'S', 'p') AND c.relpersistence IN ('p', 'u') AND ${dumped}
     ORDER BY 1, 2`,
  )
  const tables = rows
    .filter((row) => row.kind !== 'S' && (row.kind === 'r' || row.hidden || !row.readable))
    .map((row) => ({
      schema: row.schema,
      table: row.table,
      oid: Number(row.oid),
      estimatedRows: Number(row.rows),
      bytes: Number(row.bytes),
      readable: row.readable,
      rowsHidden: row.hidden,
      partitioned: row.kind === 'p',
    }))
  const deniedSequences = rows.filter((row) => row.kind === 'S' && !row.readable).map((row) => `${row.schema}.${row.table}`)
  return { tables, deniedSequences }
}

/** What a restore of this database will need on its target. Roles: owners, grantees (also on the database itself), members named in policies and default privileges, and those with settings in it. */
export async function readNeeds(client: Client, databaseBytes: number): Promise<Manifest['needs']> {
  const { rows } = await client.query<{ extensions: { name: string; version: string }[]; roles: string[]; tablespaces: string[]; objects: string }>(
    `SELECT
       (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('name', extname, 'version', extversion) ORDER BY extname), '[]')
        FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql') AS extensions,
       (SELECT COALESCE(pg_catalog.json_agg(r.rolname ORDER BY r.rolname), '[]') FROM pg_catalog.pg_roles r
        WHERE r.oid IN (SELECT s.refobjid FROM pg_catalog.pg_shdepend s
                        WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
                          AND (s.dbid = here.oid
                               OR (s.dbid = 0 AND s.objid = here.oid AND s.classid = 'pg_catalog.pg_database'::pg_catalog.regclass))
                        UNION SELECT d.datdba FROM pg_catalog.pg_database d WHERE d.oid = here.oid
                        UNION SELECT o.setrole FROM pg_catalog.pg_db_role_setting o WHERE o.setdatabase = here.oid)
          AND r.rolname !~ '^pg_') AS roles,
       (SELECT COALESCE(pg_catalog.json_agg(t.spcname ORDER BY t.spcname), '[]') FROM pg_catalog.pg_tablespace t
        WHERE t.oid IN (SELECT reltablespace FROM pg_catalog.pg_class) AND t.spcname NOT IN ('pg_default', 'pg_global')) AS tablespaces,
       (SELECT pg_catalog.count(*)::pg_catalog.text FROM pg_catalog.pg_largeobject_metadata) AS objects
     FROM (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) here`,
  )
  const row = rows[0]
  return {
    extensions: row?.extensions ?? [],
    roles: row?.roles ?? [],
    tablespaces: row?.tablespaces ?? [],
    databaseBytes,
    largeObjects: Number(row?.objects ?? 0),
  }
}

export interface LargeObjectFacts {
  /** that this role may not read */
  denied: number
  count: number
  /** of their contents, at most about: the server keeps them compressed, in rows of up to 2 KiB each, whose number the planner knows */
  bytes: number
}

/** What the large objects ask of the role and of the staging directory. */
export async function readLargeObjectFacts(client: Client): Promise<LargeObjectFacts> {
  const { rows } = await client.query<{ denied: string; count: string; bytes: string }>(
    `SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata m
             WHERE NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
               AND NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE')
               AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a
                               WHERE a.privilege_type = 'SELECT'
                                 AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE'))))::pg_catalog.text AS denied,
            (SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata)::pg_catalog.text AS count,
            (SELECT GREATEST(pg_catalog.pg_relation_size(c.oid), c.reltuples::pg_catalog.int8 * 2048)::pg_catalog.text
             FROM pg_catalog.pg_class c WHERE c.oid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass) AS bytes`,
  )
  return { denied: Number(rows[0]?.denied ?? 0), count: Number(rows[0]?.count ?? 0), bytes: Number(rows[0]?.bytes ?? 0) }
}
