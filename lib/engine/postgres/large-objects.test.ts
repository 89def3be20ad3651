import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LargeObjectWatch } from './large-object-watch.ts'
import { listLargeObjects, objectFile, objectHead, packLargeObjects } from './large-objects.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-objects-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true })
})

async function lay(objects: Map<number, Buffer>): Promise<void> {
  for (const [oid, content] of objects) await writeFile(join(dir, objectFile(oid)), content)
  await writeFile(join(dir, 'blobs.toc'), [...objects.keys()].map((oid) => `${oid} blob_${oid}.dat\n`).join(''))
}

test('small, large and empty objects are packed whole, by rising OID, whatever order they were listed in', async () => {
  // more than are read at once, more than a piece together, some of more than a piece each, and empty ones
  const sizes = Array.from({ length: 200 }, (_, index) => (index % 50 === 7 ? (1 << 20) + index : index % 9 === 0 ? 0 : index * 200))
  const objects = new Map(sizes.map((size, index) => [40_000 - index * 3, Buffer.alloc(size, index)]))
  await lay(objects)
  const listed = await listLargeObjects(dir)
  let counted = 0
  const pack = await buffer(packLargeObjects(dir, listed, (count) => (counted += count)))

  const found = new Map<number, Buffer>()
  let at = 6
  while (pack[at] === 'O'.charCodeAt(0)) {
    const size = Number(pack.readBigUInt64BE(at + 9))
    found.set(pack.readUInt32BE(at + 5), pack.subarray(at + objectHead, at + objectHead + size))
    at += objectHead + size
  }
  expect([...found.keys()]).toEqual([...objects.keys()].sort((a, b) => a - b))
  for (const [oid, content] of objects) expect(found.get(oid)?.equals(content), `object ${oid}`).toBe(true)
  expect(pack.subarray(at)).toEqual(Buffer.from([0x45, 0, 0, 0, 0, 0, 0, 0, 200]))
  expect(counted).toBe(sizes.reduce((sum, size) => sum + size, 0))
})

test('a large object more, and one that is still written to, are seen as movement; a standstill is none', async () => {
  const watch = new LargeObjectWatch(dir, 0)
  expect(await watch.moved(0)).toBe(false)
  await lay(new Map([[7, Buffer.from('seven')]]))
  expect(await watch.moved(1)).toBe(true)
  await watch.moved(1)
  expect(await watch.moved(1), 'nothing was written').toBe(false)
  const later = new Date(Date.now() + 60_000)
  await utimes(join(dir, objectFile(7)), later, later)
  expect(await watch.moved(1), 'it was written to').toBe(true)
  expect(await watch.moved(1)).toBe(false)
})

test('between its looks at what is written to, a watch asks no file', async () => {
  const watch = new LargeObjectWatch(join(dir, 'not there'), 3_600_000)
  expect(await watch.moved(1)).toBe(true)
  expect(await watch.moved(1)).toBe(false)
})
