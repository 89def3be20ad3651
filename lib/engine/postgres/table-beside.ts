import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '../process/failpoint.ts'
import type { BackupTable } from './backup-table.ts'
import type { BesideStatements } from './beside-statements.ts'
import { nameBeside } from './beside-names.ts'
import type { Connection } from './connection.ts'
import { quotedTable, quoteText } from './live-table.ts'
import { quoteName } from './quote-name.ts'
import { compareContent, loadRows } from './replace-content.ts'
import { sessionSettings } from './restore.ts'
import { inTableTransaction } from './table-transaction.ts'

export interface BesideOptions {
  backup: BackupTable
  statements: BesideStatements
  /** the schema that `statements` were made for; it exists within the transaction only */
  buildSchema: string
  /** the table's name afterwards, in the schema of the backup's table */
  name: string
  /** put behind the names of indexes, constraints and sequences */
  suffix: string
  signal: AbortSignal
  onProgress?(progress: { phase: 'building' | 'loading' | 'indexes' | 'comparing'; rawBytes: number }): void
}
export interface BesideHooks {
  /** called with the transaction's id before its first write: a later process can ask the server what became of it */
  onTransaction(xid: string): Promise<void>
}
export interface BesideResult {
  oid: number
  xid: string
  verdict: 'same' | 'same_rows'
}

/**
 * Builds a table of a backup beside the live one, in one transaction: under its own name in a schema that lives as long as the transaction,
 * where no name can collide; then everything gets its new name and moves over. Its rows are read back and compared before the COMMIT.
 * It belongs to the role that connects, and nobody else has a privilege on it: what a server grants on every new table is taken away.
 */
export async function restoreBeside(conn: Connection, options: BesideOptions, hooks: BesideHooks): Promise<BesideResult> {
  const of = {
    table: options.backup,
    settings: sessionSettings(options.backup.settings),
    lockTimeoutMs: 10_000,
    untouched: 'Nothing was created: everything was rolled back.',
    signal: options.signal,
    ...hooks,
  }
  return await inTableTransaction(conn, of, (client) => build(client, options))
}

async function build(client: Client, options: BesideOptions): Promise<Omit<BesideResult, 'xid'>> {
  const { backup, statements, buildSchema } = options
  let rawBytes = 0
  const tell = (phase: Parameters<NonNullable<BesideOptions['onProgress']>>[0]['phase']) => options.onProgress?.({ phase, rawBytes })
  const built = { schema: buildSchema, table: backup.table }

  tell('building')
  // the body of a function may name what is not here
  await client.query("SELECT pg_catalog.set_config('check_function_bodies', 'off', true)")
  await client.query(`CREATE SCHEMA ${quoteName(buildSchema)}`)
  for (const statement of statements.before) await client.query(statement)
  const oid = await oidOf(client, built)
  await leaveParents(client, oid, built)
  await loadRows(client, backup, built, (count) => {
    rawBytes += count
    tell('loading')
  })
  failPoint('table.loaded')
  tell('indexes')
  for (const statement of statements.after) await client.query(statement)
  for (const { name, lastValue, isCalled } of statements.sequences) {
    if (lastValue === null) continue
    const sequence = quoteText(`${quoteName(buildSchema)}.${quoteName(name)}`)
    await client.query(`SELECT pg_catalog.setval(${sequence}::pg_catalog.regclass, $1::pg_catalog.int8, $2)`, [lastValue, isCalled])
  }
  await takePrivilegesAway(client, oid)
  await nameBeside(client, oid, { name: options.name, suffix: options.suffix })
  const moved = { schema: buildSchema, table: options.name }
  await client.query(`ALTER TABLE ${quotedTable(moved)} SET SCHEMA ${quoteName(backup.schema)}`)
  // RESTRICT: whatever did not move along keeps it, and so ends the transaction
  await client.query(`DROP SCHEMA ${quoteName(buildSchema)} RESTRICT`)
  tell('comparing')
  return { oid, verdict: await compareContent(client, backup, { schema: backup.schema, table: options.name }) }
}

async function oidOf(client: Client, table: { schema: string; table: string }): Promise<number> {
  const { rows } = await client.query<{ oid: string }>('SELECT $1::pg_catalog.regclass::pg_catalog.oid::pg_catalog.text AS oid', [quotedTable(table)])
  const oid = Number(rows[0]?.oid)
  if (!Number.isInteger(oid)) throw new LifeboatError('failed', `${table.table} was not created.`)
  return oid
}

/** A child of a live table would show its rows there. Its columns become its own. */
async function leaveParents(client: Client, oid: number, built: { schema: string; table: string }): Promise<void> {
  const { rows } = await client.query<{ schema: string; table: string }>(
    `SELECT n.nspname AS schema, c.relname AS table FROM pg_catalog.pg_inherits i
     JOIN pg_catalog.pg_class c ON c.oid = i.inhparent JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE i.inhrelid = $1 ORDER BY i.inhseqno`,
    [oid],
  )
  for (const parent of rows) await client.query(`ALTER TABLE ${quotedTable(built)} NO INHERIT ${quotedTable(parent)}`)
}

/** Default privileges may open every new table to roles that must not read this one. */
async function takePrivilegesAway(client: Client, oid: number): Promise<void> {
  const { rows } = await client.query<{ kind: string; schema: string; name: string; grantee: string | null }>(
    `SELECT DISTINCT c.relkind AS kind, n.nspname AS schema, c.relname AS name, CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END AS grantee
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace, pg_catalog.aclexplode(c.relacl) a
     WHERE a.grantee <> c.relowner AND (c.oid = $1 OR c.oid IN (
       SELECT d.objid FROM pg_catalog.pg_depend d
       WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
         AND d.refobjid = $1 AND d.deptype IN ('a', 'i')))`,
    [oid],
  )
  for (const { kind, schema, name, grantee } of rows) {
    const what = kind === 'S' ? 'SEQUENCE' : 'TABLE'
    await client.query(
      `REVOKE ALL ON ${what} ${quotedTable({ schema, table: name })} FROM ${grantee === null ? 'PUBLIC' : quoteName(grantee)} CASCADE`,
    )
  }
}
