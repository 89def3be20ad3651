import type { Connection } from './connection.ts'
import type { Toc } from './toc.ts'

/** One thing to seal. `open()` may be called once; its iterable throws when pg_dump fails, and ends only at the data's true end. */
export interface DumpEntrySource {
  kind: 'table' | 'large_objects' | 'toc'
  /** only for `table`; schema and table follow from DumpResult.tables after the end */
  dumpId: number | null
  open(): AsyncIterable<Buffer>
}
export interface DumpTable {
  dumpId: number
  schema: string
  table: string
  viaPartitionRoot: boolean
}
export interface DumpProgress {
  phase: 'schema' | 'data' | 'large_objects'
  tablesDone: number
  rawBytes: number
}
export interface DumpOptions {
  /** private directory; what this writes below it is removed */
  stagingDir: string
  /** pg_dump, from chooseTool */
  toolPath: string
  jobs: number
  signal: AbortSignal
  /** waiting for a table's lock; default 60 s */
  lockTimeoutMs?: number
  /** no byte written or read for so long: killed, code `stalled`; default 600 s */
  stallMs?: number
  /** called once per entry, up to `jobs` at once; resolves when the entry's stream was consumed. A rejection ends the dump. */
  onEntry(entry: DumpEntrySource): Promise<void>
  onProgress?(progress: DumpProgress): void
  /** session settings as in a manifest (compare); default: as the session has them */
  settings?: Record<string, string>
  dataOnly?: boolean
  onWarning?(line: string): void
}
export interface DumpResult {
  toc: Toc
  tables: Map<number, DumpTable>
  largeObjects: number
  /** what pg_dump calls itself */
  toolVersion: string
  /** the archive's format version, `1.14` */
  archiveVersion: string
}
/** Resolves only after pg_dump ended with 0 and each onEntry resolved. Throws LifeboatError. */
export async function dump(_conn: Connection, _options: DumpOptions): Promise<DumpResult> {
  throw new Error('not built yet')
}
