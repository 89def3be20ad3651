import type { Client } from 'pg'
import { type ForeignKey, readForeignKeys } from './foreign-keys.ts'

/** pg_trigger.tgenabled and pg_rewrite.ev_enabled: as usual, off, on replicas, always. */
export type Firing = 'O' | 'D' | 'R' | 'A'

export interface OwnedSequence {
  oid: number
  schema: string
  name: string
  column: string
  increment: string
}
/** Everything that hangs on a live table. */
export interface TableDependencies {
  foreignKeys: ForeignKey[]
  triggers: { name: string; firing: Firing }[]
  rules: { name: string; firing: Firing }[]
  /** directly or through each other */
  views: { oid: number; schema: string; name: string; materialized: boolean }[]
  sequences: OwnedSequence[]
  publications: { name: string; truncate: boolean; insert: boolean }[]
  subscriptions: number
  policies: { oid: number; name: string }[]
  rowSecurity: boolean
  rowSecurityForced: boolean
  /** the table's own and its columns', as the catalogue writes them */
  privileges: string[]
  owner: string
  /** this role may alter the table */
  ours: boolean
  /** this role may make temporary tables here */
  mayUseTemp: boolean
  parents: { schema: string; table: string; partitioned: boolean }[]
  children: { schema: string; table: string }[]
  /** that fire on ALTER TABLE or TRUNCATE */
  eventTriggers: string[]
  /** a unique key that is checked late cannot tell which rows to pass over */
  lateUnique: boolean
  replicaIdentity: string
}

/** Reads it all from the catalogue; names in full, as the session's search_path is empty. */
export async function readTableDependencies(client: Client, oid: number): Promise<TableDependencies> {
  const { rows } = await client.query<{ found: Omit<TableDependencies, 'foreignKeys' | 'publications'> }>(dependenciesSql, [oid])
  const found = rows[0]?.found
  if (found === undefined) throw new Error('the table was dropped meanwhile')
  const publications = await client.query<{ name: string; truncate: boolean; insert: boolean }>(
    `SELECT DISTINCT p.pubname AS name, p.pubtruncate AS truncate, p.pubinsert AS insert
     FROM pg_catalog.pg_publication p JOIN pg_catalog.pg_publication_tables t ON t.pubname = p.pubname
     JOIN pg_catalog.pg_namespace n ON n.nspname = t.schemaname
     JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
     WHERE c.oid = $1 OR c.oid IN (SELECT relid FROM pg_catalog.pg_partition_ancestors($1)) ORDER BY 1`,
    [oid],
  )
  return { ...found, foreignKeys: await readForeignKeys(client, oid), publications: publications.rows }
}

/**
 * What must be the same before and after, in words that a new key's OID does not change: the transaction is taken back where anything of it
 * is not.
 */
export function unchangedPart(found: TableDependencies): string {
  const { foreignKeys, sequences, ...rest } = found
  const keys = foreignKeys.map(({ oid: _, ...key }) => key)
  return JSON.stringify({ ...rest, keys, sequences: sequences.map((one) => one.oid) })
}

const list = (of: string, order: string, from: string) => `(SELECT COALESCE(pg_catalog.json_agg(${of} ORDER BY ${order}), '[]') FROM ${from})`

const dependenciesSql = `
WITH RECURSIVE over AS (
  SELECT r.ev_class AS oid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
  WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    AND d.refobjid = $1 AND r.ev_class <> $1
  UNION
  SELECT r.ev_class FROM over o JOIN pg_catalog.pg_depend d ON d.refobjid = o.oid
    AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid WHERE r.ev_class <> d.refobjid
)
SELECT pg_catalog.json_build_object(
  'triggers', ${list(`pg_catalog.json_build_object('name', g.tgname, 'firing', g.tgenabled)`, 'g.tgname', 'pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal')},
  'rules', ${list(`pg_catalog.json_build_object('name', w.rulename, 'firing', w.ev_enabled)`, 'w.rulename', `pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN'`)},
  'views', ${list(
    `pg_catalog.json_build_object('oid', v.oid::pg_catalog.int8, 'schema', vn.nspname, 'name', v.relname, 'materialized', v.relkind = 'm')`,
    'vn.nspname, v.relname',
    `pg_catalog.pg_class v JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace WHERE v.relkind IN ('v', 'm') AND v.oid IN (SELECT oid FROM over)`,
  )},
  'sequences', ${list(
    `pg_catalog.json_build_object('oid', s.oid::pg_catalog.int8, 'schema', sn.nspname, 'name', s.relname, 'column', a.attname, 'increment', q.seqincrement::pg_catalog.text)`,
    'sn.nspname, s.relname',
    `pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
     JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
     WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
       AND d.refobjid = c.oid AND d.deptype IN ('a', 'i')`,
  )},
  'subscriptions', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription_rel u WHERE u.srrelid = c.oid),
  'policies', ${list(`pg_catalog.json_build_object('oid', p.oid::pg_catalog.int8, 'name', p.polname)`, 'p.polname', 'pg_catalog.pg_policy p WHERE p.polrelid = c.oid')},
  'rowSecurity', c.relrowsecurity, 'rowSecurityForced', c.relforcerowsecurity,
  'privileges', COALESCE((SELECT pg_catalog.json_agg(x.t ORDER BY x.t) FROM (
      SELECT i::pg_catalog.text AS t FROM pg_catalog.unnest(c.relacl) i
      UNION ALL SELECT pg_catalog.format('%I: %s', a.attname, i) FROM pg_catalog.pg_attribute a, pg_catalog.unnest(a.attacl) i WHERE a.attrelid = c.oid) x), '[]'),
  'owner', pg_catalog.pg_get_userbyid(c.relowner), 'ours', pg_catalog.pg_has_role(c.relowner, 'USAGE'),
  'mayUseTemp', pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP'),
  'parents', ${list(
    `pg_catalog.json_build_object('schema', n.nspname, 'table', p.relname, 'partitioned', p.relkind = 'p')`,
    'i.inhseqno',
    'pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhparent JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace WHERE i.inhrelid = c.oid',
  )},
  'children', ${list(
    `pg_catalog.json_build_object('schema', n.nspname, 'table', p.relname)`,
    'n.nspname, p.relname',
    'pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p ON p.oid = i.inhrelid JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace WHERE i.inhparent = c.oid',
  )},
  'eventTriggers', ${list('e.evtname', 'e.evtname', `pg_catalog.pg_event_trigger e WHERE e.evtenabled IN ('O', 'A') AND e.evtevent <> 'table_rewrite'`)},
  'lateUnique', EXISTS (SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indisunique AND NOT x.indimmediate)
      OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'x' AND k.condeferrable),
  'replicaIdentity', c.relreplident
) AS found
FROM pg_catalog.pg_class c WHERE c.oid = $1`
