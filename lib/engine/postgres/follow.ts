import { open, unlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { LifeboatError } from '#lib/domain/errors.ts'
import { punchHole } from '../process/punch-hole.ts'

/** What a follower needs to know of the writer. */
export interface Writer {
  /** pg_dump has ended (well or not): a file without its end mark will not grow any more */
  ended(): boolean
  /** throws when the dump has failed */
  assertGood(): void
  /** called with every piece read */
  onBytes(count: number): void
}

const pieceBytes = 1 << 20
const pollMs = 10
/** Memory of files that were read: a mebibyte for each of ten thousand small tables would keep the garbage collector busy. */
const idle: Buffer[] = []
const punchEvery = 64 << 20
const emptyMark = Buffer.from('\\.\n\n\n')
const endMark = Buffer.from('\n\\.\n\n\n')

/**
 * Reads a table's COPY file behind pg_dump that still writes it, and removes it when it is read. Ends only at the data's own end mark:
 * the file is exactly `\.\n\n\n`, or its last six bytes are `\n\.\n\n\n` (five are not enough: a value may end in a backslash and a dot).
 * A yielded piece holds until the next one is asked for: its memory is used again.
 * Behind the reader the file is hole-punched every 64 MiB, so that staging needs megabytes, not the table's size.
 */
export async function* followTable(path: string, writer: Writer): AsyncGenerator<Buffer> {
  const file = await open(path, 'r')
  const piece = idle.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
  try {
    let position = 0
    let punched = 0
    let tail = Buffer.alloc(0)
    let filled = 0
    for (;;) {
      writer.assertGood()
      // asked before the read: bytes written between a read of nothing and the question would be lost
      const ended = writer.ended()
      const { bytesRead } = await file.read(piece, filled, pieceBytes - filled, position)
      if (bytesRead === 0) {
        if (isComplete(tail, position)) break
        if (ended) throw cutOff()
        await sleep(pollMs)
        continue
      }
      tail = lastBytes(tail, piece.subarray(filled, filled + bytesRead))
      position += bytesRead
      filled += bytesRead
      writer.onBytes(bytesRead)
      if (filled < pieceBytes) {
        // at the writer's heels: without a pause every few kilobytes that it writes would be a read of their own
        if (!ended && !isComplete(tail, position)) await sleep(pollMs)
        continue
      }
      yield piece
      filled = 0
      if (position - punched >= punchEvery) {
        await punchHole(path, position)
        punched = position
      }
    }
    if (filled > 0) yield piece.subarray(0, filled)
  } finally {
    if (idle.length < 4) idle.push(piece)
    await file.close()
    await unlink(path).catch(() => {})
  }
}

/** Newlines of a table's file to rows: the end mark holds three. */
export function rowsFromNewlines(newlines: number): number {
  return newlines - 3
}

function lastBytes(before: Buffer, piece: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([before, piece.subarray(-endMark.length)]).subarray(-endMark.length)
}

function isComplete(tail: Buffer, size: number): boolean {
  return size === emptyMark.length ? tail.equals(emptyMark) : tail.equals(endMark)
}

function cutOff(): LifeboatError {
  return new LifeboatError('tool_failed', 'pg_dump ended and left a table’s data without its end.', 'The backup was not written. Try again.')
}
