import { LifeboatError } from '#lib/domain/errors.ts'
import { SqlBuffer } from './sql-buffer.ts'
import { SqlScanner } from './sql-scanner.ts'

/** One thing in the text of a dump. `text` is decoded as UTF-8; `bytes` are as they stand there, in the encoding that the dump sets. `line` counts from 1. */
export type SqlItem =
  | { kind: 'statement'; text: string; bytes: Buffer; line: number }
  /** `data` is what stands between the statement and `\.`; it must be read to its end before the next item is asked for */
  | { kind: 'copy'; text: string; bytes: Buffer; line: number; data: AsyncIterable<Buffer> }
  | { kind: 'backslash'; text: string; line: number }

export interface SqlOptions {
  /** of one statement; default 256 MiB */
  maximumStatementBytes?: number
}

const newline = 0x0a
/** A line of `\.` ends a block; this much is kept back, because it may go on in the next piece. */
const endMark = Buffer.from('\n\\.')
const keepBack = 4

/**
 * Splits the text of pg_dump, or of `pg_restore --file=-`, into statements, COPY blocks and psql's backslash commands, as psql would, while it
 * streams. Throws `corrupt` with the line where a string, a comment, a statement or a COPY block has no end, and `refused` where a statement is
 * longer than it may be.
 */
export async function* readSql(source: AsyncIterable<Buffer>, options: SqlOptions = {}): AsyncGenerator<SqlItem> {
  const maximum = options.maximumStatementBytes ?? 256 << 20
  const buffer = new SqlBuffer(source)
  let standardStrings = true
  let line = 1
  try {
    for (let last = false; ; ) {
      const scanner = new SqlScanner(line)
      scanner.standardStrings = standardStrings
      let offset = 0
      let item: SqlItem | null = null
      while (item === null) {
        const { begun } = scanner
        const { found, at } = scanner.scan(buffer.bytes, buffer.begin + offset, buffer.end, last)
        // comments and blank lines between statements are given up
        if (!begun) buffer.begin = scanner.begun ? scanner.firstAt : at
        offset = at - buffer.begin
        if (found === 'backslash') {
          const command = await takeLine(buffer, offset)
          // in the middle of a statement it is no part of it
          buffer.bytes.fill(0x20, buffer.begin + offset, buffer.begin + offset + command.length)
          yield { kind: 'backslash', text: command.toString('utf8').trimEnd(), line: scanner.line }
        } else if (found === 'end') {
          const bytes = Buffer.from(buffer.bytes.subarray(buffer.begin, at))
          item = { kind: 'statement', text: bytes.toString('utf8').trim(), bytes, line: scanner.firstLine }
          buffer.begin = at
        } else {
          if (offset > maximum) throw tooLong(scanner.firstLine, maximum)
          if (last) break
          last = !(await buffer.more())
        }
      }
      line = scanner.line
      if (item === null) {
        const open = scanner.open()
        if (open !== null) throw cutOff(`a ${open}`, scanner.begun ? scanner.firstLine : line)
        return
      }
      if (isCopyIn(item.text)) {
        const block = new CopyBlock(buffer, item.line, line)
        yield { ...item, kind: 'copy', data: block.read() }
        if (!block.ended) throw new Error('the data of a COPY was not read to its end')
        line = block.line
      } else {
        standardStrings = standardStringsAfter(item.text) ?? standardStrings
        yield item
      }
    }
  } finally {
    await buffer.close()
  }
}

/** The rest of the line at `offset`, without its newline. */
async function takeLine(buffer: SqlBuffer, offset: number): Promise<Buffer> {
  for (let searched = offset; ; ) {
    const at = buffer.bytes.subarray(0, buffer.end).indexOf(newline, buffer.begin + searched)
    if (at !== -1) return Buffer.from(buffer.bytes.subarray(buffer.begin + offset, at))
    searched = buffer.end - buffer.begin
    if (searched - offset > 1 << 20) throw new LifeboatError('corrupt', 'A backslash command of the dump has no end.', 'Nothing was imported.')
    if (!(await buffer.more())) return Buffer.from(buffer.bytes.subarray(buffer.begin + offset, buffer.end))
  }
}

/** COPY … FROM stdin, with or without options behind it. */
function isCopyIn(text: string): boolean {
  const statement = text.length > 1_000_000 ? '' : text.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/, '')
  return /^COPY\b/i.test(statement) && /\bFROM\s+STDIN\b/i.test(statement.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, 'x'))
}

function standardStringsAfter(text: string): boolean | null {
  if (text.length > 4096) return null
  const value = /\bSET\s+(?:SESSION\s+)?standard_conforming_strings\s*(?:=|TO)\s*'?(\w+)/i.exec(text)?.[1]?.toLowerCase()
  return value === undefined ? null : ['on', 'true', 'yes', '1'].includes(value)
}

class CopyBlock {
  ended = false
  line: number
  readonly #buffer: SqlBuffer
  readonly #begun: number

  constructor(buffer: SqlBuffer, begun: number, line: number) {
    this.#buffer = buffer
    this.#begun = begun
    this.line = line
  }

  async *read(): AsyncGenerator<Buffer> {
    const buffer = this.#buffer
    await this.#skipLineEnd()
    for (let atLineStart = true; ; ) {
      const { begin, end, bytes } = buffer
      const mark = this.#markFrom(begin, atLineStart)
      if (mark !== null) {
        if (mark.data > begin) yield this.#counted(Buffer.from(bytes.subarray(begin, mark.data)))
        buffer.begin = mark.after
        // of the mark's own line
        this.line += 1
        this.ended = true
        return
      }
      const to = end - keepBack
      if (to > begin) {
        yield this.#counted(Buffer.from(bytes.subarray(begin, to)))
        atLineStart = bytes[to - 1] === newline
        buffer.begin = to
      }
      if (!(await buffer.more())) {
        // the mark may be the very end of the file
        const rest = buffer.bytes.toString('latin1', buffer.begin, buffer.end)
        const mark = /(^|\n)\\\.\r?$/.exec(rest)
        if (mark === null || (mark[1] === '' && !atLineStart)) throw cutOff('a COPY block', this.#begun)
        const data = rest.slice(0, mark.index + (mark[1]?.length ?? 0))
        if (data.length > 0) yield this.#counted(Buffer.from(data, 'latin1'))
        buffer.begin = buffer.end
        this.ended = true
        return
      }
    }
  }

  /** Where the data ends and what follows the mark begins; null: not in what is here. */
  #markFrom(begin: number, atLineStart: boolean): { data: number; after: number } | null {
    const bytes = this.#buffer.bytes.subarray(0, this.#buffer.end)
    const endsAt = (at: number) => {
      if (bytes[at] !== 0x5c || bytes[at + 1] !== 0x2e) return null
      if (bytes[at + 2] === newline) return { data: at, after: at + 3 }
      return bytes[at + 2] === 0x0d && bytes[at + 3] === newline ? { data: at, after: at + 4 } : null
    }
    const first = atLineStart ? endsAt(begin) : null
    if (first !== null) return first
    for (let at = bytes.indexOf(endMark, begin); at !== -1; at = bytes.indexOf(endMark, at + 1)) {
      const found = endsAt(at + 1)
      if (found !== null) return found
    }
    return null
  }

  /** psql takes the data from the line after the statement. */
  async #skipLineEnd(): Promise<void> {
    const rest = await takeLine(this.#buffer, 0)
    if (rest.toString('latin1').trim() !== '') throw cutOff('the line of a COPY', this.#begun)
    if (this.#buffer.begin + rest.length >= this.#buffer.end) throw cutOff('a COPY block', this.#begun)
    this.#buffer.begin += rest.length + 1
    this.line += 1
  }

  #counted(piece: Buffer): Buffer {
    for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, at + 1)) this.line += 1
    return piece
  }
}

function cutOff(what: string, line: number): LifeboatError {
  return new LifeboatError(
    'corrupt',
    `The dump is cut off or damaged: ${what} that begins in line ${line} has no end.`,
    'Use another copy of the file.',
    {
      detail: { line },
    },
  )
}

function tooLong(line: number, maximum: number): LifeboatError {
  return new LifeboatError(
    'refused',
    `The statement in line ${line} is longer than ${Math.floor(maximum / 2 ** 20)} MiB.`,
    'It was not carried out.',
    {
      detail: { line },
    },
  )
}
