import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '../process/failpoint.ts'
import type { BackupTable } from './backup-table.ts'
import { type BesideTable, qualified } from './beside-definitions.ts'
import type { Connection } from './connection.ts'
import { copyOut } from './copy-out.ts'
import { addLineSums, LineHash } from './line-hash.ts'
import { copyOutOf } from './live-table.ts'
import { quoteName } from './quote-name.ts'
import { loadRows } from './replace-content.ts'
import { sessionSettings } from './restore.ts'
import { inTableTransaction } from './table-transaction.ts'

export interface BesideOptions {
  beside: BesideTable
  /** what holds the rows: one, or each leaf of a partitioned table */
  tables: readonly BackupTable[]
  signal: AbortSignal
  onProgress?(progress: { phase: BesidePhase; rawBytes: number }): void
}
export interface BesideHooks {
  /** called with the transaction's id before its first write: a later process can ask the server what became of it */
  onTransaction(xid: string): Promise<void>
  /** called with everything done but the COMMIT; a throw rolls all of it back */
  beforeCommit(): Promise<void>
}
export type BesidePhase = 'building' | 'loading' | 'indexes' | 'comparing'

export interface BesideResult {
  xid: string
  /** same: to the byte; same_rows: every row to the byte, from several entries or in another order */
  verdict: 'same' | 'same_rows'
}

/**
 * Makes the table under its new name, with its rows, and holds it against the manifest: in one transaction, so that a process that dies leaves
 * nothing. Locks nothing that is live, but an old parent until the commit. It belongs to the role that connects, and to nobody else.
 */
export async function restoreBeside(conn: Connection, options: BesideOptions, hooks: BesideHooks): Promise<BesideResult> {
  const of = {
    table: options.beside,
    settings: sessionSettings(options.tables[0]?.settings ?? {}),
    lockTimeoutMs: 10_000,
    untouched: 'Nothing was created: everything was rolled back.',
    signal: options.signal,
    ...hooks,
  }
  return await inTableTransaction(conn, of, (client) => build(client, options))
}

async function build(client: Client, options: BesideOptions): Promise<Omit<BesideResult, 'xid'>> {
  const { beside, tables } = options
  let rawBytes = 0
  const tell = (phase: BesidePhase) => options.onProgress?.({ phase, rawBytes })
  tell('building')
  // the definitions were read as text, and are sent in UTF-8, whatever the data is in
  for (const [name, value] of [
    ['client_encoding', 'UTF8'],
    ['default_tablespace', ''],
  ])
    await client.query('SELECT pg_catalog.set_config($1, $2, true)', [name, value])
  const into = { schema: beside.schema, table: beside.name }
  for (const statement of beside.define.slice(0, 1)) await client.query(statement)
  // before a row is there, so that none is ever seen through a parent
  for (const parent of beside.parents) {
    await client.query(`ALTER TABLE ${qualified(into.schema, into.table)} NO INHERIT ${qualified(parent.schema, parent.name)}`)
  }
  for (const statement of beside.define.slice(1)) await client.query(statement)
  for (const table of tables) {
    tell('loading')
    await loadRows(client, table, into, (count) => {
      rawBytes += count
      tell('loading')
    })
  }
  failPoint('table.loaded')
  tell('indexes')
  for (const statement of beside.complete) await client.query(statement)
  for (const sequence of beside.sequences) {
    await client.query('SELECT pg_catalog.setval($1::pg_catalog.text::pg_catalog.regclass, $2::pg_catalog.int8, $3)', [
      qualified(beside.schema, sequence.name),
      String(sequence.lastValue),
      sequence.isCalled,
    ])
  }
  await closeToOthers(client, beside)
  tell('comparing')
  return { verdict: await compare(client, into, tables) }
}

/** Default privileges would let others read rows that row security or privileges kept from them in the live table. */
async function closeToOthers(client: Client, beside: BesideTable): Promise<void> {
  const { rows } = await client.query<{ name: string; kind: string; role: string | null }>(
    `SELECT DISTINCT c.relname AS name, c.relkind AS kind, r.rolname AS role
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
     LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
     WHERE n.nspname = $1 AND c.relname = ANY($2::pg_catalog.text[]) AND c.relkind IN ('r', 'S') AND a.grantee <> c.relowner`,
    [beside.schema, beside.names],
  )
  for (const { name, kind, role } of rows) {
    const what = kind === 'S' ? 'SEQUENCE' : 'TABLE'
    await client.query(`REVOKE ALL ON ${what} ${qualified(beside.schema, name)} FROM ${role === null ? 'PUBLIC' : quoteName(role)} CASCADE`)
  }
}

/** Reads the new table as this transaction has it, by its own COPY, and holds it against the manifest. */
async function compare(client: Client, into: { schema: string; table: string }, tables: readonly BackupTable[]): Promise<BesideResult['verdict']> {
  const [first] = tables
  if (first === undefined) return 'same'
  const hash = createHash('sha256')
  const lines = new LineHash()
  for await (const piece of copyOut(client, copyOutOf(into, first.columns, first.encoding))) {
    hash.update(piece)
    lines.update(piece)
  }
  if (tables.length === 1 && hash.update('\\.\n\n\n').digest('hex') === first.rawSha256) return 'same'
  const sums: string[] = []
  for (const table of tables) {
    const expected = new LineHash()
    const raw = createHash('sha256')
    for await (const piece of await table.open()) {
      raw.update(piece)
      expected.update(piece)
    }
    if (raw.digest('hex') !== table.rawSha256)
      throw new LifeboatError('corrupt', `The data of ${table.schema}.${table.table} is not what the manifest says.`, 'Use another copy or backup.')
    sums.push(expected.digest())
  }
  if (addLineSums(sums) === lines.digest()) return 'same_rows'
  throw new LifeboatError(
    'failed',
    `The rows of ${into.table} would differ from the backup.`,
    'Restore the whole backup into a new database and look there.',
  )
}
