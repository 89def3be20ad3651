import { asLifeboatError, errorCodes } from '#lib/domain/errors.ts'

/** Data goes to stdout, talk to stderr. With --json stdout carries exactly one JSON document (NDJSON while following). */
export const mode = { json: false }

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** `human` is called only where a person reads. */
export function print(value: unknown, human: () => string): void {
  if (mode.json) printJson(value)
  else process.stdout.write(`${human().trimEnd()}\n`)
}

export function talk(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** The error in both shapes of the contract; returns the exit code. */
export function printError(error: unknown, beside: Record<string, unknown> = {}): number {
  const known = asLifeboatError(error)
  const words = { code: known.code, message: known.message, hint: known.hint }
  if (mode.json) printJson({ error: words, ...beside })
  talk(known.message)
  if (known.hint !== '') talk(known.hint)
  return errorCodes[known.code].exit
}

/** Columns as wide as their widest cell; names of objects are text, so control characters are shown, not obeyed. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows].map((row) => row.map(plain))
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

export function size(bytes: number | null): string {
  if (bytes === null) return '–'
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
