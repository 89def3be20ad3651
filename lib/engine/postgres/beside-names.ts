import type { Client } from 'pg'
import { derivedName } from '#lib/domain/derived-name.ts'
import { quotedTable } from './live-table.ts'
import { quoteName } from './quote-name.ts'

/**
 * Gives a table, its indexes, its constraints and the sequences of its columns their new names: their own with `suffix` behind it. Whoever
 * moves the table to another schema afterwards moves them along.
 */
export async function nameBeside(client: Client, oid: number, to: { name: string; suffix: string }): Promise<void> {
  const { rows } = await client.query<{ kind: 'constraint' | 'index' | 'sequence'; schema: string; name: string }>(
    `SELECT 'constraint' AS kind, n.nspname AS schema, o.conname AS name
       FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_namespace n ON n.oid = o.connamespace WHERE o.conrelid = $1
     UNION ALL
     SELECT 'index', n.nspname, c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE i.indrelid = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = i.indexrelid AND o.conrelid = $1)
     UNION ALL
     SELECT 'sequence', n.nspname, c.relname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
         AND d.refobjid = $1 AND d.deptype IN ('a', 'i')
     ORDER BY 1, 3`,
    [oid],
  )
  const table = (await tableOf(client, oid)) ?? { schema: '', table: '' }
  const forms = {
    constraint: (name: string, next: string) => `ALTER TABLE ${quotedTable(table)} RENAME CONSTRAINT ${quoteName(name)} TO ${quoteName(next)}`,
    index: (name: string, next: string) => `ALTER INDEX ${quotedTable({ schema: table.schema, table: name })} RENAME TO ${quoteName(next)}`,
    sequence: (name: string, next: string) => `ALTER SEQUENCE ${quotedTable({ schema: table.schema, table: name })} RENAME TO ${quoteName(next)}`,
  } satisfies Record<(typeof rows)[number]['kind'], (name: string, next: string) => string>
  for (const { kind, name } of rows) await client.query(forms[kind](name, derivedName(name, to.suffix)))
  await client.query(`ALTER TABLE ${quotedTable(table)} RENAME TO ${quoteName(to.name)}`)
}

async function tableOf(client: Client, oid: number): Promise<{ schema: string; table: string } | null> {
  const { rows } = await client.query<{ schema: string; table: string }>(
    `SELECT n.nspname AS schema, c.relname AS table FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1`,
    [oid],
  )
  return rows[0] ?? null
}
