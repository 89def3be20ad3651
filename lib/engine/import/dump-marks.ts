/** What stands at both ends of pg_dump's text. */
export interface DumpMarks {
  /** it begins as pg_dump's text does, so it must end as that does */
  byPgDump: boolean
  /** the last lines are those that pg_dump writes when all is written */
  ended: boolean
  serverVersion: string | null
  toolVersion: string | null
  /** of `pg_dump --verbose`; in UTC, null for other zones */
  startedAt: Date | null
  clientEncoding: string
}

const headBytes = 16_384
const tailBytes = 4096

/** Passes text on and keeps both its ends. */
export class MarkReader {
  #head = Buffer.alloc(0)
  #tail = Buffer.alloc(0)
  bytes = 0

  async *through(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      this.bytes += piece.length
      if (this.#head.length < headBytes) this.#head = Buffer.concat([this.#head, piece.subarray(0, headBytes - this.#head.length)])
      this.#tail = Buffer.concat([this.#tail, piece.subarray(-tailBytes)]).subarray(-tailBytes)
      yield piece
    }
  }

  marks(): DumpMarks {
    const head = this.#head.toString('latin1')
    const started = /^-- Started on (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (UTC|GMT)/m.exec(head)
    return {
      byPgDump: /^-- PostgreSQL database dump\r?$/m.test(head),
      ended: /^-- PostgreSQL database dump complete\r?\n(?:--\r?\n|\s|\\unrestrict \w+|-- Completed on [^\n]*\n)*(?![\s\S])/m.test(
        this.#tail.toString('latin1'),
      ),
      serverVersion: /^-- Dumped from database version (\S+)/m.exec(head)?.[1] ?? null,
      toolVersion: /^-- Dumped by pg_dump version (\S+)/m.exec(head)?.[1] ?? null,
      startedAt: started === null ? null : new Date(`${started[1]}T${started[2]}Z`),
      clientEncoding: /^SET client_encoding = '([\w-]{1,30})'/m.exec(head)?.[1] ?? 'UTF8',
    }
  }
}
