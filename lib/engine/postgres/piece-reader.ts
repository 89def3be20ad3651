import { LifeboatError } from '#lib/domain/errors.ts'

/** Exact numbers of bytes from a stream of pieces; a stream that ends too early is corrupt. */
export class PieceReader {
  readonly #source: AsyncIterator<Buffer>
  #piece: Buffer = Buffer.alloc(0)
  #ended = false

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** `length` bytes as one buffer; for headers. */
  async take(length: number): Promise<Buffer> {
    if (this.#piece.length >= length) return this.#cut(length)
    const parts: Buffer[] = []
    for await (const part of this.pieces(length)) parts.push(part)
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
  }

  /** `length` bytes in the pieces that they come in. */
  async *pieces(length: number): AsyncGenerator<Buffer> {
    let left = length
    while (left > 0) {
      if (this.#piece.length === 0 && !(await this.#more())) {
        throw new LifeboatError('corrupt', 'The packed large objects end too early.', 'They were not restored. Use another copy or backup.')
      }
      const part = this.#cut(left)
      left -= part.length
      yield part
    }
  }

  async atEnd(): Promise<boolean> {
    return this.#piece.length === 0 && !(await this.#more())
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.()
  }

  #cut(length: number): Buffer {
    const part = this.#piece.subarray(0, length)
    this.#piece = this.#piece.subarray(part.length)
    return part
  }

  async #more(): Promise<boolean> {
    while (!this.#ended && this.#piece.length === 0) {
      const next = await this.#source.next()
      if (next.done) this.#ended = true
      else this.#piece = next.value
    }
    return this.#piece.length > 0
  }
}
