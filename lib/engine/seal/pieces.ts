import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { LifeboatError } from '#lib/domain/errors.ts'
import { ByteReader } from './byte-reader.ts'
import { pieceBytes, pieceHeaderBytes, readPieceHeader } from './piece-header.ts'
import type { RawFacts } from './piece-thread.ts'
import { pieceThread, type PieceThread, type Slot } from './piece-threads.ts'

const decompress = promisify(zlib.zstdDecompress)

/** What a reader accepts: a lying length in front of a piece must not make it allocate without bound. */
const maximumPieceBytes = 1 << 24
const inFlight = 4

let free = inFlight
const waiting: (() => void)[] = []

/** One permit per piece on the thread pool, for the whole process: more in flight only costs memory (measured). */
async function withPermit<T>(work: () => Promise<T>): Promise<T> {
  if (free > 0) free--
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else free++
  }
}

let entries = 0

/**
 * Raw bytes in, zstd frames out, each behind a 16-byte skippable frame that gives its stored and raw length. A yielded piece holds until
 * the next one is asked for. `onEnd` is told of the raw bytes before the iteration ends.
 */
export async function* compressPieces(source: AsyncIterable<Buffer>, onEnd: (raw: RawFacts) => void): AsyncGenerator<Buffer> {
  const thread = pieceThread()
  const entry = entries++
  const queue: { slot: Slot; piece: Promise<Buffer> }[] = []
  const first = async function* () {
    const head = queue[0]
    if (head === undefined) throw new Error('nothing in flight')
    yield await head.piece
    thread.release(head.slot)
    queue.shift()
  }
  let ended = false
  thread.open++
  try {
    for await (const { slot, bytes } of cut(source, thread)) {
      const piece = thread.compress(entry, slot, bytes)
      // a failure is seen when its turn comes; until then it must not count as unhandled
      piece.catch(() => undefined)
      queue.push({ slot, piece })
      if (queue.length >= inFlight) yield* first()
    }
    while (queue.length > 0) yield* first()
    onEnd(await thread.end(entry))
    ended = true
  } finally {
    await Promise.allSettled(queue.map(({ piece }) => piece))
    for (const { slot } of queue) thread.release(slot)
    // after a failure the thread still holds the sums
    if (!ended) await thread.end(entry).catch(() => undefined)
    thread.open--
  }
}

/** The reverse. Node reads only the first frame of a zstd stream, so the lengths decide; nothing grows beyond them. */
export async function* decompressPieces(plain: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* inOrder(frames(plain), async ({ frame, rawBytes }) => {
    const raw = await withPermit(() =>
      decompress(frame, { chunkSize: Math.max(64, rawBytes), maxOutputLength: Math.max(1, rawBytes) }).catch((error: unknown) => {
        throw new LifeboatError('corrupt', 'A piece does not decompress to the length it announces.', '', { cause: error })
      }),
    )
    if (raw.length !== rawBytes) throw new LifeboatError('corrupt', 'A piece is shorter than the length it announces.')
    return raw
  })
}

async function* frames(plain: AsyncIterable<Buffer>): AsyncGenerator<{ frame: Buffer; rawBytes: number }> {
  const reader = new ByteReader(plain)
  try {
    while (!(await reader.atEnd())) {
      const header = readPieceHeader(await reader.read(pieceHeaderBytes))
      if (header === null || header.frameBytes > maximumPieceBytes || header.rawBytes > maximumPieceBytes) {
        throw new LifeboatError('corrupt', 'A piece has no valid length in front of it.')
      }
      yield { frame: await reader.read(header.frameBytes), rawBytes: header.rawBytes }
    }
  } finally {
    await reader.close()
  }
}

/** Copies: the producer may use its buffer again. */
async function* cut(source: AsyncIterable<Buffer>, thread: PieceThread): AsyncGenerator<{ slot: Slot; bytes: number }> {
  let slot: Slot | null = null
  let size = 0
  try {
    for await (const chunk of source) {
      for (let from = 0; from < chunk.length; ) {
        slot ??= thread.takeSlot()
        const taken = chunk.copy(slot.bytes, size, from, Math.min(chunk.length, from + pieceBytes - size))
        from += taken
        size += taken
        if (size < pieceBytes) break
        const full = slot
        slot = null
        size = 0
        yield { slot: full, bytes: pieceBytes }
      }
    }
    if (slot === null) return
    const last = slot
    slot = null
    yield { slot: last, bytes: size }
  } finally {
    if (slot !== null) thread.release(slot)
  }
}

/** Several at work, results in the order of the input. */
async function* inOrder<In, Out>(source: AsyncIterable<In>, work: (item: In) => Promise<Out>): AsyncGenerator<Out> {
  const queue: Promise<Out>[] = []
  const next = async () => {
    const first = queue.shift()
    if (first === undefined) throw new Error('nothing in flight')
    return await first
  }
  try {
    for await (const item of source) {
      const result = work(item)
      // a failure is seen when its turn comes; until then it must not count as unhandled
      result.catch(() => undefined)
      queue.push(result)
      if (queue.length >= inFlight) yield await next()
    }
    while (queue.length > 0) yield await next()
  } finally {
    await Promise.allSettled(queue)
  }
}
