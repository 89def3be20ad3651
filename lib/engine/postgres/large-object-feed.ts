import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'
import { PieceReader } from './piece-reader.ts'
import { objectFile, objectHead, packMagic } from './large-objects.ts'
import type { Toc } from './toc.ts'

const maxObject = 4 * 2 ** 40

/** The list files that the table of contents names, by the lowest OID that each holds (the tag is `16401` or `16401..17400`). */
export function listFiles(toc: Toc): string[] {
  return toc.entries
    .filter((entry) => entry.desc === 'BLOBS' && entry.filename !== null)
    .map((entry) => ({ file: entry.filename ?? '', low: Number.parseInt(entry.tag, 10) || 0 }))
    .sort((a, b) => a.low - b.low)
    .map((entry) => entry.file)
}

/**
 * Writes the packed large objects as the files that pg_restore expects, into `dir` (private, 0700, removed by the caller): pg_restore
 * opens up to 100,000 of them one after the other, for which named pipes are too slow. Throws corrupt for anything but a whole pack.
 */
export async function unpackLargeObjects(source: AsyncIterable<Buffer>, dir: string, toc: Toc, onBytes: (count: number) => void): Promise<number> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const files = listFiles(toc)
  const lists = files.map((): string[] => [])
  const reader = new PieceReader(source)
  try {
    if (!(await reader.take(packMagic.length)).equals(packMagic)) throw damaged()
    let count = 0
    let before = -1
    for (;;) {
      const kind = (await reader.take(1)).toString('latin1')
      if (kind === 'E') break
      if (kind !== 'O') throw damaged()
      const head = await reader.take(objectHead - 1)
      const list = lists[head.readUInt32BE(0)]
      const oid = head.readUInt32BE(4)
      const length = Number(head.readBigUInt64BE(8))
      if (list === undefined || oid <= before || length > maxObject) throw damaged()
      before = oid
      const file = await open(join(dir, objectFile(oid)), 'wx', 0o600)
      try {
        for await (const piece of reader.pieces(length)) {
          await file.writeFile(piece)
          onBytes(piece.length)
        }
      } finally {
        await file.close()
      }
      list.push(`${oid} ${objectFile(oid)}\n`)
      count++
    }
    if (Number((await reader.take(8)).readBigUInt64BE()) !== count || !(await reader.atEnd())) throw damaged()
    for (const [index, file] of files.entries()) await writeFile(join(dir, file), (lists[index] ?? []).join(''), { flag: 'wx', mode: 0o600 })
    return count
  } finally {
    await reader.close()
  }
}

function damaged(): LifeboatError {
  return new LifeboatError('corrupt', 'The packed large objects are damaged.', 'They were not restored. Use another copy or backup.')
}
