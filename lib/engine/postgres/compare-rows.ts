import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import type { RowComparison } from '#lib/domain/plan.ts'
import type { BackupTable } from './backup-table.ts'
import { otherTypes } from './column-types.ts'
import type { Connection } from './connection.ts'
import { copyOut } from './copy-out.ts'
import { openCopySession } from './copy-session.ts'
import { type DigestSource, digestInto } from './digest-rows.ts'
import { joinRecords } from './join-records.ts'
import { copyOutOf, type LiveTable, requireLiveTable } from './live-table.ts'
import { sessionSettings } from './restore.ts'
import { readSamples, type Wanted } from './row-samples.ts'
import { SortedRecords } from './sorted-records.ts'
import { tableError } from './table-error.ts'

export interface CompareRowsOptions {
  backup: BackupTable
  /** private directory: keyed digests of keys and rows are kept there meanwhile (digest-record.ts), never a value */
  stagingDir: string
  signal: AbortSignal
  /** of each kind, at most; default 5 */
  samples?: number
  onProgress?(progress: { phase: 'reading the backup' | 'reading the live table' | 'comparing rows' | 'looking at samples'; rows: number }): void
}

/**
 * Holds the rows of a backup's table against those of the live table of the same name, as COPY text, by the live table's primary key; where
 * there is none, or the backup has not its columns, whole rows are counted against each other and none is `different`. Columns that only
 * one side has are told and left out. Text decides: keys that are equal and written differently (numeric 1.0 and 1.00) are two rows.
 * One read-only snapshot of the live server; nothing is written there. Samples hold values: they go to whoever asked, and into no log.
 */
export async function compareRows(conn: Connection, options: CompareRowsOptions): Promise<RowComparison> {
  const client = await openCopySession(conn, {
    signal: options.signal,
    writable: false,
    settings: sessionSettings(options.backup.settings),
    lockTimeoutMs: 10_000,
  })
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const live = await requireLiveTable(client, options.backup)
    return await compare(client, live, options)
  } catch (error) {
    options.signal.throwIfAborted()
    throw tableError(error, options.backup, 'Nothing was changed.')
  } finally {
    await client.end().catch(() => {})
  }
}

/** The common columns in the backup's order, and where they stand in either text. */
export function commonColumns(backup: BackupTable, live: LiveTable): { names: string[]; key: string[] } {
  const there = new Set(live.columns.map((column) => column.name))
  const names = backup.columns.filter((name) => there.has(name))
  const key = live.key.every((name) => names.includes(name)) ? live.key : []
  return { names, key }
}

async function compare(client: Client, live: LiveTable, options: CompareRowsOptions): Promise<RowComparison> {
  const { backup, signal } = options
  const { names, key } = commonColumns(backup, live)
  const secret = randomBytes(32)
  const places = (columns: readonly string[], all: readonly string[]) => columns.map((name) => all.indexOf(name)).sort((one, other) => one - other)
  const fromBackup = async (): Promise<DigestSource> => ({
    pieces: await backup.open(),
    endMark: true,
    shape: { columns: backup.columns.length, kept: places(names, backup.columns), key: places(key, backup.columns) },
  })
  const fromLive = async (): Promise<DigestSource> => ({
    pieces: copyOut(client, copyOutOf(live, names, backup.encoding)),
    endMark: false,
    shape: { columns: names.length, kept: names.map((_, index) => index), key: places(key, names) },
  })
  const left = new SortedRecords(options.stagingDir)
  const right = new SortedRecords(options.stagingDir)
  try {
    const tell = (phase: 'reading the backup' | 'reading the live table') => (rows: number) => options.onProgress?.({ phase, rows })
    await digestInto(left, await fromBackup(), { secret, signal, onRows: tell('reading the backup') })
    await digestInto(right, await fromLive(), { secret, signal, onRows: tell('reading the live table') })
    options.onProgress?.({ phase: 'comparing rows', rows: left.count + right.count })
    const { counts, wanted } = await count(left, right, options.samples ?? 5)
    options.onProgress?.({ phase: 'looking at samples', rows: wanted.size })
    const samples = await readSamples({ wanted, names, key, encoding: backup.encoding, secret, signal, fromBackup, fromLive, backup })
    const common = live.columns.filter((column) => names.includes(column.name))
    return {
      key,
      ...counts,
      samples,
      columnsOnlyBackup: backup.columns.filter((name) => !names.includes(name)),
      columnsOnlyLive: live.columns.filter((column) => column.generated === '' && !names.includes(column.name)).map((column) => column.name),
      columnsOfOtherType: otherTypes(backup.definition, common),
    }
  } finally {
    await left.close()
    await right.close()
  }
}

type Counts = Pick<RowComparison, 'onlyBackup' | 'onlyLive' | 'different' | 'same'>

/** The digests' order is one of chance, so the first rows of each kind are a sample of chance as well. */
async function count(left: SortedRecords, right: SortedRecords, samples: number): Promise<{ counts: Counts; wanted: Map<string, Wanted> }> {
  const counts: Counts = { onlyBackup: 0, onlyLive: 0, different: 0, same: 0 }
  const wanted = new Map<string, Wanted>()
  const taken = { only_backup: 0, only_live: 0, different: 0 }
  await joinRecords(left, right, ({ key, same, onlyLeft, onlyRight }) => {
    const different = Math.min(onlyLeft, onlyRight)
    counts.same += same
    counts.different += different
    counts.onlyBackup += onlyLeft - different
    counts.onlyLive += onlyRight - different
    const kind = different > 0 ? 'different' : onlyLeft > 0 ? 'only_backup' : onlyRight > 0 ? 'only_live' : null
    if (kind !== null && taken[kind] < samples) {
      taken[kind]++
      wanted.set(key.toString('latin1'), { kind, backup: null, live: null })
    }
  })
  return { counts, wanted }
}
