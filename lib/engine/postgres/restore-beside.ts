import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '../process/failpoint.ts'
import type { BackupTable } from './backup-table.ts'
import { type BesideTable, qualified } from './beside-definitions.ts'
import type { Connection } from './connection.ts'
import { copyIn } from './copy-in.ts'
import { copyOut } from './copy-out.ts'
import { cutOnAbort, openCopySession } from './copy-session.ts'
import { transactionStatus } from './transaction-status.ts'
import { addLineSums, LineHash } from './line-hash.ts'
import { copyOutOf, quotedColumns, quoteText } from './live-table.ts'
import { quoteName } from './quote-name.ts'
import { sessionSettings } from './restore.ts'
import { tableError } from './table-error.ts'

export interface BesideOptions {
  beside: BesideTable
  /** what holds the rows: one, or each leaf of a partitioned table */
  tables: readonly BackupTable[]
  signal: AbortSignal
  onProgress?(progress: { phase: BesidePhase; rawBytes: number }): void
  /** Called before the first write; keep `xid` where a later process finds it: transactionStatus tells what became of it. */
  onTransaction(xid: string): Promise<void>
}
export type BesidePhase = 'defining' | 'loading' | 'indexes' | 'comparing'

export interface BesideResult {
  xid: string
  rows: number
  rawBytes: number
  /** same: to the byte; same_rows: every row to the byte, from several entries or in another order */
  verdict: 'same' | 'same_rows'
}

const nothing = 'Nothing of it is in the database: everything was rolled back.'

/**
 * Makes the table under its new name, with its rows, and holds it against the manifest: in one transaction, so that a process that dies leaves
 * nothing. Locks nothing that is live, but an old parent for a moment. Throws `indeterminate` only where the server cannot be asked what became of the COMMIT.
 */
export async function restoreBeside(conn: Connection, options: BesideOptions): Promise<BesideResult> {
  const { beside, tables } = options
  const settings = sessionSettings(tables[0]?.settings ?? {})
  const client = await openCopySession(conn, { signal: options.signal, writable: true, settings, lockTimeoutMs: 10_000 })
  const unwatch = cutOnAbort(client, options.signal)
  let xid = ''
  let done: Omit<BesideResult, 'xid'>
  try {
    for (const [name, value] of [
      ['standard_conforming_strings', 'on'],
      ['client_encoding', 'UTF8'],
      ['default_tablespace', ''],
    ]) {
      await client.query('SELECT pg_catalog.set_config($1, $2, false)', [name, value])
    }
    await client.query('BEGIN')
    const { rows } = await client.query<{ xid: string }>('SELECT pg_catalog.txid_current()::pg_catalog.text AS xid')
    xid = rows[0]?.xid ?? ''
    await options.onTransaction(xid)
    done = await inTransaction(client, options)
    failPoint('beside.before_commit')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    await client.end().catch(() => {})
    options.signal.throwIfAborted()
    throw tableError(error, beside, nothing)
  } finally {
    unwatch()
  }
  try {
    await client.query('COMMIT')
  } catch (error) {
    const status = await transactionStatus(conn, xid).catch(() => null)
    if (status === 'aborted') throw tableError(error, beside, nothing)
    if (status !== 'committed') {
      throw new LifeboatError(
        'indeterminate',
        `The connection broke while ${beside.name} was committed, and the server cannot be asked what became of it.`,
        `Either all of the new table is there or nothing. Ask the server: SELECT txid_status(${xid}).`,
        { cause: error, detail: { xid } },
      )
    }
  } finally {
    await client.end().catch(() => {})
  }
  failPoint('beside.committed')
  return { ...done, xid }
}

async function inTransaction(client: Client, options: BesideOptions): Promise<Omit<BesideResult, 'xid'>> {
  const { beside, tables } = options
  let rawBytes = 0
  const tell = (phase: BesidePhase) => options.onProgress?.({ phase, rawBytes })
  tell('defining')
  const into = { schema: beside.schema, table: beside.name }
  for (const statement of beside.define.slice(0, 1)) await client.query(statement)
  // before a row is there, so that none is ever seen through a parent
  for (const parent of beside.parents) {
    await client.query(`ALTER TABLE ${qualified(into.schema, into.table)} NO INHERIT ${qualified(parent.schema, parent.name)}`)
  }
  for (const statement of beside.define.slice(1)) await client.query(statement)
  failPoint('beside.defined')
  let rows = 0
  for (const table of tables) {
    tell('loading')
    const columns = table.columns.length === 0 ? '' : ` (${quotedColumns(table.columns)})`
    const copy = `COPY ${qualified(into.schema, into.table)}${columns} FROM STDIN WITH (ENCODING ${quoteText(table.encoding)})`
    rows += await copyIn(client, copy, await table.open(), (count) => {
      rawBytes += count
      tell('loading')
    })
  }
  failPoint('beside.loaded')
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
  return { rows, rawBytes, verdict: await compare(client, into, tables) }
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
