import type { Socket } from 'node:net'
import type { Client, Connection as Wire, Submittable } from 'pg'
import { cutOff } from './copy-session.ts'

/** node-pg's protocol object, as far as COPY needs it. */
interface CopyWire extends Wire {
  stream: Socket
  query(text: string): void
}

const highWater = 1 << 20
const copyData = 0x64
const copyDone = 0x63
const copyOutResponse = 0x48
const readyForQuery = 0x5a

/**
 * Runs one COPY … TO STDOUT and gives out its text in pieces of some 64 KiB, whatever the length of a row: node-pg would put a row of 1 GB
 * together first. Never much ahead of the consumer: the socket waits.
 * Ends only when the server has said that it sent everything; throws its error otherwise. A consumer that stops early cuts the session off, as
 * nothing else ends a COPY at once.
 */
export async function* copyOut(client: Client, statement: string): AsyncGenerator<Buffer> {
  const copy = new CopyOut(statement)
  client.query(copy)
  try {
    for (let piece = await copy.next(); piece !== null; piece = await copy.next()) yield piece
  } finally {
    if (!copy.isOver) cutOff(client)
  }
}

/** Reads the socket itself while the COPY lasts; every message that is not its data goes on to node-pg. */
class CopyOut implements Submittable {
  readonly #statement: string
  readonly #pieces: Buffer[] = []
  #bytes = 0
  #over = false
  #error: unknown = null
  #wake: () => void = () => {}
  #stream: Socket | null = null
  #listeners: ((piece: Buffer) => void)[] = []
  /** of the message that is being read */
  #kind = 0
  #left = 0
  #head: Buffer = Buffer.alloc(0)
  #other: Buffer[] = []

  constructor(statement: string) {
    this.#statement = statement
  }

  submit(wire: Wire): void {
    this.#stream = (wire as CopyWire).stream
    this.#listeners = this.#stream.listeners('data') as ((piece: Buffer) => void)[]
    this.#stream.removeAllListeners('data')
    this.#stream.on('data', this.#read)
    ;(wire as CopyWire).query(this.#statement)
  }

  async next(): Promise<Buffer | null> {
    while (this.#pieces.length === 0 && !this.#over) {
      this.#stream?.resume()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const piece = this.#pieces.shift()
    if (piece === undefined) {
      if (this.#error !== null) throw this.#error
      return null
    }
    this.#bytes -= piece.length
    if (this.#bytes < highWater) this.#stream?.resume()
    return piece
  }

  get isOver(): boolean {
    return this.#over
  }

  /** Also called when the connection breaks. */
  handleError(error: Error): void {
    this.#end(error)
  }
  handleReadyForQuery(): void {
    this.#end(null)
  }
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}

  #end(error: unknown): void {
    this.#over = true
    this.#error ??= error
    this.#wake()
  }

  /** The payloads of one piece are moved together in place: rows of some tens of bytes come by the thousand. */
  readonly #read = (piece: Buffer): void => {
    let filled = 0
    for (let at = 0; at < piece.length; ) {
      if (this.#left === 0) {
        at += this.#begin(piece, at)
        if (this.#head.length > 0) break
        if (this.#left > 0) continue
      }
      const part = Math.min(this.#left, piece.length - at)
      if (this.#kind === copyData) {
        if (filled !== at) piece.copyWithin(filled, at, at + part)
        filled += part
      } else if (!this.#isSkipped()) this.#other.push(Buffer.from(piece.subarray(at, at + part)))
      at += part
      this.#left -= part
      if (this.#left === 0 && this.#kind !== copyData && !this.#isSkipped()) {
        // behind the last message nothing follows before the next query
        if (this.#kind === readyForQuery) this.#give(piece.subarray(0, filled))
        this.#passOn()
        if (this.#kind === readyForQuery) return
      }
    }
    this.#give(piece.subarray(0, filled))
  }

  /** Kind and length of a message; keeps them as `#head` where they are cut in two. Returns the bytes taken. */
  #begin(piece: Buffer, at: number): number {
    const before = this.#head.length
    const head = Buffer.concat([this.#head, piece.subarray(at, at + 5 - before)])
    const taken = head.length - before
    if (head.length < 5) {
      this.#head = head
      return taken
    }
    this.#head = Buffer.alloc(0)
    this.#kind = head[0] ?? 0
    this.#left = head.readUInt32BE(1) - 4
    if (this.#kind !== copyData && !this.#isSkipped()) this.#other.push(head)
    return taken
  }

  #isSkipped(): boolean {
    return this.#kind === copyDone || this.#kind === copyOutResponse
  }

  #passOn(): void {
    const message = Buffer.concat(this.#other)
    this.#other = []
    if (this.#kind === readyForQuery && this.#stream !== null) {
      this.#stream.removeListener('data', this.#read)
      for (const listener of this.#listeners) this.#stream.on('data', listener)
      this.#stream.resume()
    }
    for (const listener of this.#listeners) listener.call(this.#stream, message)
  }

  #give(piece: Buffer): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#bytes >= highWater) this.#stream?.pause()
    this.#wake()
  }
}
