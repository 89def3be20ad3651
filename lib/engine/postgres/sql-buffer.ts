/** A window onto a stream of bytes: what a reader still needs lies in one buffer, whatever pieces it came in. */
export class SqlBuffer {
  /** valid between `begin` and `end` */
  bytes: Buffer = Buffer.allocUnsafeSlow(1 << 20)
  begin = 0
  end = 0
  readonly #source: AsyncIterator<Buffer>

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Appends the next piece; false: there is none. What lies before `begin` is given up: positions become relative to the new `begin`, 0. */
  async more(): Promise<boolean> {
    for (;;) {
      const { value, done } = await this.#source.next()
      if (done) return false
      if (value.length > 0) {
        this.#append(value)
        return true
      }
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.()
  }

  #append(piece: Buffer): void {
    const kept = this.end - this.begin
    if (this.begin > 0 || kept + piece.length > this.bytes.length) {
      let room = this.bytes.length
      while (room < kept + piece.length) room *= 2
      const target = room === this.bytes.length ? this.bytes : Buffer.allocUnsafeSlow(room)
      this.bytes.copy(target, 0, this.begin, this.end)
      this.bytes = target
      this.begin = 0
      this.end = kept
    }
    piece.copy(this.bytes, this.end)
    this.end += piece.length
  }
}
