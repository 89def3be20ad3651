import { type FileHandle, open, unlink } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { compareRecords, recordBytes } from './digest-record.ts'
import { RunMerge } from './run-merge.ts'

/** At most 2^21: the place of a record and 32 bits of its beginning share the 53 bits of a number. */
const places = 2 ** 21
const defaultRun = 1 << 19
/** Rows that one piece of text may hold, so that nobody has to wait for the disk in the middle of one. */
export const digestedAtOnce = 1 << 16
const writeBytes = 1 << 20

/**
 * Sorts records of 32 bytes, as many as there may be, in some 20 MiB of memory: full runs go sorted to one file (0600) of the staging
 * directory and are merged from there. Records are keyed digests (digest-record.ts); close() removes the file.
 */
export class SortedRecords {
  readonly #dir: string
  readonly #perRun: number
  readonly #memory: Buffer
  readonly #runs: { start: number; length: number }[] = []
  #held = 0
  #file: FileHandle | null = null
  #path = ''
  #end = 0
  count = 0

  constructor(dir: string, perRun = defaultRun) {
    this.#dir = dir
    this.#perRun = perRun
    this.#memory = Buffer.allocUnsafeSlow((perRun + digestedAtOnce) * recordBytes)
  }

  /** Once isFull, spill() has to be awaited within `digestedAtOnce` more. */
  add(record: Buffer): void {
    record.copy(this.#memory, this.#held * recordBytes)
    this.#held++
    this.count++
  }

  get isFull(): boolean {
    return this.#held >= this.#perRun
  }

  async spill(): Promise<void> {
    if (this.#held === 0) return
    this.#file ??= await this.#create()
    const start = this.#end
    for (const block of this.#sortedBlocks()) {
      await this.#file.write(block, 0, block.length, this.#end)
      this.#end += block.length
    }
    this.#runs.push({ start, length: this.#end - start })
    this.#held = 0
  }

  /** The records in order, in blocks; a block holds until the next is asked for. To be read once. */
  async *blocks(): AsyncGenerator<Buffer> {
    if (this.#runs.length === 0) {
      yield* this.#sortedBlocks()
      return
    }
    await this.spill()
    if (this.#file !== null) yield* new RunMerge(this.#file, this.#runs).blocks()
  }

  async close(): Promise<void> {
    await this.#file?.close()
    if (this.#path !== '') await unlink(this.#path)
    this.#file = null
    this.#path = ''
  }

  async #create(): Promise<FileHandle> {
    const path = join(this.#dir, `digests-${randomBytes(6).toString('hex')}`)
    const file = await open(path, 'wx+', 0o600)
    this.#path = path
    return file
  }

  *#sortedBlocks(): Generator<Buffer> {
    const order = sortedPlaces(this.#memory, this.#held)
    const block = Buffer.allocUnsafeSlow(writeBytes)
    let filled = 0
    for (const place of order) {
      filled += this.#memory.copy(block, filled, place * recordBytes, (place + 1) * recordBytes)
      if (filled < writeBytes) continue
      yield block
      filled = 0
    }
    if (filled > 0) yield block.subarray(0, filled)
  }
}

/** Native sort of numbers: some ten times faster than comparing buffers. Records with the same beginning are then put right among themselves. */
function sortedPlaces(memory: Buffer, count: number): Uint32Array {
  const keys = new Float64Array(count)
  for (let place = 0; place < count; place++) keys[place] = memory.readUInt32BE(place * recordBytes) * places + place
  keys.sort()
  const order = new Uint32Array(count)
  for (let at = 0; at < count; at++) order[at] = (keys[at] ?? 0) % places
  const beginning = (at: number) => Math.floor((keys[at] ?? 0) / places)
  for (let start = 0, end = 1; start < count; start = end, end = start + 1) {
    while (end < count && beginning(end) === beginning(start)) end++
    if (end - start > 1) order.subarray(start, end).sort((left, right) => compareRecords(memory, left * recordBytes, memory, right * recordBytes))
  }
  return order
}
