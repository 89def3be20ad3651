import { LifeboatError } from '#lib/domain/errors.ts'

/** Where a text stood that may stand again. */
export interface Repeated {
  begin: number
  length: number
  text: string
}

/** Integers and strings of a pg_dump archive, each bounded by what is left of the buffer. */
export class TocReader {
  #position: number
  readonly #bytes: Buffer
  readonly #intSize: number
  #decode: (begin: number, end: number) => string = (begin, end) => this.#bytes.toString('utf8', begin, end)

  constructor(bytes: Buffer, position: number, intSize: number) {
    this.#bytes = bytes
    this.#position = position
    this.#intSize = intSize
  }

  get position(): number {
    return this.#position
  }

  byte(): number {
    return this.#bytes[this.#skip(1)] ?? 0
  }

  /** A sign byte, then `intSize` bytes, lowest first. */
  int(): number {
    const negative = this.byte() !== 0
    const begin = this.#skip(this.#intSize)
    let value = 0
    for (let index = this.#position - 1; index >= begin; index--) value = value * 256 + (this.#bytes[index] ?? 0)
    if (!Number.isSafeInteger(value)) throw damaged('a number is impossible')
    return negative ? -value : value
  }

  /** null: written as absent (length -1). */
  text(): string | null {
    const length = this.int()
    if (length < 0) return null
    return this.#decode(this.#skip(length), this.#position)
  }

  /** As text(), for what is mostly the same from one entry to the next: the string that was `last` read is given again, none is made. */
  sameText(last: Repeated): string | null {
    const length = this.int()
    if (length < 0) return null
    const begin = this.#skip(length)
    if (last.length !== length || this.#bytes.compare(this.#bytes, last.begin, last.begin + length, begin, begin + length) !== 0) {
      last.begin = begin
      last.length = length
      last.text = this.#decode(begin, this.#position)
    }
    return last.text
  }

  /** Over a text that nobody needs. */
  skip(): void {
    const length = this.int()
    if (length > 0) this.#skip(length)
  }

  atEnd(): boolean {
    return this.#position === this.#bytes.length
  }

  /** `SET client_encoding = 'LATIN1';`: names stand in the database's encoding. Unknown ones are read byte by byte, so that no two names collide. Returns its name. */
  useEncoding(statement: string): string {
    const name = /client_encoding = '([A-Za-z0-9_-]+)'/.exec(statement)?.[1] ?? 'UTF8'
    if (name === 'UTF8') return name
    const label = { EUC_JP: 'euc-jp', EUC_KR: 'euc-kr', WIN1251: 'windows-1251', WIN1252: 'windows-1252', LATIN2: 'iso-8859-2', KOI8R: 'koi8-r' }[
      name
    ]
    const decoder = label ? new TextDecoder(label) : null
    this.#decode = decoder
      ? (begin, end) => decoder.decode(this.#bytes.subarray(begin, end))
      : (begin, end) => this.#bytes.toString('latin1', begin, end)
    return name
  }

  /** Returns where the bytes that were passed over begin. Nothing is cut out: a table of contents has some thirty values an entry. */
  #skip(length: number): number {
    const begin = this.#position
    if (begin + length > this.#bytes.length) throw damaged('it ends too early')
    this.#position = begin + length
    return begin
  }
}

function damaged(why: string): LifeboatError {
  return new LifeboatError('corrupt', `The table of contents is damaged: ${why}.`, 'Nothing was restored from it. Use another copy or backup.')
}
