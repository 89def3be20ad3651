import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { LifeboatError } from '#lib/domain/errors.ts'
import { ByteReader } from './byte-reader.ts'

const compress = promisify(zlib.zstdCompress)
const decompress = promisify(zlib.zstdDecompress)

export const pieceBytes = 1 << 20
/** What a reader accepts: a lying length in front of a piece must not make it allocate without bound. */
const maximumPieceBytes = 1 << 24
const skippableMagic = 0x184d2a50
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

/** Raw bytes in, zstd frames out, each behind a 16-byte skippable frame that gives its stored and raw length. */
export async function* compressPieces(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* inOrder(cut(source), async (piece) => {
    // an output buffer that fits at once costs a fifth less CPU than growing one
    const options = { chunkSize: piece.length + (piece.length >> 7) + 1024, params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }
    const frame = await withPermit(() => compress(piece, options))
    const header = Buffer.alloc(16)
    header.writeUInt32LE(skippableMagic, 0)
    header.writeUInt32LE(8, 4)
    header.writeUInt32LE(frame.length, 8)
    header.writeUInt32LE(piece.length, 12)
    return Buffer.concat([header, frame])
  })
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
      const header = await reader.read(16)
      const frameBytes = header.readUInt32LE(8)
      const rawBytes = header.readUInt32LE(12)
      if (
        header.readUInt32LE(0) !== skippableMagic ||
        header.readUInt32LE(4) !== 8 ||
        frameBytes > maximumPieceBytes ||
        rawBytes > maximumPieceBytes
      ) {
        throw new LifeboatError('corrupt', 'A piece has no valid length in front of it.')
      }
      yield { frame: await reader.read(frameBytes), rawBytes }
    }
  } finally {
    await reader.close()
  }
}

async function* cut(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  for await (let chunk of source) {
    while (size + chunk.length >= pieceBytes) {
      const taken = pieceBytes - size
      yield Buffer.concat([...held, chunk.subarray(0, taken)], pieceBytes)
      chunk = chunk.subarray(taken)
      held = []
      size = 0
    }
    // copied: the producer may use its buffer again
    if (chunk.length > 0) held.push(Buffer.from(chunk))
    size += chunk.length
  }
  if (size > 0) yield Buffer.concat(held, size)
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
