import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest, ManifestEntry } from '#lib/domain/manifest.ts'
import { stamp } from '#lib/domain/names.ts'
import { type BackupTable, backupTable } from '#lib/engine/postgres/backup-table.ts'
import { type BesideTable, besideTable } from '#lib/engine/postgres/beside-definitions.ts'
import { parseToc, type Toc } from '#lib/engine/postgres/toc.ts'
import type { TableRestore } from '../definition.ts'
import type { FetchedCopy } from '../fetch.ts'
import { readToc } from '../read-entries.ts'

/** Throws corrupt: every backup has one. */
export function tocEntry(manifest: Manifest): ManifestEntry {
  const toc = manifest.entries.find((entry) => entry.kind === 'toc')
  if (toc === undefined) throw new LifeboatError('corrupt', 'The manifest names no table of contents.')
  return toc
}

/** The one entry with the table's rows. Throws `not_found`, also for a partitioned table, which has none of its own. */
export function dataEntry(manifest: Manifest, of: { schema: string; table: string }): ManifestEntry {
  const data = manifest.entries.find((entry) => entry.kind === 'table' && entry.schema === of.schema && entry.table === of.table)
  if (data === undefined) throw new LifeboatError('not_found', `${manifest.name} holds no rows of a table ${of.schema}.${of.table}.`)
  return data
}

export interface PreparedTable {
  toc: Toc
  /** entries with its rows: one, or that of each leaf of a partitioned table that comes beside */
  data: ManifestEntry[]
  rows: number
  /** as COPY text */
  rawBytes: number
  /** null: its rows go into the live table */
  beside: BesideTable | null
}

/** What the backup says of the table. `fetched` holds the table of contents. Throws `not_found`, `refused`. */
export async function prepareTable(input: TableRestore, fetched: FetchedCopy): Promise<PreparedTable> {
  const { manifest } = fetched
  const toc = parseToc(await readToc(fetched))
  const beside = input.way === 'replace' ? null : besideTable(toc, input, `_restored_${stamp(new Date())}`)
  const data = beside === null ? [dataEntry(manifest, input)] : beside.data.map((dumpId) => entryOf(manifest, dumpId))
  return {
    toc,
    data,
    rows: data.reduce((sum, entry) => sum + (entry.rows ?? 0), 0),
    rawBytes: data.reduce((sum, entry) => sum + entry.rawBytes, 0),
    beside,
  }
}

/** The tables whose rows are in those entries. `fetched` holds them when they are opened, not before. */
export function tablesOf({ toc, data }: PreparedTable, fetched: FetchedCopy): BackupTable[] {
  return data.map((entry) =>
    backupTable(toc, entry.dumpId ?? -1, {
      rows: entry.rows ?? 0,
      rawSha256: entry.rawSha256,
      settings: fetched.manifest.settings,
      viaPartitionRoot: entry.viaPartitionRoot === true,
      open: () => fetched.open(entry),
    }),
  )
}

function entryOf(manifest: Manifest, dumpId: number): ManifestEntry {
  const found = manifest.entries.find((entry) => entry.kind === 'table' && entry.dumpId === dumpId)
  if (found === undefined) throw new LifeboatError('corrupt', 'The manifest has no entry for rows that the table of contents names.')
  return found
}
