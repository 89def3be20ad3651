import { LifeboatError } from '#lib/domain/errors.ts'

/** Exact reads from a stream of chunks. Ends too early, or goes on too long: LifeboatError('corrupt'). */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)
  #ended = false

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  async read(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let missing = bytes
    while (missing > this.#rest.length) {
      parts.push(this.#rest)
      missing -= this.#rest.length
      if (!(await this.#fill())) throw new LifeboatError('corrupt', 'The object ends too early: it was cut off.')
    }
    parts.push(this.#rest.subarray(0, missing))
    this.#rest = this.#rest.subarray(missing)
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, bytes)
  }

  /** True at the end of the stream. */
  async atEnd(): Promise<boolean> {
    while (this.#rest.length === 0) if (!(await this.#fill())) return true
    return false
  }

  /** Lets go of the source, also when it was not read to its end. */
  async close(): Promise<void> {
    this.#ended = true
    await this.#chunks.return?.()
  }

  async #fill(): Promise<boolean> {
    this.#rest = Buffer.alloc(0)
    if (this.#ended) return false
    const next = await this.#chunks.next()
    if (next.done) this.#ended = true
    else this.#rest = next.value
    return !this.#ended
  }
}
