import type { Client } from 'pg'
import { failPoint } from '../process/failpoint.ts'
import { sourceError, sourceSafe } from './clone-error.ts'
import { createLargeObjects, describeLargeObjects, streamLargeObjects } from './clone-objects.ts'
import { rangesOf } from './clone-ranges.ts'
import { keepsOrder, type TableRead, TextHash, together } from './clone-read.ts'
import { copyInStatement, copyOutStatement, type CloneTable, type PageRange, qualified } from './clone-tables.ts'
import type { CloneSnapshot } from './clone-snapshot.ts'
import type { Connection } from './connection.ts'
import { copyIn } from './copy-in.ts'
import { copyOut } from './copy-out.ts'
import { cutOnAbort, openCopySession } from './copy-session.ts'
import { loadLargeObjects } from './large-object-load.ts'
import { copyError } from './restore-error.ts'

export interface DataStream {
  source: Connection
  target: Connection
  snapshot: CloneSnapshot
  jobs: number
  signal: AbortSignal
  /** TimeZone, bytea_output, lc_monetary of the source */
  settings: Record<string, string>
  withoutGrants: boolean
  cutAbove?: number
  onBytes(count: number): void
  onTable(): void
}
export interface CopiedTable extends TableRead {
  table: CloneTable
  ranges: readonly (PageRange | null)[]
}
export interface CopiedData {
  tables: CopiedTable[]
  /** of the stream of large-objects.ts; null: there are none */
  largeObjectsSha256: string | null
}

/** One COPY, or all large objects: what a pair of sessions does at a stretch. */
interface Task {
  bytes: number
  run(source: Client, target: Client): Promise<void>
}

/**
 * Streams every row of the snapshot into the tables of the target, over `jobs` pairs of sessions, the largest first; then the large objects'
 * descriptions and the sequences' states. Nothing of it touches a disk of this machine. Each table is hashed as it passes.
 */
export async function streamData(stream: DataStream): Promise<CopiedData> {
  const { snapshot } = stream
  const all = { bytes: snapshot.tables.reduce((sum, table) => sum + table.bytes, 0), jobs: stream.jobs, versionNum: snapshot.versionNum }
  const parts = new Map<CloneTable, { ranges: (PageRange | null)[]; read: TableRead[] }>()
  const tasks: Task[] = []
  for (const table of snapshot.tables) {
    const ranges = rangesOf(table, { ...all, cutAbove: stream.cutAbove })
    const part = { ranges, read: [] as TableRead[] }
    parts.set(table, part)
    for (const range of ranges) {
      const run = async (source: Client, target: Client) => {
        part.read.push(await copyRange(stream, { table, range, ranges, source, target }))
        if (part.read.length === ranges.length) stream.onTable()
      }
      tasks.push({ bytes: table.bytes / ranges.length, run })
    }
  }
  let largeObjectsSha256: string | null = null
  if (snapshot.largeObjects.length > 0) {
    const run = async (source: Client, target: Client) => {
      largeObjectsSha256 = await copyLargeObjects(stream, source, target)
    }
    tasks.push({ bytes: snapshot.largeObjects.reduce((sum, { size }) => sum + size + 1000, 0), run })
  }
  tasks.sort((a, b) => b.bytes - a.bytes)
  await inPairs(stream, tasks)
  await snapshot.assertHeld()
  return { tables: [...parts].map(([table, { ranges, read }]) => ({ table, ranges, ...together(read) })), largeObjectsSha256 }
}

/** Each pair takes the next task as soon as it is done with one. The first failure ends all of them. */
async function inPairs(stream: DataStream, tasks: Task[]): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([stream.signal, stop.signal])
  const pair = async () => {
    const source = await openReader(stream, signal)
    const target = await openWriter(stream, signal).catch(async (error: unknown) => {
      await source.end().catch(() => {})
      throw error
    })
    const watches = [cutOnAbort(source, signal), cutOnAbort(target, signal)]
    try {
      for (let next = tasks.shift(); next && !signal.aborted; next = tasks.shift()) await next.run(source, target)
    } catch (error) {
      if (!signal.aborted) stop.abort(error)
    } finally {
      for (const off of watches) off()
      await Promise.all([source.end().catch(() => {}), target.end().catch(() => {})])
    }
  }
  const pairs = Array.from({ length: Math.min(Math.max(1, stream.jobs), tasks.length) }, pair)
  await Promise.all(
    pairs.map((one) =>
      one.catch((error: unknown) => {
        if (!signal.aborted) stop.abort(error)
      }),
    ),
  )
  signal.throwIfAborted()
}

/** A session that sees the moment of the snapshot. */
async function openReader({ source, snapshot, settings }: DataStream, signal: AbortSignal): Promise<Client> {
  const client = await openCopySession(source, { signal, writable: false, settings, lockTimeoutMs: 60_000 })
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await client.query(`SET TRANSACTION SNAPSHOT ${client.escapeLiteral(snapshot.id)}`)
    return client
  } catch (error) {
    await client.end().catch(() => {})
    signal.throwIfAborted()
    throw sourceError(error, 'its snapshot')
  }
}

function openWriter({ target, settings }: DataStream, signal: AbortSignal): Promise<Client> {
  return openCopySession(target, { signal, writable: true, settings })
}

async function copyRange(
  { snapshot, onBytes }: DataStream,
  one: { table: CloneTable; range: PageRange | null; ranges: readonly (PageRange | null)[]; source: Client; target: Client },
): Promise<TableRead> {
  const { table, range, ranges, source, target } = one
  const hash = new TextHash(keepsOrder(table, ranges))
  const rows = fromSource(copyOut(source, copyOutStatement(table, range, snapshot.encoding)), `${table.schema}.${table.table}`)
  try {
    await target.query('BEGIN')
    // as pg_restore does in parallel: no WAL under wal_level minimal, and the rows lie in the order in which they came
    if (keepsOrder(table, ranges)) await target.query(`TRUNCATE TABLE ONLY ${qualified(table.schema, table.table)}`)
    await copyIn(target, copyInStatement(table, snapshot.encoding), hash.through(rows), onBytes)
    failPoint('clone.table')
    await target.query('COMMIT')
  } catch (error) {
    throw copyError(error, { schema: table.schema, tag: table.table }, sourceSafe)
  }
  return hash.digest()
}

async function copyLargeObjects(stream: DataStream, source: Client, target: Client): Promise<string> {
  const objects = stream.snapshot.largeObjects
  const hash = new TextHash(true)
  try {
    await createLargeObjects(target, objects)
    await loadLargeObjects(target, hash.through(fromSource(streamLargeObjects(source, objects), 'large objects')), stream.onBytes)
    await describeLargeObjects(target, objects, stream.withoutGrants)
  } catch (error) {
    throw copyError(error, { schema: null, tag: 'large objects' }, sourceSafe)
  }
  return hash.digest().rawSha256 ?? ''
}

async function* fromSource(source: AsyncIterable<Buffer>, what: string): AsyncGenerator<Buffer> {
  try {
    yield* source
  } catch (error) {
    throw sourceError(error, what)
  }
}
