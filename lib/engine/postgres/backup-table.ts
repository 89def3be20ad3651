import { LifeboatError } from '#lib/domain/errors.ts'
import { type Toc, type TocEntry, tableData } from './toc.ts'

/** One table of a backup, as its table of contents and its entry tell it. */
export interface BackupTable {
  schema: string
  table: string
  /** of its COPY, in that order; generated columns are not among them */
  columns: readonly string[]
  /** of the table of contents and of the data */
  encoding: string
  /** CREATE TABLE as pg_dump wrote it; null: the backup has none (a table of an extension) */
  definition: string | null
  /** from the manifest */
  rows: number
  rawSha256: string
  /** the manifest's `settings` */
  settings: Record<string, string>
  viaPartitionRoot: boolean
  /** every sequence of the backup: the live table says which are its own */
  sequences: readonly SequenceState[]
  /** authenticated COPY text with its end mark; asked for once or more */
  open(): AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>
}
export interface SequenceState {
  schema: string
  name: string
  lastValue: bigint
  isCalled: boolean
}

/** The table whose data is entry `dumpId` of this table of contents. Throws corrupt where the table of contents cannot be meant so. */
export function backupTable(
  toc: Toc,
  dumpId: number,
  from: Pick<BackupTable, 'rows' | 'rawSha256' | 'settings' | 'open'> & { viaPartitionRoot?: boolean },
): BackupTable {
  const entry = tableData(toc).find((one) => one.dumpId === dumpId)
  if (entry === undefined) throw corrupt('it has no data of this table')
  const created = toc.entries.find((one) => one.desc === 'TABLE' && one.schema === entry.schema && one.tag === entry.tag)
  return {
    rows: from.rows,
    rawSha256: from.rawSha256,
    settings: from.settings,
    open: from.open,
    viaPartitionRoot: entry.viaPartitionRoot || from.viaPartitionRoot === true,
    schema: entry.schema ?? '',
    table: entry.tag,
    columns: copyColumns(entry.copyStatement ?? ''),
    encoding: toc.encoding,
    definition: created?.defn ?? null,
    sequences: toc.entries.filter((one) => one.desc === 'SEQUENCE SET').map(sequenceState),
  }
}

/** The columns of `COPY schema.table (a, "b ""c") FROM stdin;`; throws corrupt for anything that pg_dump does not write. */
export function copyColumns(statement: string): string[] {
  const name = '(?:"(?:[^"]|"")+"|[^\\s",;()."]+)'
  const whole = new RegExp(`^COPY ${name}\\.${name} (?:\\((${name}(?:, ${name})*)\\))? ?FROM stdin;\\s*$`).exec(statement)
  if (whole === null) throw corrupt('a table’s COPY is not one that pg_dump writes')
  return [...(whole[1] ?? '').matchAll(new RegExp(name, 'g'))].map(([found]) =>
    found.startsWith('"') ? found.slice(1, -1).replaceAll('""', '"') : found,
  )
}

function sequenceState(entry: TocEntry): SequenceState {
  const [, value, called] = /, (-?\d{1,20}), (true|false)\);\s*$/.exec(entry.defn) ?? []
  if (value === undefined) throw corrupt('a sequence’s value is not one that pg_dump writes')
  return { schema: entry.schema ?? '', name: entry.tag, lastValue: BigInt(value), isCalled: called === 'true' }
}

function corrupt(why: string): LifeboatError {
  return new LifeboatError('corrupt', `The table of contents is damaged: ${why}.`, 'Nothing was restored from it. Use another copy or backup.')
}
