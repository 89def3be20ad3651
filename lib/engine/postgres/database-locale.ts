import { parseToc } from './toc.ts'

/** How a database sorts and compares, where that is not the C library: its rules decide what is unique and in order. */
export interface DatabaseLocale {
  provider: 'icu' | 'builtin'
  locale: string
}

/** Out of the DATABASE entry that every archive has; null for libc, and for servers that know nothing else (14 and older). */
export function databaseLocale(toc: Buffer): DatabaseLocale | null {
  const statement = parseToc(toc).entries.find((entry) => entry.desc === 'DATABASE')?.defn ?? ''
  const provider = / LOCALE_PROVIDER = (icu|builtin)\b/.exec(statement)?.[1]
  if (provider !== 'icu' && provider !== 'builtin') return null
  const own = / (?:ICU|BUILTIN)_LOCALE = '((?:[^']|'')*)'/.exec(statement)?.[1]
  const shared = / LOCALE = '((?:[^']|'')*)'/.exec(statement)?.[1]
  const locale = (own ?? shared)?.replaceAll("''", "'")
  return locale === undefined ? null : { provider, locale }
}
