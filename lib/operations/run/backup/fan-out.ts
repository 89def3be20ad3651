import { PassThrough, type Readable } from 'node:stream'
import type { Versions } from '#lib/catalog/copy-versions.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDriver, Stored } from '#lib/engine/storage/driver.ts'

/** A storage that this backup writes to. `problem` is set once, when its copy has failed; the others go on. */
export interface Target {
  storageId: string
  storageName: string
  driver: StorageDriver
  problem: LifeboatError | null
  /** it is an offline medium that is not there: its copy is made when it is back, and has not failed */
  waits: boolean
  /** of the objects stored so far, by their names; stays empty where the storage keeps no versions */
  versions: Versions
}

export interface FanOutOptions {
  key: string
  sizeHint: number
  signal: AbortSignal
  /** how long one storage may hold the others back without taking a byte */
  stallMs: number
}

/**
 * Stores one stream on every living target in one pass. The slowest sets the pace until it takes nothing for `stallMs`;
 * then its copy fails and the others go on. Throws when the source fails, when aborted, or when no target is left.
 */
export async function fanOut(source: Readable, targets: readonly Target[], options: FanOutOptions): Promise<void> {
  const branches = living(targets).map((target) => beginBranch(target, options))
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      await Promise.all(branches.map((branch) => branch.write(chunk)))
      assertSomeoneLives(targets)
    }
    await Promise.all(branches.map((branch) => branch.end()))
  } catch (error) {
    for (const branch of branches) branch.drop(error)
    await Promise.all(branches.map((branch) => branch.settled))
    throw error
  }
  options.signal.throwIfAborted()
  assertSomeoneLives(targets)
}

export function living(targets: readonly Target[]): Target[] {
  return targets.filter((target) => target.problem === null)
}

export function noteVersion(target: Target, key: string, stored: Stored): void {
  if (stored.version !== null) target.versions[key.slice(key.lastIndexOf('/') + 1)] = stored.version
}

export function assertSomeoneLives(targets: readonly Target[]): void {
  if (living(targets).length > 0) return
  const first = targets[0]?.problem
  throw (
    first ??
    new LifeboatError('failed', 'No storage could be written.', 'The database was not touched. Check the storages, then run the backup again.')
  )
}

interface Branch {
  write(chunk: Buffer): Promise<void>
  end(): Promise<void>
  drop(error: unknown): void
  settled: Promise<void>
}

function beginBranch(target: Target, options: FanOutOptions): Branch {
  const pipe = new PassThrough({ highWaterMark: 2 << 20 })
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  let finished = false
  const fail = (error: unknown): void => {
    if (finished) return
    finished = true
    target.problem ??= error instanceof LifeboatError ? error : new LifeboatError('failed', messageOf(error), '', { cause: error })
    pipe.destroy()
  }
  // `put` reports the reason; the pipe's own error event would only repeat it
  pipe.on('error', () => {})
  const settled = target.driver.put(options.key, pipe, { signal, sizeHint: options.sizeHint }).then(
    (stored) => {
      finished = true
      pipe.destroy()
      noteVersion(target, options.key, stored)
    },
    (error: unknown) => fail(error),
  )
  return {
    settled,
    async write(chunk) {
      if (finished || pipe.write(chunk)) return
      const stalled = await waitFor(drained(pipe), options.stallMs)
      if (!stalled || finished) return
      const error = new LifeboatError(
        'stalled',
        `Storage ${target.storageName} took no data for ${Math.round(options.stallMs / 1000)} s.`,
        'The other copies went on. Check the storage, then copy the backup to it again.',
      )
      fail(error)
      stop.abort(error)
    },
    async end() {
      if (!finished) pipe.end()
      await settled
    },
    drop(error) {
      stop.abort(error)
      pipe.destroy()
    },
  }
}

/** Also when it is destroyed, which it is at the latest when its storage has settled. */
function drained(pipe: PassThrough): Promise<void> {
  if (pipe.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      pipe.off('drain', done)
      pipe.off('close', done)
      resolve()
    }
    pipe.on('drain', done)
    pipe.on('close', done)
  })
}

/** true: it took longer than `ms`. */
async function waitFor(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), ms)
  })
  try {
    return await Promise.race([work.then(() => false), late])
  } finally {
    clearTimeout(timer)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
