const newline = 0x0a
type State = 'plain' | 'quote' | 'escape' | 'name' | 'line' | 'block' | 'dollar'

/**
 * Where a statement ends, as psql's scanner sees it (src/fe_utils/psqlscan.l): quotes, E'' strings, dollar quotes, nested comments, parentheses,
 * and the bodies between BEGIN ATOMIC and END. Fed byte by byte from wherever it stopped, so that it works on any cut of the input.
 */
export class SqlScanner {
  /** anything but white space and comments was seen */
  begun = false
  /** newlines passed since the last statement's end, and where the first byte of this one stood */
  line: number
  firstLine: number
  /** where it stood in the bytes of that scan */
  firstAt = 0
  /** as the dump sets it */
  standardStrings = true

  #state: State = 'plain'
  #parentheses = 0
  #comments = 0
  #bodies = 0
  #words: string[] = []
  #tag = Buffer.alloc(0)

  constructor(line: number) {
    this.line = line
    this.firstLine = line
  }

  /** What is open where the input ends; null: nothing. */
  open(): string | null {
    const names = { quote: 'string', escape: 'string', name: 'quoted name', block: 'comment', dollar: 'dollar-quoted string' }
    return this.#state === 'plain' || this.#state === 'line' ? (this.begun ? 'statement' : null) : names[this.#state]
  }

  /**
   * Scans on from `at`. `end`: just behind a statement’s semicolon. `backslash`: at a backslash outside of quotes. `more`: `at` is where to go
   * on when there is more input; `last` says that there is none.
   */
  scan(bytes: Buffer, at: number, end: number, last: boolean): { found: 'end' | 'backslash' | 'more'; at: number } {
    let i = at
    while (i < end) {
      const byte = bytes[i] ?? 0
      if (this.#state === 'plain') {
        // a token may go on behind the cut: wait for what follows it
        const next = this.#plain(bytes, i, end, last)
        if (next === 'more') return { found: 'more', at: i }
        if (next === 'end') return { found: 'end', at: i + 1 }
        if (next === 'backslash') return { found: 'backslash', at: i }
        i = next
        continue
      }
      const next = this.#inside(bytes, i, end, byte, last)
      if (next === null) return { found: 'more', at: i }
      i = next
    }
    return { found: 'more', at: i }
  }

  #plain(bytes: Buffer, i: number, end: number, last: boolean): number | 'end' | 'more' | 'backslash' {
    const byte = bytes[i] ?? 0
    if (byte === newline) this.line += 1
    if (byte <= 0x20) return i + 1
    const following = i + 1 < end ? (bytes[i + 1] ?? 0) : null
    if ((byte === 0x2d || byte === 0x2f) && following === null && !last) return 'more'
    if (byte === 0x2d && following === 0x2d) return this.#enter('line', i + 2)
    if (byte === 0x2f && following === 0x2a) {
      this.#comments = 1
      return this.#enter('block', i + 2)
    }
    if (byte === 0x5c) return 'backslash'
    if (!this.begun) {
      this.begun = true
      this.firstLine = this.line
      this.firstAt = i
    }
    if (byte === 0x3b && this.#parentheses === 0 && this.#bodies === 0) return 'end'
    if (byte === 0x27) return this.#enter(this.standardStrings ? 'quote' : 'escape', i + 1)
    if (byte === 0x22) return this.#enter('name', i + 1)
    if (byte === 0x28) this.#parentheses += 1
    if (byte === 0x29 && this.#parentheses > 0) this.#parentheses -= 1
    if (byte === 0x24) return this.#dollar(bytes, i, end, last)
    if (isWordStart(byte)) return this.#word(bytes, i, end, last)
    return i + 1
  }

  #word(bytes: Buffer, i: number, end: number, last: boolean): number | 'more' {
    let to = i + 1
    while (to < end && isWord(bytes[to] ?? 0)) to += 1
    if (to === end && !last) return to - i > 1024 ? to : 'more'
    if (to - i > 16) {
      if (this.#words.length < 4) this.#words.push('')
      return to
    }
    const word = bytes.toString('latin1', i, to).toLowerCase()
    if (word === 'e' && bytes[to] === 0x27) return this.#enter('escape', to + 1)
    if (this.#words.length < 4) this.#words.push(word)
    if (this.#parentheses === 0 && this.#isRoutine()) {
      if (word === 'begin') this.#bodies += 1
      else if (word === 'case' && this.#bodies > 0) this.#bodies += 1
      else if (word === 'end' && this.#bodies > 0) this.#bodies -= 1
    }
    return to
  }

  #isRoutine(): boolean {
    const [first, second = '', , fourth = ''] = this.#words
    const kind = second === 'or' ? fourth : second
    return first === 'create' && (kind === 'function' || kind === 'procedure')
  }

  #dollar(bytes: Buffer, i: number, end: number, last: boolean): number | 'more' {
    let to = i + 1
    while (to < end && isTag(bytes[to] ?? 0, to === i + 1)) to += 1
    if (to === end && !last && to - i < 200) return 'more'
    if (to < end && bytes[to] === 0x24) {
      this.#tag = Buffer.from(bytes.subarray(i, to + 1))
      return this.#enter('dollar', to + 1)
    }
    return i + 1
  }

  /** null: wait for more. */
  #inside(bytes: Buffer, i: number, end: number, byte: number, last: boolean): number | null {
    const following = i + 1 < end ? (bytes[i + 1] ?? 0) : null
    if (byte === newline) this.line += 1
    switch (this.#state) {
      case 'line':
        return byte === newline ? this.#enter('plain', i + 1) : i + 1
      case 'block':
        if ((byte === 0x2a || byte === 0x2f) && following === null && !last) return null
        if (byte === 0x2f && following === 0x2a) this.#comments += 1
        else if (byte === 0x2a && following === 0x2f) this.#comments -= 1
        else return i + 1
        return this.#comments === 0 ? this.#enter('plain', i + 2) : i + 2
      case 'dollar': {
        if (byte !== 0x24) return i + 1
        if (i + this.#tag.length > end) return last ? i + 1 : null
        return bytes.subarray(i, i + this.#tag.length).equals(this.#tag) ? this.#enter('plain', i + this.#tag.length) : i + 1
      }
      default:
        return this.#quoted(i, byte, following, last)
    }
  }

  #quoted(i: number, byte: number, following: number | null, last: boolean): number | null {
    const mark = this.#state === 'name' ? 0x22 : 0x27
    const isEscape = this.#state === 'escape' && byte === 0x5c
    if (byte !== mark && !isEscape) return i + 1
    if (following === null && !last) return null
    if (isEscape) {
      if (following === newline) this.line += 1
      return i + 2
    }
    return following === mark ? i + 2 : this.#enter('plain', i + 1)
  }

  #enter(state: State, at: number): number {
    this.#state = state
    return at
  }
}

function isWordStart(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || byte >= 0x80
}

function isWord(byte: number): boolean {
  return isWordStart(byte) || (byte >= 0x30 && byte <= 0x39) || byte === 0x24
}

function isTag(byte: number, first: boolean): boolean {
  return isWordStart(byte) || (!first && byte >= 0x30 && byte <= 0x39)
}
