import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Client, Connection as Wire, Submittable } from 'pg'
import { rowsIn, sendQuery } from './run-statement.ts'

/** node-pg's protocol object, as far as COPY needs it. */
interface CopyWire extends Wire {
  stream: Socket
  endCopyFrom(): void
  sendCopyFail(reason: string): void
}

/**
 * Runs one COPY … FROM STDIN, feeding it from `source`; resolves with the rows that the server counted, when it has committed them. A source that throws makes the COPY fail
 * (CopyFail), so a table never ends early as if it were complete. Pieces go to the socket without being copied, and wait for its drain.
 */
export async function copyIn(
  client: Client,
  statement: string | Buffer,
  source: AsyncIterable<Buffer>,
  onBytes: (count: number) => void,
): Promise<number> {
  const copy = new CopyIn(Buffer.from(statement), source, onBytes)
  client.query(copy)
  return await copy.done
}

class CopyIn implements Submittable {
  readonly done: Promise<number>
  readonly #statement: Buffer
  readonly #source: AsyncIterable<Buffer>
  readonly #onBytes: (count: number) => void
  #resolve: (rows: number) => void = () => {}
  #rows = 0
  #reject: (error: unknown) => void = () => {}
  #failed = false
  #feeding: Promise<void> = Promise.resolve()
  #sourceError: { error: unknown } | null = null

  constructor(statement: Buffer, source: AsyncIterable<Buffer>, onBytes: (count: number) => void) {
    this.#statement = statement
    this.#source = source
    this.#onBytes = onBytes
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  submit(wire: Wire): void {
    sendQuery(wire, this.#statement)
  }

  handleCopyInResponse(wire: Wire): void {
    this.#feeding = this.#feed(wire as CopyWire)
  }

  /** Also called when the connection breaks. */
  handleError(error: Error): void {
    this.#failed = true
    // the source may be waiting for the network: its own error, if it has one, is the cause
    void this.#feeding.then(() => this.#reject(this.#sourceError ? this.#sourceError.error : error))
  }

  handleCommandComplete(message: { text: string }): void {
    this.#rows = rowsIn(message.text)
  }
  handleReadyForQuery(): void {
    this.#resolve(this.#rows)
  }
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  async #feed(wire: CopyWire): Promise<void> {
    try {
      for await (const piece of this.#source) {
        if (this.#failed) return
        await send(wire.stream, piece)
        this.#onBytes(piece.length)
      }
      if (!this.#failed) wire.endCopyFrom()
    } catch (error) {
      this.#sourceError = { error }
      if (!this.#failed && !wire.stream.destroyed) wire.sendCopyFail('the source of the data failed')
      else this.#reject(error)
    }
  }
}

async function send(stream: Socket, piece: Buffer): Promise<void> {
  const head = Buffer.allocUnsafe(5)
  head.write('d', 0, 'latin1')
  head.writeUInt32BE(piece.length + 4, 1)
  stream.cork()
  stream.write(head)
  const room = stream.write(piece)
  stream.uncork()
  if (room || stream.destroyed) return
  const settled = new AbortController()
  try {
    await Promise.race([once(stream, 'drain', { signal: settled.signal }), once(stream, 'close', { signal: settled.signal })])
  } finally {
    settled.abort()
  }
}
