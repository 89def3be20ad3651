import type { Place } from './toc-places.ts'

/** The same bytes with other texts at these places, which come in their order. */
export function rewriteToc(toc: Buffer, intSize: number, changes: readonly { place: Place; bytes: Buffer }[]): Buffer {
  const pieces: Buffer[] = []
  let done = 0
  for (const { place, bytes } of changes) {
    pieces.push(toc.subarray(done, place.begin), integer(bytes.length, intSize), bytes)
    done = place.end
  }
  return Buffer.concat([...pieces, toc.subarray(done)])
}

/** As pg_dump writes one: a sign byte, then the lowest byte first. */
function integer(value: number, intSize: number): Buffer {
  const bytes = Buffer.alloc(1 + intSize)
  bytes.writeUInt32LE(value, 1)
  return bytes
}
