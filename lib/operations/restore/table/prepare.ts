import { derivedName } from '#lib/domain/derived-name.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest, ManifestEntry } from '#lib/domain/manifest.ts'
import { stamp } from '#lib/domain/names.ts'
import { type BackupTable, backupTable } from '#lib/engine/postgres/backup-table.ts'
import { type BesideStatements, besideStatements } from '#lib/engine/postgres/beside-statements.ts'
import { parseToc, type Toc } from '#lib/engine/postgres/toc.ts'
import type { RunContext } from '../../run-context.ts'
import type { TableRestore } from '../definition.ts'
import type { FetchedCopy } from '../fetch.ts'
import { readToc } from '../read-entries.ts'

/** The two entries that a table needs, and no others. Throws `not_found`. */
export function entriesOf(manifest: Manifest, of: { schema: string; table: string }): { toc: ManifestEntry; data: ManifestEntry } {
  const toc = manifest.entries.find((entry) => entry.kind === 'toc')
  const data = manifest.entries.find((entry) => entry.kind === 'table' && entry.schema === of.schema && entry.table === of.table)
  if (toc === undefined) throw new LifeboatError('corrupt', 'The manifest names no table of contents.')
  if (data?.dumpId === undefined) throw new LifeboatError('not_found', `${manifest.name} holds no table ${of.schema}.${of.table}.`)
  return { toc, data }
}

export interface PreparedTable {
  toc: Toc
  backup: BackupTable
  /** of its data, as COPY text */
  rawBytes: number
  /** of the table beside; null: its rows go into the live one */
  beside: { statements: BesideStatements; buildSchema: string; name: string; suffix: string } | null
}

/** What the backup says of the table. `fetched` holds the table of contents; its rows are asked for only when they are read. */
export async function prepareTable(context: RunContext, input: TableRestore, fetched: FetchedCopy): Promise<PreparedTable> {
  const { manifest } = fetched
  const { data } = entriesOf(manifest, input)
  const toc = parseToc(await readToc(fetched))
  const backup = backupTable(toc, data.dumpId ?? -1, {
    rows: data.rows ?? 0,
    rawSha256: data.rawSha256,
    settings: manifest.settings,
    viaPartitionRoot: data.viaPartitionRoot === true,
    open: () => fetched.open(data),
  })
  if (input.way === 'replace') return { toc, backup, rawBytes: data.rawBytes, beside: null }
  const buildSchema = `lifeboat_${context.attempt}`
  const suffix = `_restored_${stamp(new Date())}`
  const statements = await besideStatements(toc, input, buildSchema)
  return { toc, backup, rawBytes: data.rawBytes, beside: { statements, buildSchema, name: derivedName(input.table, suffix), suffix } }
}
