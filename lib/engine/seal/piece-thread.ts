import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import zlib from 'node:zlib'
import { giveUp } from './give-up.ts'
import { pieceHeaderBytes, writePieceHeader } from './piece-header.ts'

/**
 * The thread that hashes, counts and compresses. All of a piece is done in one go and without a wait: spread over the thread pool the same
 * work takes twice the CPU (measured), for hand-overs, fresh memory and the garbage collector. No key ever comes here.
 */
export type PieceRequest =
  /** comes once, before the slot's first use */
  | { newSlot: SharedArrayBuffer }
  /** compress the first `bytes` of this slot in place; null: the entry is over */
  | { id: number; entry: number; piece: { slot: number; bytes: number } | null }
export interface PieceAnswer {
  id: number
  /** how much of the slot the finished piece takes, its lengths in front included; 0 for the end of an entry */
  bytes: number
  facts: RawFacts | null
}
/** Of an entry's raw bytes. */
export interface RawFacts {
  bytes: number
  sha256: string
  newlines: number
}

const slots: Buffer[] = []
const entries = new Map<number, { bytes: number; newlines: number; hash: Hash }>()

function compress(entry: number, piece: { slot: number; bytes: number }): number {
  const slot = slots[piece.slot]
  if (slot === undefined) throw new Error('a slot that was never handed over')
  const raw = slot.subarray(0, piece.bytes)
  let sums = entries.get(entry)
  if (sums === undefined) entries.set(entry, (sums = { bytes: 0, newlines: 0, hash: createHash('sha256') }))
  sums.bytes += raw.length
  sums.hash.update(raw)
  for (let at = raw.indexOf(10); at !== -1; at = raw.indexOf(10, at + 1)) sums.newlines++
  // an output buffer that fits at once costs a fifth less CPU than growing one
  const options = { chunkSize: raw.length + (raw.length >> 7) + 1024, params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } }
  const frame = zlib.zstdCompressSync(raw, options)
  writePieceHeader(slot, frame.length, raw.length)
  frame.copy(slot, pieceHeaderBytes)
  const bytes = pieceHeaderBytes + frame.length
  giveUp(frame)
  return bytes
}

function end(entry: number): RawFacts {
  const sums = entries.get(entry)
  entries.delete(entry)
  return { bytes: sums?.bytes ?? 0, newlines: sums?.newlines ?? 0, sha256: (sums?.hash ?? createHash('sha256')).digest('hex') }
}

parentPort?.on('message', (request: PieceRequest) => {
  if ('newSlot' in request) {
    slots.push(Buffer.from(request.newSlot))
    return
  }
  const { id, entry, piece } = request
  const answer: PieceAnswer = piece === null ? { id, bytes: 0, facts: end(entry) } : { id, bytes: compress(entry, piece), facts: null }
  parentPort?.postMessage(answer)
})
