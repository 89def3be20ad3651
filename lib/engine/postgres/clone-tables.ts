import type { Client } from 'pg'
import { quoteName } from './quote-name.ts'

/** A table whose rows a dump would hold: not the server's own, not an extension's but for what it marked as configuration. */
export interface CloneTable {
  schema: string
  table: string
  oid: number
  /** those that COPY writes: not dropped, not generated */
  columns: string[]
  /** which rows, in the extension's words (`WHERE …`); null: all */
  condition: string | null
  /** a table of an extension, which fills it itself before any row comes */
  ofExtension: boolean
  unlogged: boolean
  /** kept in the order in which its rows came */
  heap: boolean
  /** its rows belong into other leaves elsewhere (hash of an enum): they are loaded through this table */
  root: { schema: string; table: string } | null
  /** as the snapshot sees it; another one now means that it was rewritten since, and its rows are gone from this snapshot */
  file: string
}
export interface CloneSequence {
  schema: string
  name: string
  unlogged: boolean
}

const columnsOf = `ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND COALESCE(pg_catalog.to_jsonb(a)->>'attgenerated', '') = ''
  ORDER BY a.attnum)`

/** As pg_dump chooses them. Takes no lock. */
const relations = `
WITH RECURSIVE
tree AS (
  SELECT c.oid, c.oid AS root FROM pg_catalog.pg_class c WHERE c.relkind = 'p' AND NOT c.relispartition
  UNION SELECT i.inhrelid, t.root FROM pg_catalog.pg_inherits i JOIN tree t ON t.oid = i.inhparent),
unsafe AS (
  SELECT p.partrelid AS oid FROM pg_catalog.pg_partitioned_table p
  WHERE p.partstrat = 'h' AND EXISTS (SELECT FROM pg_catalog.pg_opclass o
    WHERE o.oid = ANY (p.partclass::pg_catalog.oid[]) AND o.opcintype = 'pg_catalog.anyenum'::pg_catalog.regtype)
  UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN unsafe u ON u.oid = i.inhparent),
configured AS (
  SELECT x.oid, x.condition FROM pg_catalog.pg_extension e,
    ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition)) AS x(oid, condition))
SELECT n.nspname::pg_catalog.text AS schema, c.relname::pg_catalog.text AS name, c.oid::pg_catalog.text AS oid, c.relkind::pg_catalog.text AS kind,
  c.relpersistence = 'u' AS unlogged, c.relfilenode::pg_catalog.text AS file, f.oid IS NOT NULL AS "ofExtension", NULLIF(f.condition, '') AS condition,
  COALESCE((SELECT m.amname = 'heap' FROM pg_catalog.pg_am m WHERE m.oid = (pg_catalog.to_jsonb(c)->>'relam')::pg_catalog.oid), true) AS heap,
  CASE WHEN c.oid IN (SELECT oid FROM unsafe) THEN
    (SELECT pg_catalog.json_build_object('schema', rn.nspname, 'table', r.relname) FROM tree t JOIN pg_catalog.pg_class r ON r.oid = t.root
     JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace WHERE t.oid = c.oid) END AS root,
  CASE WHEN c.relkind = 'r' THEN ${columnsOf} ELSE '{}' END AS columns
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN configured f ON f.oid = c.oid
WHERE c.relkind IN ('r', 'S') AND c.relpersistence IN ('p', 'u') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (f.oid IS NOT NULL OR NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
    WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid AND e.deptype = 'e'))
ORDER BY 1, 2`

export async function readCloneRelations(client: Client): Promise<{ tables: CloneTable[]; sequences: CloneSequence[] }> {
  const { rows } = await client.query<
    Omit<CloneTable, 'table' | 'oid' | 'condition'> & { name: string; oid: string; kind: string; condition: string | null }
  >(relations)
  return {
    tables: rows.filter((row) => row.kind === 'r').map(({ name, oid, kind: _kind, ...rest }) => ({ ...rest, table: name, oid: Number(oid) })),
    sequences: rows.filter((row) => row.kind === 'S').map(({ schema, name, unlogged }) => ({ schema, name, unlogged })),
  }
}

export function qualified(schema: string, name: string): string {
  return `${quoteName(schema)}.${quoteName(name)}`
}

/** A part of a table by the pages on which its rows begin; `to` null: to the end. */
export interface PageRange {
  from: number
  to: number | null
}

/** `encoding`: of the text that is sent, so that the session's own, in which names are sent, can stay what it is. */
export function copyOutStatement(table: CloneTable, range: PageRange | null, encoding: string): string {
  const name = qualified(table.schema, table.table)
  const how = `WITH (FORMAT text, ENCODING '${encoding}')`
  if (range === null && table.condition === null) return `COPY ${name}${listed(table)} TO STDOUT ${how}`
  const pages = range === null ? '' : `WHERE ctid >= '(${range.from},0)'${range.to === null ? '' : ` AND ctid < '(${range.to},0)'`}`
  return `COPY (SELECT ${table.columns.map(quoteName).join(', ')} FROM ONLY ${name} ${table.condition ?? pages}) TO STDOUT ${how}`
}

export function copyInStatement(table: CloneTable, encoding: string): string {
  const into = table.root ?? table
  return `COPY ${qualified(into.schema, into.table)}${listed(table)} FROM STDIN WITH (FORMAT text, ENCODING '${encoding}')`
}

function listed(table: CloneTable): string {
  return table.columns.length === 0 ? '' : ` (${table.columns.map(quoteName).join(', ')})`
}
