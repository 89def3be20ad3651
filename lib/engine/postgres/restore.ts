import type { Socket } from 'node:net'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LifeboatError, asLifeboatError } from '#lib/domain/errors.ts'
import { endFifo, makeFifos, tryOpenFifo, writePiece } from '../process/fifo.ts'
import { spawnTool } from '../process/run.ts'
import type { Connection } from './connection.ts'
import { terminateBackends } from './database.ts'
import { unpackLargeObjects } from './large-object-feed.ts'
import { restoreError } from './restore-error.ts'
import { StallWatch } from './stall.ts'
import { parseToc, tableData } from './toc.ts'
import { quotedConninfo, withToolEnv } from './tool-env.ts'

type Source = () => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>

export interface RestoreOptions {
  /** private 0700 directory for the table of contents, the FIFOs and the password file; emptied afterwards */
  stagingDir: string
  /** pg_restore, from chooseTool */
  toolPath: string
  /** authenticated bytes of toc.dat */
  toc: Buffer
  /** dump id -> its authenticated plaintext; asked for when pg_restore opens that file, at most `jobs` at once */
  entries: Map<number, Source>
  /** the packed large objects (large-objects.ts); null where the backup has none */
  largeObjects: Source | null
  jobs: number
  signal: AbortSignal
  /** the manifest's session settings */
  settings?: Record<string, string>
  noOwner?: boolean
  noPrivileges?: boolean
  /** no byte moved and no table finished for so long: killed; default 6 h, as building an index moves no byte */
  stallMs?: number
  onProgress?(progress: { tablesDone: number; tablesTotal: number; rawBytes: number }): void
}

/**
 * Restores into the existing, empty database that `conn` names. Resolves only when pg_restore ended with 0 and read every entry to its end.
 * On abort or error the process group is killed before any FIFO is closed (it would see a clean end of a table otherwise),
 * and server backends of this application_name are terminated.
 */
export async function restoreArchive(conn: Connection, options: RestoreOptions): Promise<{ tables: number; rawBytes: number }> {
  const work = await mkdtemp(join(options.stagingDir, 'restore-'))
  const feed = new Feed(join(work, 'archive'), options)
  try {
    await feed.prepare()
    await withToolEnv(conn, options.stagingDir, (tool) => feed.run(tool.env, conn.dbname), sessionSettings(options.settings))
    return feed.result()
  } catch (error) {
    await terminateBackends(conn, conn.applicationName).catch(() => 0)
    throw asLifeboatError(error)
  } finally {
    feed.close()
    await rm(work, { recursive: true, force: true })
  }
}

/** Those that COPY text depends on and that the archive itself does not set. */
export function sessionSettings(settings: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(['TimeZone', 'bytea_output', 'lc_monetary'].flatMap((name) => (settings[name] ? [[name, settings[name]]] : [])))
}

const pollMs = 20

class Feed {
  readonly #dir: string
  readonly #options: RestoreOptions
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #stall: StallWatch
  readonly #waiting = new Map<number, Source>()
  readonly #sockets = new Set<Socket>()
  readonly #open = new Set<Promise<void>>()
  readonly #progress = { tablesDone: 0, tablesTotal: 0, rawBytes: 0 }
  #ended = false

  constructor(dir: string, options: RestoreOptions) {
    this.#dir = dir
    this.#options = options
    this.#stall = new StallWatch(options.stallMs ?? 6 * 3600_000, 'pg_restore', this.#stop)
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal])
  }

  async prepare(): Promise<void> {
    const { entries, largeObjects, signal } = this.#options
    const toc = parseToc(this.#options.toc)
    for (const { dumpId, schema, tag } of tableData(toc)) {
      const source = entries.get(dumpId)
      if (!source) throw new LifeboatError('missing', `The backup has no data for ${schema}.${tag}.`, 'Nothing was restored. Use another copy.')
      this.#waiting.set(dumpId, source)
    }
    this.#progress.tablesTotal = this.#waiting.size
    await mkdir(this.#dir, { mode: 0o700 })
    await writeFile(join(this.#dir, 'toc.dat'), this.#options.toc, { mode: 0o600 })
    if (largeObjects) await unpackLargeObjects(await largeObjects(), this.#dir, toc, (count) => this.#moved(count))
    await makeFifos(this.#dir, [...this.#waiting.keys()].map(fileOf), signal)
  }

  async run(env: Record<string, string>, dbname: string): Promise<void> {
    const tool = spawnTool({ path: this.#options.toolPath, args: this.#arguments(dbname), env, signal: this.#signal, graceMs: 2000 })
      .then((result) => {
        if (result.code !== 0) throw restoreError(result)
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#ended = true
        // only now, with the reader gone, may the write ends be closed
        for (const socket of this.#sockets) socket.destroy()
      })
    await Promise.all([tool, this.#watch().catch((error: unknown) => this.#fail(error))])
    await Promise.all(this.#open)
    this.#signal.throwIfAborted()
  }

  result(): { tables: number; rawBytes: number } {
    if (this.#waiting.size > 0) {
      throw new LifeboatError(
        'tool_failed',
        `pg_restore ended well but never asked for ${this.#waiting.size} of its tables.`,
        'The target is not complete.',
      )
    }
    return { tables: this.#progress.tablesDone, rawBytes: this.#progress.rawBytes }
  }

  close(): void {
    this.#stall.close()
  }

  #arguments(dbname: string): string[] {
    const { jobs, noOwner, noPrivileges } = this.#options
    return [
      '--format=directory',
      `--jobs=${Math.max(1, jobs)}`,
      '--exit-on-error',
      '--no-password',
      ...(noOwner ? ['--no-owner'] : []),
      ...(noPrivileges ? ['--no-privileges'] : []),
      `--dbname=${quotedConninfo(dbname)}`,
      this.#dir,
    ]
  }

  /** Opens each FIFO once pg_restore reads from it. The pause grows with the number of FIFOs, so that looking costs at most a fifth of the time. */
  async #watch(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#ended) {
      this.#signal.throwIfAborted()
      const began = performance.now()
      for (const [dumpId, source] of this.#waiting) {
        const socket = tryOpenFifo(join(this.#dir, fileOf(dumpId)))
        if (!socket) continue
        this.#waiting.delete(dumpId)
        this.#start(socket, source)
      }
      await sleep(Math.max(pollMs, 4 * (performance.now() - began)))
    }
  }

  #start(socket: Socket, source: Source): void {
    socket.on('error', () => {})
    this.#sockets.add(socket)
    const work: Promise<void> = this.#copy(socket, source)
      .catch((error: unknown) => this.#brokenPipe(error))
      .finally(() => {
        this.#open.delete(work)
        this.#sockets.delete(socket)
      })
    this.#open.add(work)
  }

  async #copy(socket: Socket, source: Source): Promise<void> {
    try {
      for await (const piece of await source()) {
        this.#signal.throwIfAborted()
        await writePiece(socket, piece)
        this.#moved(piece.length)
      }
      await endFifo(socket)
      this.#progress.tablesDone++
      this.#moved(0)
    } catch (error) {
      // the write end stays open until the tool is dead: run() closes it
      this.#sockets.add(socket)
      throw error
    }
  }

  /** A reader that went away has its own, better reason: give it the time to say so before the broken pipe is taken for the cause. */
  async #brokenPipe(error: unknown): Promise<void> {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code)) {
      for (let waited = 0; !this.#ended && waited < 30_000; waited += pollMs) await sleep(pollMs)
    }
    this.#fail(error)
    while (!this.#ended) await sleep(pollMs)
  }

  #moved(count: number): void {
    this.#stall.touch()
    this.#progress.rawBytes += count
    this.#options.onProgress?.({ ...this.#progress })
  }

  #fail(error: unknown): void {
    if (!this.#signal.aborted) this.#stop.abort(error)
  }
}

function fileOf(dumpId: number): string {
  return `${dumpId}.dat`
}
