import type { Socket } from 'node:net'
import type { Client, Connection as Wire, Submittable } from 'pg'
import { LifeboatError } from '#lib/domain/errors.ts'

/** Sends a query as the bytes that it is, in whatever encoding the session has. */
export function sendQuery(wire: Wire, statement: Buffer): void {
  const head = Buffer.alloc(5)
  head.write('Q', 0, 'latin1')
  head.writeUInt32BE(statement.length + 5, 1)
  const { stream } = wire as Wire & { stream: Socket }
  stream.cork()
  stream.write(head)
  stream.write(statement)
  stream.write(Buffer.alloc(1))
  stream.uncork()
}

/** Rows that a command says it wrote: `INSERT 0 5`, `COPY 5`. */
export function rowsIn(commandTag: string): number {
  return Number(/^(?:INSERT \d+|COPY|UPDATE|DELETE|MERGE) (\d+)$/.exec(commandTag)?.[1] ?? 0)
}

/**
 * Carries out a statement that somebody else wrote. What it returns is thrown away as it comes, however much that is; a COPY from or to the client
 * gets nothing. Resolves with the rows that it wrote; throws the server's error.
 */
export async function runStatement(client: Client, statement: Buffer): Promise<number> {
  // the rest would be cut off without a word
  if (statement.includes(0)) throw new LifeboatError('corrupt', 'The statement holds a zero byte.', 'It was not carried out.')
  const run = new Discarding(statement)
  client.query(run)
  return run.done
}

class Discarding implements Submittable {
  readonly done: Promise<number>
  readonly #statement: Buffer
  #rows = 0
  #resolve: (rows: number) => void = () => {}
  #reject: (error: unknown) => void = () => {}

  constructor(statement: Buffer) {
    this.#statement = statement
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  submit(wire: Wire): void {
    sendQuery(wire, this.#statement)
  }
  handleCopyInResponse(wire: Wire & { sendCopyFail(reason: string): void }): void {
    wire.sendCopyFail('there is no data for it')
  }
  handleCommandComplete(message: { text: string }): void {
    this.#rows = rowsIn(message.text)
  }
  handleError(error: Error): void {
    this.#reject(error)
  }
  handleReadyForQuery(): void {
    this.#resolve(this.#rows)
  }
  handleCopyData(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
}
