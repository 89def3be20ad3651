import { LifeboatError } from '#lib/domain/errors.ts'

/** One word of a statement; `name`: an identifier, with its value as the catalogue has it. White space and comments are none. */
export interface SqlToken {
  kind: 'name' | 'quoted' | 'string' | 'other'
  /** of names and plain strings, without their quotes; of everything else as it stands */
  value: string
  from: number
  to: number
  /** of parentheses around it */
  depth: number
}

const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y
const space = /(?:\s|--[^\n]*)+/y
const quoted = /"((?:[^"]|"")+)"/y
const plainString = /'((?:[^']|'')*)'/y
const escapeString = /[eE]'((?:[^'\\]|''|\\[\s\S])*)'/y
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
const number = /[0-9][0-9A-Za-z_.]*/y

/** The tokens of statements as pg_dump writes them, with standard strings. Throws corrupt for a text that ends in the middle of one. */
export function sqlTokens(text: string): SqlToken[] {
  const tokens: SqlToken[] = []
  let depth = 0
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(text)
  }
  const push = (kind: SqlToken['kind'], value: string, length: number) => {
    tokens.push({ kind, value, from: at, to: at + length, depth })
    at += length
  }
  while (at < text.length) {
    const white = match(space)
    if (white !== null) {
      at += white[0].length
      continue
    }
    const escaped = match(escapeString)
    if (escaped !== null) {
      push('other', escaped[0], escaped[0].length)
      continue
    }
    const plain = match(word)
    if (plain !== null) {
      push('name', plain[0].toLowerCase(), plain[0].length)
      continue
    }
    const character = text[at] ?? ''
    if (character === '"' || character === "'") {
      const found = match(character === '"' ? quoted : plainString)
      if (found === null) throw damaged()
      push(character === '"' ? 'quoted' : 'string', (found[1] ?? '').replaceAll(character + character, character), found[0].length)
      continue
    }
    const tag = match(dollarTag)
    if (tag !== null) {
      const end = text.indexOf(tag[0], at + tag[0].length)
      if (end === -1) throw damaged()
      push('other', text.slice(at, end + tag[0].length), end + tag[0].length - at)
      continue
    }
    const digits = match(number)
    if (digits !== null) {
      push('other', digits[0], digits[0].length)
      continue
    }
    if (text.startsWith('/*', at)) {
      at = endOfComment(text, at)
      continue
    }
    if (character === ')') depth -= 1
    push('other', character, 1)
    if (character === '(') depth += 1
  }
  if (depth !== 0) throw damaged()
  return tokens
}

/** The tokens of each statement, without its semicolon. */
export function sqlStatements(text: string): SqlToken[][] {
  const statements: SqlToken[][] = []
  let current: SqlToken[] = []
  for (const token of sqlTokens(text)) {
    if (token.kind === 'other' && token.value === ';' && token.depth === 0) {
      if (current.length > 0) statements.push(current)
      current = []
    } else current.push(token)
  }
  if (current.length > 0) throw damaged()
  return statements
}

function endOfComment(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length - 1; i++) {
    const two = text.slice(i, i + 2)
    if (two === '/*') depth++
    else if (two === '*/' && --depth === 0) return i + 2
    else continue
    i++
  }
  throw damaged()
}

function damaged(): LifeboatError {
  return new LifeboatError('corrupt', 'The table of contents is damaged: a definition ends in the middle.', 'Use another copy or backup.')
}
