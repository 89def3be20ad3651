import { createHash } from 'node:crypto'
import { addLineSums, LineHash } from './line-hash.ts'
import { type CloneTable, type PageRange } from './clone-tables.ts'

/** What a table's rows hash to. One of the two hashes is set. */
export interface TableRead {
  rows: number
  rawBytes: number
  /** of its COPY text, in the order of its pages; null where that order is not kept */
  rawSha256: string | null
  /** order-independent (line-hash.ts) */
  lineSum: string | null
}

/** Is its text the same on both sides, in the same order? Only where one session reads it whole and one writes it whole, in an access method that keeps order. */
export function keepsOrder(table: Pick<CloneTable, 'heap' | 'ofExtension' | 'root'>, ranges: readonly (PageRange | null)[]): boolean {
  return table.heap && !table.ofExtension && table.root === null && ranges.length === 1
}

/** Hashes COPY text (of a table or of a range of it) as it passes. */
export class TextHash {
  readonly #ordered = createHash('sha256')
  readonly #lines: LineHash | null
  #rows = 0
  #bytes = 0

  constructor(ordered: boolean) {
    this.#lines = ordered ? null : new LineHash()
  }

  async *through(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      this.update(piece)
      yield piece
    }
  }

  update(piece: Buffer): void {
    this.#bytes += piece.length
    if (this.#lines === null) this.#ordered.update(piece)
    else this.#lines.update(piece)
    for (let at = piece.indexOf(10); at !== -1; at = piece.indexOf(10, at + 1)) this.#rows++
  }

  digest(): TableRead {
    const lines = this.#lines?.digest() ?? null
    return { rows: this.#rows, rawBytes: this.#bytes, rawSha256: lines === null ? this.#ordered.digest('hex') : null, lineSum: lines }
  }
}

/** A table out of its ranges, or a partitioned one out of its leaves. */
export function together(parts: readonly TableRead[]): TableRead {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  return {
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    rawBytes: parts.reduce((sum, part) => sum + part.rawBytes, 0),
    rawSha256: null,
    lineSum: addLineSums(parts.map((part) => part.lineSum ?? '')),
  }
}
