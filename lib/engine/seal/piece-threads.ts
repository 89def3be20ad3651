import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { LifeboatError } from '#lib/domain/errors.ts'
import { slotBytes } from './piece-header.ts'
import type { PieceAnswer, PieceRequest, RawFacts } from './piece-thread.ts'

/** A piece's place in memory that this thread and the sealing thread share: filled here, compressed in place there. */
export interface Slot {
  readonly index: number
  readonly bytes: Buffer
}

/** One sealing thread, for any number of entries. Pieces of one entry are taken in the order in which they were given. */
export class PieceThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve(answer: PieceAnswer): void; reject(error: Error): void }>()
  readonly #free: Slot[] = []
  #slots = 0
  #requests = 0
  #gone: LifeboatError | null = null
  /** entries that are being sealed here */
  open = 0

  constructor(onGone: () => void) {
    this.#worker = new Worker(new URL('./piece-thread.ts', import.meta.url), {
      name: 'sealing',
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    })
    // an idle thread keeps no process alive
    this.#worker.unref()
    this.#worker.on('message', (answer: PieceAnswer) => {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if (this.#waiting.size === 0) this.#worker.unref()
      waiting?.resolve(answer)
    })
    const end = (cause: unknown): void => {
      if (this.#gone) return
      this.#gone = new LifeboatError('failed', 'The thread that compresses ended.', 'Nothing was kept of this attempt. Try again.', { cause })
      onGone()
      for (const waiting of this.#waiting.values()) waiting.reject(this.#gone)
      this.#waiting.clear()
    }
    this.#worker.on('error', end)
    this.#worker.on('exit', (code) => end(new Error(`exit code ${code}`)))
  }

  /** Give it back with `release`, at the earliest when its piece was answered and its bytes were used. */
  takeSlot(): Slot {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const shared = new SharedArrayBuffer(slotBytes)
    this.#worker.postMessage({ newSlot: shared } satisfies PieceRequest)
    return { index: this.#slots++, bytes: Buffer.from(shared) }
  }

  release(slot: Slot): void {
    this.#free.push(slot)
  }

  /** The first `bytes` of the slot are compressed in place; resolves to the finished piece, a view of the slot. */
  async compress(entry: number, slot: Slot, bytes: number): Promise<Buffer> {
    const answer = await this.#ask(entry, { slot: slot.index, bytes })
    return slot.bytes.subarray(0, answer.bytes)
  }

  async end(entry: number): Promise<RawFacts> {
    const { facts } = await this.#ask(entry, null)
    if (facts === null) throw new Error('the end of an entry without its sums')
    return facts
  }

  #ask(entry: number, piece: { slot: number; bytes: number } | null): Promise<PieceAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#gone) return reject(this.#gone)
      const id = this.#requests++
      this.#worker.ref()
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, entry, piece } satisfies PieceRequest)
    })
  }
}

/** PostgreSQL's side of a dump needs the other half of the processors; one thread compresses about 250 MB/s and takes about 20 MB. */
const maximum = Math.max(1, Math.min(4, availableParallelism() >> 1))
const threads: PieceThread[] = []

/** The least busy thread; a new one while all are busy and there may be more. */
export function pieceThread(): PieceThread {
  let least: PieceThread | undefined
  for (const thread of threads) if (least === undefined || thread.open < least.open) least = thread
  if (least !== undefined && (least.open === 0 || threads.length >= maximum)) return least
  const thread: PieceThread = new PieceThread(() => {
    const at = threads.indexOf(thread)
    if (at !== -1) threads.splice(at, 1)
  })
  threads.push(thread)
  return thread
}
