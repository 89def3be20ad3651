import type { SqlToken } from './sql-tokens.ts'

/** A name with its schema, and where it stands in the text. */
export interface QualifiedName {
  schema: string
  name: string
  from: number
  to: number
}

/** Reads the head of one statement, word by word; each question moves on only where it is answered. */
export class StatementReader {
  readonly tokens: readonly SqlToken[]
  #at = 0

  constructor(tokens: readonly SqlToken[]) {
    this.tokens = tokens
  }

  /** All of these keywords, in this order. */
  words(...expected: string[]): boolean {
    const fits = expected.every((one, index) => {
      const token = this.tokens[this.#at + index]
      return token?.kind === 'name' && token.value === one
    })
    if (fits) this.#at += expected.length
    return fits
  }

  mark(character: string): boolean {
    const token = this.tokens[this.#at]
    const fits = token?.kind === 'other' && token.value === character
    if (fits) this.#at += 1
    return fits
  }

  name(): SqlToken | null {
    const token = this.tokens[this.#at]
    if (token === undefined || (token.kind !== 'name' && token.kind !== 'quoted')) return null
    this.#at += 1
    return token
  }

  qualified(): QualifiedName | null {
    const before = this.#at
    const schema = this.name()
    const name = schema !== null && this.mark('.') ? this.name() : null
    if (schema !== null && name !== null) return { schema: schema.value, name: name.value, from: schema.from, to: name.to }
    this.#at = before
    return null
  }

  /** Index of the first such keyword outside of parentheses from here on; -1: there is none. */
  find(...expected: string[]): number {
    return this.tokens.findIndex(
      (token, index) =>
        index >= this.#at &&
        token.depth === 0 &&
        expected.every((one, more) => this.tokens[index + more]?.kind === 'name' && this.tokens[index + more]?.value === one),
    )
  }

  goTo(index: number): void {
    this.#at = index
  }
}

/** A piece of text in the place of another. */
export interface Edit {
  from: number
  to: number
  text: string
}

/** The statement of these tokens, with the edits in it. */
export function edited(text: string, tokens: readonly SqlToken[], edits: readonly Edit[]): string {
  let at = tokens[0]?.from ?? 0
  let written = ''
  for (const edit of [...edits].sort((one, other) => one.from - other.from)) {
    written += text.slice(at, edit.from) + edit.text
    at = edit.to
  }
  return written + text.slice(at, tokens.at(-1)?.to ?? at)
}
