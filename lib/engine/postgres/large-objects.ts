import { createReadStream } from 'node:fs'
import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'

/*
 * The packed large objects: one stream, the same bytes for the same objects, whatever order pg_dump wrote them in.
 *   "LBLO1\n"
 *   per object, by rising OID:  "O"  u32 list  u32 oid  u64 length  bytes
 *   "E"  u64 number of objects
 * Integers are big-endian. `list` is the index of the object's list file (blobs.toc; from PostgreSQL 17 several, blobs_<id>.toc)
 * among the lists ordered by their lowest OID; the table of contents names the files in the same order.
 */
export const packMagic = Buffer.from('LBLO1\n')
export const objectHead = 1 + 4 + 4 + 8

export interface ListedObject {
  list: number
  oid: number
}

/** What pg_dump left in `dir`, by rising OID; empty where there are no large objects. */
export async function listLargeObjects(dir: string): Promise<ListedObject[]> {
  const lists: number[][] = []
  for (const name of (await readdir(dir)).filter((one) => /^blobs(_\d+)?\.toc$/.test(one))) {
    const oids = parseList(await readFile(join(dir, name), 'latin1'))
    if (oids.length > 0) lists.push(oids)
  }
  lists.sort((a, b) => lowest(a) - lowest(b))
  return lists.flatMap((oids, list) => oids.map((oid) => ({ list, oid }))).sort((a, b) => a.oid - b.oid)
}

/** Reads each object's file once; `onBytes` counts their contents. */
export async function* packLargeObjects(dir: string, objects: readonly ListedObject[], onBytes: (count: number) => void): AsyncGenerator<Buffer> {
  yield packMagic
  for (const { list, oid } of objects) {
    const path = join(dir, objectFile(oid))
    const { size } = await stat(path)
    const head = Buffer.alloc(objectHead)
    head.write('O', 0, 'latin1')
    head.writeUInt32BE(list, 1)
    head.writeUInt32BE(oid, 5)
    head.writeBigUInt64BE(BigInt(size), 9)
    if (size <= 1 << 20) {
      const content = await readFile(path)
      if (content.length !== size) throw changed()
      onBytes(size)
      yield Buffer.concat([head, content])
      continue
    }
    yield head
    let left = size
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
      left -= (piece as Buffer).length
      onBytes((piece as Buffer).length)
      yield piece as Buffer
    }
    if (left !== 0) throw changed()
  }
  const end = Buffer.alloc(9)
  end.write('E', 0, 'latin1')
  end.writeBigUInt64BE(BigInt(objects.length), 1)
  yield end
}

export function objectFile(oid: number): string {
  return `blob_${oid}.dat`
}

/** Lines `<oid> blob_<oid>.dat`. */
function parseList(text: string): number[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const match = /^(\d{1,10}) blob_(\d{1,10})\.dat$/.exec(line)
      if (!match || match[1] !== match[2]) throw new LifeboatError('tool_failed', 'pg_dump wrote a list of large objects that is not understood.')
      return Number(match[1])
    })
}

function lowest(oids: readonly number[]): number {
  return oids.reduce((low, oid) => Math.min(low, oid), Number.POSITIVE_INFINITY)
}

function changed(): LifeboatError {
  return new LifeboatError('tool_failed', 'A large object’s file changed while it was read.', 'The backup was not written. Try again.')
}
