import { mkdtemp, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { LifeboatError, asLifeboatError } from '#lib/domain/errors.ts'
import { removeDirectory } from '../process/remove-directory.ts'
import { spawnTool } from '../process/run.ts'
import type { Connection } from './connection.ts'
import { dumpError, namedLockHolder } from './dump-error.ts'
import { type Writer, followTable } from './follow.ts'
import { LargeObjectWatch, isLargeObject, namesIn } from './large-object-watch.ts'
import { listLargeObjects, packLargeObjects } from './large-objects.ts'
import { type Toc, parseToc, tableData } from './toc.ts'
import { withToolEnv } from './tool-env.ts'
import { StallWatch } from './stall.ts'

/** One thing to seal. `open()` may be called once; its iterable throws when pg_dump fails, and ends only at the data's true end. A chunk holds until the next is asked for. */
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
  /** that pg_dump has begun to write; they are packed when it has ended */
  largeObjects: number
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
  schemaOnly?: boolean
  /** no data at all, but with what is computed from data (materialised views are refreshed); as of an exported snapshot where one is given */
  definitionsOnly?: { snapshot: string | null }
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

/** Resolves only after pg_dump ended with 0 and each onEntry resolved. Throws LifeboatError. Nothing of it stays in the staging directory. */
export async function dump(conn: Connection, options: DumpOptions): Promise<DumpResult> {
  const work = await mkdtemp(join(options.stagingDir, 'dump-'))
  const run = new DumpRun(join(work, 'archive'), options)
  try {
    await withToolEnv(conn, options.stagingDir, (tool) => run.tool(tool.env), options.settings)
    return await run.finish()
  } catch (error) {
    throw await namedLockHolder(asLifeboatError(error), conn)
  } finally {
    run.close()
    await removeDirectory(work)
  }
}

const pollMs = 20
/** Between two looks into a directory with 100,000 large objects, each of which takes a tenth of it. */
const longestPauseMs = 1000

class DumpRun {
  readonly #dir: string
  readonly #options: DumpOptions
  readonly #stop = new AbortController()
  readonly #stall: StallWatch
  readonly #signal: AbortSignal
  readonly #progress: DumpProgress = { phase: 'schema', tablesDone: 0, rawBytes: 0, largeObjects: 0 }
  readonly #seen = new Set<string>()
  readonly #open = new Set<Promise<void>>()
  readonly #objects: LargeObjectWatch
  #ended = false

  constructor(dir: string, options: DumpOptions) {
    this.#dir = dir
    this.#options = options
    const stallMs = options.stallMs ?? 600_000
    this.#stall = new StallWatch(stallMs, 'pg_dump', this.#stop)
    this.#objects = new LargeObjectWatch(dir, stallMs / 10)
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal])
  }

  /** Runs pg_dump and follows its files until both are through. */
  async tool(env: Record<string, string>): Promise<void> {
    const tool = spawnTool({
      path: this.#options.toolPath,
      args: this.#arguments(),
      env,
      signal: this.#signal,
      onStderrLine: (line) => this.#said(line),
    })
      .then((result) => {
        if (result.code !== 0) throw dumpError(result)
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#ended = true
      })
    await Promise.all([tool, this.#follow().catch((error: unknown) => this.#fail(error))])
    await Promise.all(this.#open)
    this.#signal.throwIfAborted()
  }

  /** The parts that exist only after pg_dump ended well: large objects, then the table of contents. */
  async finish(): Promise<DumpResult> {
    // before the table of contents is read: with a million large objects that takes memory
    const objects = await listLargeObjects(this.#dir)
    if (objects.length > 0) {
      this.#tell({ phase: 'large_objects' })
      await this.#consume('large_objects', null, () => packLargeObjects(this.#dir, objects, (count) => this.#read(count)))
    }
    const bytes = await readFile(join(this.#dir, 'toc.dat'))
    const toc = parseToc(bytes)
    const data = tableData(toc)
    for (const entry of data) {
      if (!this.#seen.delete(entry.filename ?? '')) throw unmatched(`“${entry.schema}.${entry.tag}” has no data file`)
    }
    if (this.#seen.size > 0) throw unmatched('a data file belongs to no table')
    await this.#consume('toc', null, () => inPieces(bytes))
    return {
      toc,
      tables: new Map(
        data.map((one) => [one.dumpId, { dumpId: one.dumpId, schema: one.schema ?? '', table: one.tag, viaPartitionRoot: one.viaPartitionRoot }]),
      ),
      largeObjects: objects.length,
      toolVersion: toc.toolVersion,
      archiveVersion: toc.archiveVersion,
    }
  }

  close(): void {
    this.#stall.close()
  }

  /** --enable-row-security is never given: it would leave rows out without an error. */
  #arguments(): string[] {
    const { jobs, lockTimeoutMs, dataOnly, schemaOnly, definitionsOnly } = this.#options
    return [
      '--format=directory',
      `--jobs=${Math.max(1, jobs)}`,
      '--compress=0',
      '--no-sync',
      '--no-password',
      `--lock-wait-timeout=${lockTimeoutMs ?? 60_000}`,
      ...(schemaOnly ? ['--schema-only'] : []),
      ...(dataOnly ? ['--data-only', '--blobs'] : []),
      ...(definitionsOnly ? ['--section=pre-data', '--section=post-data', '--no-blobs'] : []),
      ...(definitionsOnly?.snapshot ? [`--snapshot=${definitionsOnly.snapshot}`] : []),
      `--file=${this.#dir}`,
    ]
  }

  async #follow(): Promise<void> {
    for (;;) {
      this.#signal.throwIfAborted()
      // asked before the directory is read, so that the last look is one at a directory that does not change any more
      const last = this.#ended
      for (const name of await this.#newFiles()) {
        while (this.#open.size >= Math.max(1, this.#options.jobs)) await Promise.race(this.#open)
        this.#signal.throwIfAborted()
        this.#start(name)
      }
      if (last) return
      await pause(Math.max(pollMs, Math.min(longestPauseMs, this.#progress.largeObjects / 100)))
    }
  }

  async #newFiles(): Promise<string[]> {
    const files: string[] = []
    let objects = 0
    for await (const names of namesIn(this.#dir, 1024)) {
      for (const name of names) {
        if (isLargeObject(name)) objects++
        else if (/^\d+\.dat$/.test(name) && !this.#seen.has(name)) files.push(name)
      }
    }
    // nothing reads large objects while pg_dump writes them, and 100,000 of them may take longer than a dump may stand still
    if (await this.#objects.moved(objects)) {
      this.#stall.touch()
      this.#tell({ phase: 'data', largeObjects: objects })
    }
    return files
  }

  #start(name: string): void {
    this.#seen.add(name)
    this.#progress.phase = 'data'
    const writer: Writer = { ended: () => this.#ended, assertGood: () => this.#signal.throwIfAborted(), onBytes: (count) => this.#read(count) }
    const entry: Promise<void> = this.#consume('table', Number.parseInt(basename(name, '.dat'), 10), () => followTable(join(this.#dir, name), writer))
      .then(() => {
        this.#tell({ tablesDone: this.#progress.tablesDone + 1 })
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#open.delete(entry))
    this.#open.add(entry)
  }

  async #consume(kind: DumpEntrySource['kind'], dumpId: number | null, open: () => AsyncIterable<Buffer>): Promise<void> {
    let opened = false
    await this.#options.onEntry({
      kind,
      dumpId,
      open: () => {
        if (opened) throw new Error('an entry of a dump can be read once')
        opened = true
        return open()
      },
    })
    this.#stall.touch()
  }

  #read(count: number): void {
    this.#stall.touch()
    this.#tell({ rawBytes: this.#progress.rawBytes + count })
  }

  #tell(change: Partial<DumpProgress>): void {
    Object.assign(this.#progress, change)
    this.#options.onProgress?.({ ...this.#progress })
  }

  #said(line: string): void {
    if (line.startsWith('pg_dump: warning: ')) this.#options.onWarning?.(line.slice('pg_dump: warning: '.length))
  }

  /** The first failure is the one that is told; everything else then ends by it. */
  #fail(error: unknown): void {
    if (!this.#signal.aborted) this.#stop.abort(error)
  }
}

/** As large as any other entry's: with 100,000 large objects a table of contents has 19 MB, and whoever seals it would hold it again. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1 << 20) yield bytes.subarray(at, at + (1 << 20))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function unmatched(why: string): LifeboatError {
  return new LifeboatError('tool_failed', `pg_dump’s output does not fit its table of contents: ${why}.`, 'The backup was not written. Try again.')
}
