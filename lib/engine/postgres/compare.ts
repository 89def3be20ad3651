import { createHash } from 'node:crypto'
import type { Connection } from './connection.ts'
import { type DumpEntrySource, dump } from './dump.ts'
import { rowsFromNewlines } from './follow.ts'
import { LineHash } from './line-hash.ts'
import { sessionSettings } from './restore.ts'
import type { Toc } from './toc.ts'

export interface TableHash {
  schema: string
  table: string
  rows: number
  rawBytes: number
  /** comparable with the manifest's rawSha256 of the same table */
  rawSha256: string
  viaPartitionRoot: boolean
  /** order-independent hash of the rows (line-hash.ts): sums up over the leaves of a partition root; null unless asked for */
  lineSum: string | null
}
export interface HashOptions {
  stagingDir: string
  /** pg_dump of the major that took the backup */
  toolPath: string
  jobs: number
  signal: AbortSignal
  /** the manifest's `settings` */
  settings: Record<string, string>
  /** also compute lineSum: needed where the manifest has tables with viaPartitionRoot */
  lineSums?: boolean
  onProgress?(progress: { tablesDone: number; rawBytes: number }): void
}
export interface DatabaseHash {
  tables: TableHash[]
  /** schema included */
  toc: Toc
  /** null: the database has none */
  largeObjects: { count: number; rawSha256: string } | null
}

interface Hashed {
  rows: number
  rawBytes: number
  rawSha256: string
  lineSum: string | null
}

/**
 * Dumps the database again with the same tool and settings, hashing and storing nothing. Equal data gives equal hashes, also after a parallel
 * restore; only tables that are loaded through their partition root may land in other leaves, and are compared per root by lineSum.
 */
export async function hashTables(conn: Connection, options: HashOptions): Promise<DatabaseHash> {
  const found = new Map<number, Hashed>()
  let largeObjects: string | null = null
  const onEntry = async (entry: DumpEntrySource) => {
    if (entry.kind === 'toc') return
    const hashed = await hashEntry(entry.open(), options.lineSums === true && entry.kind === 'table')
    if (entry.dumpId === null) largeObjects = hashed.rawSha256
    else found.set(entry.dumpId, hashed)
  }
  const result = await dump(conn, {
    stagingDir: options.stagingDir,
    toolPath: options.toolPath,
    jobs: options.jobs,
    signal: options.signal,
    settings: sessionSettings(options.settings),
    onEntry,
    onProgress: (progress) => options.onProgress?.(progress),
  })
  const tables = [...result.tables.values()].flatMap(({ dumpId, schema, table, viaPartitionRoot }) => {
    const hashed = found.get(dumpId)
    return hashed ? [{ schema, table, viaPartitionRoot, ...hashed }] : []
  })
  return { tables, toc: result.toc, largeObjects: largeObjects === null ? null : { count: result.largeObjects, rawSha256: largeObjects } }
}

/** Hashes one entry's plaintext as hashTables does; for the backup's own entries of partition roots. */
export async function hashEntry(source: AsyncIterable<Buffer>, lineSums: boolean): Promise<Hashed> {
  const hash = createHash('sha256')
  const lines = lineSums ? new LineHash() : null
  let rawBytes = 0
  let newlines = 0
  for await (const piece of source) {
    hash.update(piece)
    lines?.update(piece)
    rawBytes += piece.length
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) newlines++
  }
  return { rows: rowsFromNewlines(newlines), rawBytes, rawSha256: hash.digest('hex'), lineSum: lines?.digest() ?? null }
}
