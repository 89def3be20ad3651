import type { LiveColumn } from './live-table.ts'
import { quoteName } from './quote-name.ts'

export interface OtherType {
  name: string
  backup: string
  live: string
}

/**
 * The columns whose type stands otherwise in the backup's CREATE TABLE than the live table has it. Their values may differ in text
 * alone. A column that the definition does not name (a typed table) is not told.
 */
export function otherTypes(definition: string | null, columns: readonly LiveColumn[]): OtherType[] {
  if (definition === null) return []
  return columns.flatMap(({ name, type }) => {
    const rest = definitionOf(definition, name)
    if (
      rest === null ||
      (rest.startsWith(type) &&
        /^(,?\n| (NOT NULL|DEFAULT|COLLATE|GENERATED|CONSTRAINT|OPTIONS|STORAGE|COMPRESSION)\b)/.test(rest.slice(type.length)))
    )
      return []
    const backup = (/^(.*?)(,?$| (NOT NULL|DEFAULT|COLLATE|GENERATED|CONSTRAINT)\b)/m.exec(rest)?.[1] ?? '').trim()
    return [{ name, backup, live: type }]
  })
}

/** What stands behind a column's name. */
function definitionOf(definition: string, name: string): string | null {
  for (const written of [name, quoteName(name)]) {
    const start = `\n    ${written} `
    const at = definition.indexOf(start)
    if (at !== -1) return definition.slice(at + start.length)
  }
  return null
}
