import { LifeboatError } from '#lib/domain/errors.ts'
import { type DigestedRow, RowDigests, type RowShape } from './row-digests.ts'
import { digestedAtOnce, type SortedRecords } from './sorted-records.ts'

export interface DigestSource {
  /** COPY text */
  pieces: AsyncIterable<Buffer>
  /** a backup's entry ends with `\.`; without it, it is not whole */
  endMark: boolean
  shape: RowShape
}
interface Reading {
  secret: Buffer
  signal: AbortSignal
  onRows?: (rows: number) => void
}

/** Reads COPY text to its end and adds the record of every row. */
export async function digestInto(records: SortedRecords, source: DigestSource, reading: Reading): Promise<void> {
  const rows = new RowDigests(source.shape, reading.secret, ({ record }) => records.add(record))
  let told = records.count
  for await (const part of parts(source.pieces, reading.signal)) {
    rows.update(part)
    if (records.isFull) await records.spill()
    if (records.count - told >= 100_000) {
      told = records.count
      reading.onRows?.(told)
    }
  }
  if (rows.end() !== source.endMark) throw cutOff()
}

/** Looks at every row with its values, until `onRow` says that it has seen enough. */
export async function scanRows(source: DigestSource, reading: Reading, onRow: (row: DigestedRow) => void, enough: () => boolean): Promise<void> {
  const rows = new RowDigests(source.shape, reading.secret, onRow, true)
  for await (const part of parts(source.pieces, reading.signal)) {
    rows.update(part)
    if (enough()) return
  }
  rows.end()
}

/** A piece may hold one row for every byte. */
async function* parts(pieces: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    signal.throwIfAborted()
    for (let at = 0; at < piece.length; at += digestedAtOnce) yield piece.subarray(at, at + digestedAtOnce)
  }
}

function cutOff(): LifeboatError {
  return new LifeboatError(
    'corrupt',
    'The data of the table has not the end that it should have.',
    'Nothing was changed. Use another copy or backup.',
  )
}
