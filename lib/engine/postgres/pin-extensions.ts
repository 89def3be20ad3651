import { quoteText } from './live-table.ts'
import { tocPlaces } from './toc-places.ts'
import { rewriteToc } from './toc-rewrite.ts'

/**
 * The table of contents with a version behind each named extension: pg_dump writes none, and a server would create its default one.
 * An extension whose statement is not the one that pg_dump writes is left as it is; which version came is looked at afterwards.
 */
export function pinExtensions(toc: Buffer, versions: ReadonlyMap<string, string>): Buffer {
  if (versions.size === 0) return toc
  const { encoding, intSize, entries } = tocPlaces(toc)
  const text: BufferEncoding = encoding === 'UTF8' ? 'utf8' : 'latin1'
  return rewriteToc(
    toc,
    intSize,
    entries.flatMap(({ desc, tag, defn }) => {
      const version = desc === 'EXTENSION' ? versions.get(toc.toString(text, tag.textBegin, tag.end)) : undefined
      const statement = toc.toString(text, defn.textBegin, defn.end)
      if (version === undefined || !/^CREATE EXTENSION IF NOT EXISTS [\s\S]*;\s*$/.test(statement)) return []
      return [
        {
          place: defn,
          bytes: Buffer.from(
            statement.replace(/;\s*$/, () => ` VERSION ${quoteText(version)};\n`),
            text,
          ),
        },
      ]
    }),
  )
}
