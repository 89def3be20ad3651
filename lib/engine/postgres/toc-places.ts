import { parseToc } from './toc.ts'
import { TocReader } from './toc-reader.ts'

/** A text with its length in front: `begin` is where the length begins, `textBegin` where the text does. An absent one is empty. */
export interface Place {
  begin: number
  textBegin: number
  end: number
}
export interface TocPlaces {
  encoding: string
  /** bytes of an integer, without its sign */
  intSize: number
  entries: { desc: string; tag: Place; defn: Place; owner: Place }[]
}

/** Where the texts of a table of contents stand that another role may have to stand in. Throws what parseToc throws. */
export function tocPlaces(bytes: Buffer): TocPlaces {
  // everything that can be wrong with it is found there
  const { encoding } = parseToc(bytes)
  const minor = bytes[6] ?? 0
  const intSize = bytes[8] ?? 0
  const reader = new TocReader(bytes, 11, intSize)
  if (minor >= 15) reader.byte()
  else reader.int()
  for (let field = 0; field < 7; field++) reader.int()
  for (let field = 0; field < 3; field++) reader.skip()
  const count = reader.int()
  const entries: TocPlaces['entries'] = []
  const place = (): Place => {
    const begin = reader.position
    reader.skip()
    return { begin, textBegin: Math.min(begin + 1 + intSize, reader.position), end: reader.position }
  }
  for (let index = 0; index < count; index++) {
    reader.int()
    reader.int()
    reader.skip()
    reader.skip()
    const tag = place()
    const desc = place()
    reader.int()
    const defn = place()
    for (let field = 0; field < 5; field++) reader.skip() // drop, copy, schema, tablespace, access method
    if (minor >= 16) reader.int()
    const owner = place()
    reader.skip()
    while (reader.text() !== null);
    reader.skip()
    entries.push({ desc: bytes.toString('latin1', desc.textBegin, desc.end), tag, defn, owner })
  }
  return { encoding, intSize, entries }
}
