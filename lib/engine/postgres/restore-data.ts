import type { Client } from 'pg'
import type { Connection } from './connection.ts'
import { failPoint } from '../process/failpoint.ts'
import { copyIn } from './copy-in.ts'
import { copyStatementOf } from './copy-statement.ts'
import { cutOnAbort, openCopySession } from './copy-session.ts'
import { quoteName } from './quote-name.ts'
import { loadLargeObjects } from './large-object-load.ts'
import { copyError } from './restore-error.ts'
import type { Toc, TocEntry } from './toc.ts'

export type Source = () => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>

export interface DataLoad {
  toc: Toc
  /** in the order in which they are begun */
  tables: { entry: TocEntry; source: Source }[]
  largeObjects: Source | null
  jobs: number
  signal: AbortSignal
  settings: Record<string, string>
  onBytes: (count: number) => void
  onTable: () => void
}

/** Loads table data and large objects over up to `jobs` sessions of our own, each table by the COPY of its table of contents. */
export async function loadData(conn: Connection, load: DataLoad): Promise<void> {
  const created = createdTables(load.toc)
  const queue = load.tables.map(
    ({ entry, source }) =>
      (client: Client) =>
        loadTable(client, entry, source, { ...load, created }),
  )
  const { largeObjects } = load
  if (largeObjects) queue.unshift(async (client) => void (await loadLargeObjects(client, await largeObjects(), load.onBytes)))

  const stop = new AbortController()
  const signal = AbortSignal.any([load.signal, stop.signal])
  const worker = async () => {
    const client = await openCopySession(conn, { signal, writable: true, settings: load.settings })
    const unwatch = cutOnAbort(client, signal)
    try {
      for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) await next(client)
    } catch (error) {
      if (!signal.aborted) stop.abort(error)
    } finally {
      unwatch()
      await client.end().catch(() => {})
    }
  }
  const workers = Array.from({ length: Math.min(Math.max(1, load.jobs), queue.length) }, worker)
  await Promise.all(workers.map((one) => one.catch((error: unknown) => stop.abort(error))))
  signal.throwIfAborted()
}

async function loadTable(client: Client, entry: TocEntry, source: Source, load: DataLoad & { created: ReadonlySet<number> }): Promise<void> {
  const statement = copyStatementOf(entry, load.toc.encoding)
  const rows = await source()
  try {
    await client.query('BEGIN')
    if (isOurs(entry, load.created)) await client.query(`TRUNCATE TABLE ONLY ${quoteName(entry.schema ?? '')}.${quoteName(entry.tag)}`)
    await copyIn(client, statement, rows, load.onBytes)
    failPoint('table.loaded')
    await client.query('COMMIT')
  } catch (error) {
    throw copyError(error, entry)
  }
  load.onTable()
}

/**
 * A table that this restore has created is emptied in the transaction that fills it, as pg_restore does in parallel: the server then neither
 * writes WAL for it (wal_level minimal) nor looks for gaps in earlier pages, so its rows lie, and dump again, in the order of the backup.
 * Not a table of an extension, which holds rows of its own, and not one that is loaded through its partition root.
 */
function isOurs(entry: TocEntry, created: ReadonlySet<number>): boolean {
  return !entry.viaPartitionRoot && entry.dependencies.some((dumpId) => created.has(dumpId))
}

function createdTables(toc: Toc): Set<number> {
  return new Set(toc.entries.filter((entry) => entry.desc === 'TABLE').map((entry) => entry.dumpId))
}
