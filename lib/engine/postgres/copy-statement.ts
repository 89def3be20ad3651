import { LifeboatError } from '#lib/domain/errors.ts'
import { quoteText } from './live-table.ts'
import type { TocEntry } from './toc.ts'

/**
 * The entry's `COPY … FROM stdin`, which says itself in which encoding the data comes: set for the session, it would hold for the names in the
 * statement as well, which go over the wire as UTF-8. Throws corrupt where the entry has none.
 */
export function copyStatementOf(entry: TocEntry, encoding: string): string {
  const statement = entry.copyStatement ?? ''
  const end = /\s*FROM stdin;\s*$/.exec(statement)
  if (end === null || !statement.startsWith('COPY ')) throw new LifeboatError('corrupt', `The table of contents has no COPY for ${entry.tag}.`)
  return `${statement.slice(0, end.index)} FROM stdin WITH (ENCODING ${quoteText(encoding)});`
}
