import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { LifeboatError } from '#lib/domain/errors.ts'
import { namesIn } from './large-object-watch.ts'

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
  for await (const names of namesIn(dir, 1024)) {
    for (const name of names.filter((one) => /^blobs(_\d+)?\.toc$/.test(one))) {
      const oids = parseList(await readFile(join(dir, name), 'latin1'))
      if (oids.length > 0) lists.push(oids)
    }
  }
  lists.sort((a, b) => lowest(a) - lowest(b))
  return lists.flatMap((oids, list) => oids.map((oid) => ({ list, oid }))).sort((a, b) => a.oid - b.oid)
}

const smallBytes = 1 << 20
const atOnce = 64

/** Reads each object's file once; `onBytes` counts their contents. */
export async function* packLargeObjects(dir: string, objects: readonly ListedObject[], onBytes: (count: number) => void): AsyncGenerator<Buffer> {
  yield packMagic
  for (let at = 0; at < objects.length; at += atOnce) {
    const group = objects.slice(at, at + atOnce).map((object) => withSize(dir, object))
    while (group.length > 0) {
      const small = takeSmall(group)
      if (small.length > 0) yield packSmall(small, onBytes)
      const next = group.shift()
      if (next) yield* packOne(next, onBytes)
    }
    // others get their turn
    await setImmediate()
  }
  const end = Buffer.alloc(9)
  end.write('E', 0, 'latin1')
  end.writeBigUInt64BE(BigInt(objects.length), 1)
  yield end
}

interface SizedObject extends ListedObject {
  path: string
  size: number
}

function withSize(dir: string, { list, oid }: ListedObject): SizedObject {
  const path = join(dir, objectFile(oid))
  return { list, oid, path, size: statSync(path).size }
}

/** From the front of `group`, those that together make a piece; none where the first is a large one. */
function takeSmall(group: SizedObject[]): SizedObject[] {
  let bytes = 0
  const end = group.findIndex(({ size }) => (bytes += size) > smallBytes)
  return group.splice(0, end === -1 ? group.length : end)
}

/**
 * Small files, 64 at a time without giving way: pg_dump has just written them, so they lie in memory. Each step over the thread pool
 * instead made it 1.3 ms a file on a busy machine against 0.03 ms (minutes for 100,000), and its garbage took 100 MB.
 */
function packSmall(objects: readonly SizedObject[], onBytes: (count: number) => void): Buffer {
  const pack = Buffer.allocUnsafe(objects.reduce((sum, { size }) => sum + objectHead + size, 0))
  let at = 0
  for (const object of objects) {
    at += headOf(object).copy(pack, at)
    const file = openSync(object.path, 'r')
    try {
      if (fstatSync(file).size !== object.size || readSync(file, pack, at, object.size, 0) !== object.size) throw changed()
    } finally {
      closeSync(file)
    }
    at += object.size
  }
  // once for all: whoever is told writes sentences of it, and 100,000 of them took 200 MB
  onBytes(objects.reduce((sum, { size }) => sum + size, 0))
  return pack
}

async function* packOne(object: SizedObject, onBytes: (count: number) => void): AsyncGenerator<Buffer> {
  yield headOf(object)
  let left = object.size
  for await (const piece of createReadStream(object.path, { highWaterMark: smallBytes })) {
    left -= (piece as Buffer).length
    onBytes((piece as Buffer).length)
    yield piece as Buffer
  }
  if (left !== 0) throw changed()
}

function headOf({ list, oid, size }: SizedObject): Buffer {
  const head = Buffer.allocUnsafe(objectHead)
  head.write('O', 0, 'latin1')
  head.writeUInt32BE(list, 1)
  head.writeUInt32BE(oid, 5)
  head.writeBigUInt64BE(BigInt(size), 9)
  return head
}

export function objectFile(oid: number): string {
  return `blob_${oid}.dat`
}

/** Lines `<oid> blob_<oid>.dat`, one after the other: all of 100,000 as texts at once took 20 MB. */
function parseList(text: string): number[] {
  const oids: number[] = []
  const line = /(\d{1,10}) blob_(\d{1,10})\.dat\n/y
  while (line.lastIndex < text.length) {
    const match = line.exec(text)
    if (!match || match[1] !== match[2]) throw new LifeboatError('tool_failed', 'pg_dump wrote a list of large objects that is not understood.')
    oids.push(Number(match[1]))
  }
  return oids
}

function lowest(oids: readonly number[]): number {
  return oids.reduce((low, oid) => Math.min(low, oid), Number.POSITIVE_INFINITY)
}

function changed(): LifeboatError {
  return new LifeboatError('tool_failed', 'A large object’s file changed while it was read.', 'The backup was not written. Try again.')
}
