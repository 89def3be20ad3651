import type { Socket } from 'node:net'
import type { Client, Connection as Wire, Submittable } from 'pg'
import { cutOff } from './copy-session.ts'

const pieceBytes = 1 << 18
/** Read ahead of whoever consumes, per session. */
const aheadBytes = 1 << 20

/**
 * Runs one COPY … TO STDOUT and hands its bytes on in pieces of about 256 KiB, never much ahead of the consumer: the socket waits. Ends only when
 * the server has said that it sent everything; throws its error otherwise. A consumer that stops early cuts the session off, as nothing else
 * ends a COPY at once.
 */
export async function* copyOut(client: Client, statement: string): AsyncGenerator<Buffer> {
  const copy = new CopyOut(statement)
  client.query(copy)
  let whole = false
  try {
    for (let piece = await copy.next(); piece !== null; piece = await copy.next()) yield piece
    whole = true
  } finally {
    if (!whole) cutOff(client)
  }
}

class CopyOut implements Submittable {
  readonly #statement: string
  #stream: Socket | null = null
  #piece = Buffer.allocUnsafeSlow(pieceBytes)
  #filled = 0
  readonly #ready: Buffer[] = []
  #waiting = 0
  #ended = false
  #failed: { error: unknown } | null = null
  #wake: () => void = () => {}

  constructor(statement: string) {
    this.#statement = statement
  }

  /** null: that was all. */
  async next(): Promise<Buffer | null> {
    for (;;) {
      if (this.#failed !== null) throw this.#failed.error
      const piece = this.#ready.shift()
      if (piece !== undefined) {
        this.#waiting -= piece.length
        if (this.#waiting < aheadBytes) this.#stream?.resume()
        return piece
      }
      if (this.#ended) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  submit(wire: Wire): void {
    this.#stream = wire.stream as Socket
    ;(wire as Wire & { query(text: string): void }).query(this.#statement)
  }

  /** One row. The parser's buffer is used again afterwards, so the bytes are copied here. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    if (this.#filled + chunk.length > pieceBytes) this.#flush()
    if (chunk.length > pieceBytes) return this.#hand(Buffer.from(chunk))
    chunk.copy(this.#piece, this.#filled)
    this.#filled += chunk.length
  }

  /** Also called when the connection breaks. */
  handleError(error: Error): void {
    this.#failed ??= { error }
    this.#stream?.resume()
    this.#wake()
  }

  handleCommandComplete(): void {
    this.#flush()
  }
  handleReadyForQuery(): void {
    this.#ended = true
    this.#stream?.resume()
    this.#wake()
  }
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  #flush(): void {
    if (this.#filled === 0) return
    this.#hand(this.#piece.subarray(0, this.#filled))
    this.#piece = Buffer.allocUnsafeSlow(pieceBytes)
    this.#filled = 0
  }

  #hand(piece: Buffer): void {
    this.#ready.push(piece)
    this.#waiting += piece.length
    if (this.#waiting >= aheadBytes) this.#stream?.pause()
    this.#wake()
  }
}
