import type { Client } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '../process/failpoint.ts'
import type { Connection } from './connection.ts'
import type { ForeignKey } from './foreign-keys.ts'
import { type LiveTable, nameOf, quotedTable, requireLiveTable } from './live-table.ts'
import { compareContent, loadRows } from './replace-content.ts'
import { lockTogether } from './lock-together.ts'
import { keysToDrop } from './replace-keys.ts'
import { blockersOf } from './replace-plan.ts'
import { bringRows, loadBeside } from './replace-rows.ts'
import { raiseSequences } from './replace-sequences.ts'
import { dropKeys, makeKeys, switchBack, switchOff } from './replace-switches.ts'
import type { ReplaceHooks, ReplaceOptions, ReplaceResult } from './replace-types.ts'
import { sessionSettings } from './restore.ts'
import { readTableDependencies, type TableDependencies, unchangedPart } from './table-dependencies.ts'
import { inTableTransaction } from './table-transaction.ts'

const defaultLockTimeoutMs = 10_000

/**
 * Brings rows of a backup into the live table of the same name, in one transaction: all of it, or nothing. The table stays the same object, so
 * views, privileges, policies and publications stay with it; what has to be off meanwhile is put back as it was, which is looked at before the
 * COMMIT, as the content is. Never CASCADE. Throws `indeterminate` only where the server cannot be asked what became of the COMMIT.
 */
export async function replaceTable(conn: Connection, options: ReplaceOptions, hooks: ReplaceHooks): Promise<ReplaceResult> {
  const of = {
    table: options.backup,
    settings: sessionSettings(options.backup.settings),
    lockTimeoutMs: options.lockTimeoutMs ?? defaultLockTimeoutMs,
    untouched: 'The table is untouched: everything was rolled back.',
    signal: options.signal,
    ...hooks,
  }
  return await inTableTransaction(conn, of, (client) => inTransaction(client, options))
}

async function inTransaction(client: Client, options: ReplaceOptions): Promise<Omit<ReplaceResult, 'xid'>> {
  const { backup, rows } = options
  let rawBytes = 0
  const tell = (phase: Parameters<NonNullable<ReplaceOptions['onProgress']>>[0]['phase']) => options.onProgress?.({ phase, rawBytes })
  const onBytes = (count: number) => {
    rawBytes += count
    tell('loading')
  }
  const before = await requireLiveTable(client, backup)
  if (rows !== 'all') {
    refuse(await look(client, before), before, options)
    const beside = await loadBeside(client, backup, before, onBytes)
    await compareContent(client, backup, beside)
  }
  tell('locking')
  const { live, found, dropped } = await lock(client, before, options)
  await switchOff(client, live, found)
  await dropKeys(client, dropped)
  const counts =
    rows === 'all' ? await refill(client, live, backup, onBytes) : { emptied: null, ...(await bringRows(client, { backup, live, found, rows })) }
  // what waits for the end of the transaction would stand in the way of making keys and switching triggers
  await client.query('SET CONSTRAINTS ALL IMMEDIATE')
  failPoint('table.loaded')
  tell('recreating keys')
  await makeKeys(client, dropped)
  tell('comparing')
  // while forced row security is off
  const verdict = rows === 'all' ? await compareContent(client, backup, live) : 'rows'
  await switchBack(client, live, found)
  const sequences = await raiseSequences(client, backup, found.sequences)
  failPoint('table.keys_made')
  const after = await look(client, live)
  if (unchangedPart(after) !== unchangedPart(found))
    throw new LifeboatError('failed', `What hangs on ${nameOf(live)} could not be put back as it was.`)
  return { oid: live.oid, ...counts, verdict, sequences }
}

async function refill(
  client: Client,
  live: LiveTable,
  backup: ReplaceOptions['backup'],
  onBytes: (count: number) => void,
): Promise<Pick<ReplaceResult, 'emptied' | 'inserted' | 'updated' | 'skipped'>> {
  const { rows } = await client.query<{ count: string }>(`SELECT pg_catalog.count(*) AS count FROM ONLY ${quotedTable(live)}`)
  // RESTRICT: with a key that still refers to the table the server refuses
  await client.query(`TRUNCATE TABLE ONLY ${quotedTable(live)} CONTINUE IDENTITY RESTRICT`)
  failPoint('table.emptied')
  await loadRows(client, backup, live, onBytes)
  return { emptied: Number(rows[0]?.count ?? 0), inserted: backup.rows, updated: 0, skipped: 0 }
}

/**
 * The table, and those whose keys are dropped. What hangs on the table is read before, to know what to lock, and again behind the locks, where
 * it cannot change any more.
 */
async function lock(
  client: Client,
  before: LiveTable,
  options: ReplaceOptions,
): Promise<{ live: LiveTable; found: TableDependencies; dropped: ForeignKey[] }> {
  const toDrop = (found: TableDependencies) => keysToDrop(found.foreignKeys, before, options.rows)
  const first = await look(client, before)
  refuse(first, before, options)
  await lockTogether(client, [...toDrop(first).map((key) => key.from), before], options.lockTimeoutMs ?? defaultLockTimeoutMs)
  const live = await requireLiveTable(client, options.backup)
  const found = await look(client, live)
  if (live.oid !== before.oid || JSON.stringify(toDrop(found)) !== JSON.stringify(toDrop(first))) {
    throw new LifeboatError('refused', `${nameOf(live)} or what refers to it was altered at the same moment.`, 'Try again.')
  }
  refuse(found, live, options)
  return { live, found, dropped: toDrop(found) }
}

async function look(client: Client, live: LiveTable): Promise<TableDependencies> {
  return await readTableDependencies(client, live.oid)
}

function refuse(found: TableDependencies, live: LiveTable, options: ReplaceOptions): void {
  const [first] = blockersOf(found, live, options)
  if (first !== undefined) throw new LifeboatError('blocked', first.message, first.remedy)
}
