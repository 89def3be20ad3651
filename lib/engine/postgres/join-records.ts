import { compareRecords, digestBytes, recordBytes } from './digest-record.ts'
import type { SortedRecords } from './sorted-records.ts'

/** All rows of both sides under one key. Rows that are equal on both sides are `same`; what is left of each side has another content. */
export interface KeyGroup {
  /** digest of the key; its memory is used again */
  key: Buffer
  same: number
  onlyLeft: number
  onlyRight: number
}

/** Merges two sorted sides and tells every key once. A key may stand several times on either side. */
export async function joinRecords(left: SortedRecords, right: SortedRecords, onGroup: (group: KeyGroup) => void): Promise<void> {
  const sides = [new Side(left.blocks()), new Side(right.blocks())] as const
  const [one, other] = sides
  try {
    const group: KeyGroup = { key: Buffer.alloc(digestBytes), same: 0, onlyLeft: 0, onlyRight: 0 }
    let begun = false
    for (;;) {
      if (one.isEmpty) await one.load()
      if (other.isEmpty) await other.load()
      if (one.isOver && other.isOver) break
      const order = one.isOver ? 1 : other.isOver ? -1 : one.compare(other)
      const next = order > 0 ? other : one
      if (!begun || !next.hasKey(group.key)) {
        if (begun) onGroup(group)
        next.copyKey(group.key)
        group.same = group.onlyLeft = group.onlyRight = 0
        begun = true
      }
      if (order === 0) group.same++
      else if (order < 0) group.onlyLeft++
      else group.onlyRight++
      if (order <= 0) one.skip()
      if (order >= 0) other.skip()
    }
    if (begun) onGroup(group)
  } finally {
    for (const side of sides) await side.close()
  }
}

class Side {
  readonly #blocks: AsyncGenerator<Buffer>
  #block: Buffer = Buffer.alloc(0)
  #at = 0
  isOver = false

  constructor(blocks: AsyncGenerator<Buffer>) {
    this.#blocks = blocks
  }

  get isEmpty(): boolean {
    return this.#at === this.#block.length && !this.isOver
  }

  async load(): Promise<void> {
    const next = await this.#blocks.next()
    this.#at = 0
    if (next.done === true) {
      this.isOver = true
      this.#block = Buffer.alloc(0)
    } else this.#block = next.value
  }

  compare(other: Side): number {
    return compareRecords(this.#block, this.#at, other.#block, other.#at)
  }

  hasKey(key: Buffer): boolean {
    return this.#block.compare(key, 0, digestBytes, this.#at, this.#at + digestBytes) === 0
  }

  copyKey(into: Buffer): void {
    this.#block.copy(into, 0, this.#at, this.#at + digestBytes)
  }

  skip(): void {
    this.#at += recordBytes
  }

  async close(): Promise<void> {
    await this.#blocks.return(undefined)
  }
}
