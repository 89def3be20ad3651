/** A name as SQL writes it, quoted or not; for regular expressions. */
export const name = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`
/** With or without its schema. */
export const qualified = String.raw`${name}(?:\s*\.\s*${name})?`

/** What a written name means: unquoted ones are folded to lower case. */
export function meant(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toLowerCase()
}

/** Without the white space and the comments in front of it. */
export function bare(statement: string): string {
  return statement.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/, '').trimEnd()
}

/** `schema.table` of a COPY or INSERT; schema null where it is not said. */
export function targetOf(statement: string): { schema: string | null; table: string } | null {
  const match = new RegExp(String.raw`^(?:COPY|INSERT\s+INTO)\s+(?:(${name})\s*\.\s*)?(${name})`, 'i').exec(bare(statement))
  if (!match?.[2]) return null
  return { schema: match[1] === undefined ? null : meant(match[1]), table: meant(match[2]) }
}
