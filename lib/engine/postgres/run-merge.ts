import type { FileHandle } from 'node:fs/promises'
import { compareRecords, recordBytes } from './digest-record.ts'

const memoryBytes = 16 << 20
const blockBytes = 1 << 16

/** Merges sorted runs of one file with 16 MiB of memory, however many there are. */
export class RunMerge {
  readonly #heap: RunReader[]

  constructor(file: FileHandle, runs: readonly { start: number; length: number }[]) {
    const share = Math.floor(memoryBytes / runs.length / recordBytes) * recordBytes
    const bytes = Math.min(1 << 20, Math.max(recordBytes, share))
    this.#heap = runs.map((run) => new RunReader(file, run, bytes))
  }

  async *blocks(): AsyncGenerator<Buffer> {
    const heap = this.#heap
    for (const reader of heap) await reader.fill()
    for (let index = (heap.length >> 1) - 1; index >= 0; index--) sink(heap, index)
    const block = Buffer.allocUnsafeSlow(blockBytes)
    let filled = 0
    for (let first = heap[0]; first !== undefined; first = heap[0]) {
      filled += first.memory.copy(block, filled, first.at, first.at + recordBytes)
      first.at += recordBytes
      if (first.at === first.filled && !(await first.fill())) {
        const last = heap.pop()
        if (last !== undefined && heap.length > 0) heap[0] = last
      }
      sink(heap, 0)
      if (filled < blockBytes) continue
      yield block
      filled = 0
    }
    if (filled > 0) yield block.subarray(0, filled)
  }
}

class RunReader {
  readonly memory: Buffer
  at = 0
  filled = 0
  readonly #file: FileHandle
  #position: number
  #left: number

  constructor(file: FileHandle, run: { start: number; length: number }, bytes: number) {
    this.#file = file
    this.#position = run.start
    this.#left = run.length
    this.memory = Buffer.allocUnsafeSlow(Math.min(bytes, run.length))
  }

  /** False: the run is at its end. */
  async fill(): Promise<boolean> {
    this.at = 0
    this.filled = 0
    const wanted = Math.min(this.memory.length, this.#left)
    while (this.filled < wanted) {
      const { bytesRead } = await this.#file.read(this.memory, this.filled, wanted - this.filled, this.#position)
      if (bytesRead === 0) throw new Error('the file of sorted digests was cut off')
      this.filled += bytesRead
      this.#position += bytesRead
    }
    this.#left -= wanted
    return wanted > 0
  }
}

function sink(heap: RunReader[], from: number): void {
  for (let index = from; ; ) {
    const left = index * 2 + 1
    let least = index
    if (left < heap.length && isLess(heap[left], heap[least])) least = left
    if (left + 1 < heap.length && isLess(heap[left + 1], heap[least])) least = left + 1
    if (least === index) return
    const moved = heap[index] as RunReader
    heap[index] = heap[least] as RunReader
    heap[least] = moved
    index = least
  }
}

function isLess(one: RunReader | undefined, other: RunReader | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return compareRecords(one.memory, one.at, other.memory, other.at) < 0
}
