import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { BackupTable } from './backup-table.ts'
import { quoteName } from './quote-name.ts'

export interface LiveColumn {
  name: string
  number: number
  /** as pg_dump writes it */
  type: string
  notNull: boolean
  hasDefault: boolean
  /** '' or 's' */
  generated: string
  /** '', 'a' (always) or 'd' (by default) */
  identity: string
}
export interface LiveTable {
  oid: number
  schema: string
  table: string
  /** pg_class.relkind */
  kind: string
  isPartition: boolean
  columns: LiveColumn[]
  /** names of the primary key's columns, in the key's order; empty: it has none */
  key: string[]
}

/** The live relation of the name that the backup's table has; null: there is none. */
export async function findLiveTable(client: Client, backup: Pick<BackupTable, 'schema' | 'table'>): Promise<LiveTable | null> {
  const { rows } = await client.query<{ oid: string; kind: string; partition: boolean; columns: LiveColumn[] | null; key: string[] | null }>(
    `SELECT c.oid::pg_catalog.text AS oid, c.relkind AS kind, c.relispartition AS partition,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'number', a.attnum,
                 'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'notNull', a.attnotnull, 'hasDefault', a.atthasdef,
                 'generated', a.attgenerated, 'identity', a.attidentity) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT pg_catalog.json_agg(a.attname ORDER BY k.place)
        FROM pg_catalog.pg_constraint p, pg_catalog.unnest(p.conkey) WITH ORDINALITY k(number, place), pg_catalog.pg_attribute a
        WHERE p.conrelid = c.oid AND p.contype = 'p' AND a.attrelid = c.oid AND a.attnum = k.number) AS key
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'f', 'v', 'm')`,
    [backup.schema, backup.table],
  )
  const row = rows[0]
  if (row === undefined) return null
  return {
    oid: Number(row.oid),
    schema: backup.schema,
    table: backup.table,
    kind: row.kind,
    isPartition: row.partition,
    columns: row.columns ?? [],
    key: row.key ?? [],
  }
}

/** As findLiveTable; throws for what holds no rows of its own. */
export async function requireLiveTable(client: Client, backup: Pick<BackupTable, 'schema' | 'table'>): Promise<LiveTable> {
  const live = await findLiveTable(client, backup)
  if (live === null) {
    throw new LifeboatError(
      'not_found',
      `There is no table ${nameOf(backup)} in the live database.`,
      'Bring it back beside: nothing is in its place.',
    )
  }
  if (live.kind === 'r') return live
  const what = { p: 'a partitioned table, whose rows lie in its partitions', f: 'a foreign table', v: 'a view', m: 'a materialized view' }[live.kind]
  throw new LifeboatError(
    'refused',
    `${nameOf(backup)} is ${what ?? 'no table'} in the live database.`,
    live.kind === 'p' ? 'Choose its partitions one by one.' : 'Bring the backup’s table back beside it.',
  )
}

/** For messages. */
export function nameOf(table: { schema: string; table: string }): string {
  return `${table.schema}.${table.table}`
}

/** For SQL. */
export function quotedTable(table: { schema: string; table: string }): string {
  return `${quoteName(table.schema)}.${quoteName(table.table)}`
}

export function quotedColumns(columns: readonly string[]): string {
  return columns.map(quoteName).join(', ')
}

/** `COPY … TO STDOUT` of the table's own rows, without those of its children, in the backup's encoding. */
export function copyOutOf(table: { schema: string; table: string }, columns: readonly string[], encoding: string): string {
  return `COPY (SELECT ${quotedColumns(columns)} FROM ONLY ${quotedTable(table)}) TO STDOUT WITH (ENCODING ${quoteText(encoding)})`
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
