import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { checkMarker, markerKey, readMarker, writeMarker } from '#lib/engine/storage/marker.ts'

export interface StorageUnderTest {
  /** opens the same place with that id, or without asking for a marker */
  open(storageId: string | null): StorageDriver
  stop(): Promise<void>
}

export const signal = new AbortController().signal
export const storageId = '3f0c5a52-6f3f-4b0c-8a26-1d8a4f6f0a01'
const anotherId = '3f0c5a52-6f3f-4b0c-8a26-1d8a4f6f0a02'

export async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export async function keysBelow(driver: StorageDriver, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const object of driver.list(prefix, { signal })) keys.push(object.key)
  return keys
}

/** The behaviours that every driver owes, whatever lies beneath. `big` is a size that an S3 driver sends in several parts, in bytes. */
export function storageContract(begin: () => Promise<StorageUnderTest>, big: number): void {
  let place: StorageUnderTest
  let driver: StorageDriver
  beforeAll(async () => {
    place = await begin()
  })
  afterAll(async () => {
    await driver?.close()
    await place?.stop()
  })

  test('a place without a marker is absent: nothing is written, read, listed or deleted there', async () => {
    const unmarked = place.open(storageId)
    const absent = { code: 'storage_absent' }
    await expect(unmarked.put('a/one', Readable.from([Buffer.from('x')]), { signal })).rejects.toMatchObject(absent)
    await expect(unmarked.putSmall('RECOVERY.md', Buffer.from('x'), { signal, overwrite: true })).rejects.toMatchObject(absent)
    await expect(unmarked.get('a/one', { signal })).rejects.toMatchObject(absent)
    await expect(unmarked.head('a/one', { signal })).rejects.toMatchObject(absent)
    await expect(unmarked.remove('a/one', { signal })).rejects.toMatchObject(absent)
    await expect(unmarked.unfinished('', { signal })[Symbol.asyncIterator]().next()).rejects.toMatchObject(absent)
    await expect(unmarked.sweep('', new Date(), { signal })).rejects.toMatchObject(absent)
    await expect(unmarked.capacity({ signal })).rejects.toMatchObject(absent)
    await expect(keysBelow(unmarked, '')).rejects.toMatchObject(absent)
    await unmarked.close()
  })

  test('a marker claims the place once, and another storage is told apart', async () => {
    const unasked = place.open(null)
    expect(await readMarker(unasked, signal)).toBeNull()
    await writeMarker(unasked, storageId)
    await writeMarker(unasked, storageId)
    await expect(writeMarker(unasked, anotherId)).rejects.toMatchObject({ code: 'conflict' })
    await checkMarker(unasked, storageId)
    await expect(checkMarker(unasked, anotherId)).rejects.toMatchObject({ code: 'storage_absent' })
    await unasked.close()
    const stranger = place.open(anotherId)
    await expect(stranger.putSmall('RECOVERY.md', Buffer.from('x'), { signal, overwrite: true })).rejects.toMatchObject({ code: 'storage_absent' })
    await stranger.close()
    driver = place.open(storageId)
  })

  test('what is put comes back byte for byte, from any position', async () => {
    const bytes = randomBytes(big)
    const chunks = Array.from({ length: Math.ceil(big / 70_001) }, (_, index) => bytes.subarray(index * 70_001, (index + 1) * 70_001))
    let told = 0
    const put = await driver.put('db-1/daily/b1/e000001', Readable.from(chunks), { signal, onBytes: (more) => (told += more) })
    expect(put.bytes).toBe(big)
    expect(told).toBe(big)
    expect(await driver.head('db-1/daily/b1/e000001', { signal })).toMatchObject({ key: 'db-1/daily/b1/e000001', bytes: big })
    const whole = await collect(await driver.get('db-1/daily/b1/e000001', { signal }))
    expect(createHash('sha256').update(whole).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
    const tail = await collect(await driver.get('db-1/daily/b1/e000001', { signal, start: big - 1234 }))
    expect(tail.equals(bytes.subarray(big - 1234))).toBe(true)
    expect(await collect(await driver.get('db-1/daily/b1/e000001', { signal, start: big }))).toHaveLength(0)
  })

  test('an empty object is an object', async () => {
    await driver.put('db-1/daily/b1/empty', Readable.from([]), { signal })
    expect(await driver.head('db-1/daily/b1/empty', { signal })).toMatchObject({ bytes: 0 })
    expect(await collect(await driver.get('db-1/daily/b1/empty', { signal }))).toHaveLength(0)
  })

  test('an existing object is never overwritten, small or large', async () => {
    await driver.put('db-1/daily/b1/key', Readable.from([Buffer.from('first')]), { signal })
    await expect(driver.put('db-1/daily/b1/key', Readable.from([Buffer.from('second')]), { signal })).rejects.toMatchObject({ code: 'conflict' })
    await expect(driver.put('db-1/daily/b1/key', Readable.from([randomBytes(big)]), { signal })).rejects.toMatchObject({ code: 'conflict' })
    await expect(driver.putSmall('db-1/daily/b1/key', Buffer.from('third'), { signal, overwrite: false })).rejects.toMatchObject({ code: 'conflict' })
    expect((await collect(await driver.get('db-1/daily/b1/key', { signal }))).toString()).toBe('first')
  })

  test('a small object can be replaced, and is read only up to the allowed size', async () => {
    await driver.putSmall('RECOVERY.md', Buffer.from('one'), { signal, overwrite: true })
    await driver.putSmall('RECOVERY.md', Buffer.from('two two'), { signal, overwrite: true })
    expect((await driver.getSmall('RECOVERY.md', { signal, maxBytes: 100 })).toString()).toBe('two two')
    await expect(driver.getSmall('RECOVERY.md', { signal, maxBytes: 3 })).rejects.toMatchObject({ code: 'corrupt' })
    await expect(driver.putSmall('large', Buffer.alloc((1 << 20) + 1), { signal, overwrite: true })).rejects.toMatchObject({ code: 'refused' })
  })

  test('what is not there is missing', async () => {
    await expect(driver.get('db-1/none', { signal })).rejects.toMatchObject({ code: 'missing' })
    await expect(driver.getSmall('none/none', { signal, maxBytes: 10 })).rejects.toMatchObject({ code: 'missing' })
    expect(await driver.head('db-1/none', { signal })).toBeNull()
  })

  test('listing gives every object below a prefix in key order, and no neighbour with the same beginning', async () => {
    for (const key of ['db-2/x-y/e1', 'db-2/x/e2', 'db-2/x/e1', 'db-2/x.z/e1', 'db-22/x/e1'])
      await driver.putSmall(key, Buffer.from(key), { signal, overwrite: true })
    expect(await keysBelow(driver, 'db-2')).toEqual(['db-2/x-y/e1', 'db-2/x.z/e1', 'db-2/x/e1', 'db-2/x/e2'])
    expect(await keysBelow(driver, 'db-2/x/')).toEqual(['db-2/x/e1', 'db-2/x/e2'])
    expect(await keysBelow(driver, 'db-3')).toEqual([])
    expect(await keysBelow(driver, '')).toContain(markerKey)
  })

  test('a source that fails leaves nothing, and its error comes through', async () => {
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(big)
        yield randomBytes(10)
        throw new Error('the source broke')
      })(),
    )
    await expect(driver.put('db-4/broken', broken, { signal })).rejects.toThrow('the source broke')
    expect(await driver.head('db-4/broken', { signal })).toBeNull()
    expect(await driver.sweep('db-4', new Date(Date.now() + 3_600_000), { signal })).toBe(0)
  })

  test('a cancelled put ends at once and leaves nothing', async () => {
    const cancel = new AbortController()
    const endless = Readable.from(
      (async function* () {
        for (let round = 0; ; round += 1) {
          yield randomBytes(1 << 18)
          if (round === (big >> 18) + 4) cancel.abort()
          if (round > (big >> 18) + 4) await sleep(5)
        }
      })(),
    )
    await expect(driver.put('db-5/cancelled', endless, { signal: cancel.signal })).rejects.toMatchObject({ code: 'cancelled' })
    expect(endless.destroyed).toBe(true)
    expect(await driver.head('db-5/cancelled', { signal })).toBeNull()
    expect(await driver.sweep('db-5', new Date(Date.now() + 3_600_000), { signal })).toBe(0)
  })

  test('removing twice is as good as once', async () => {
    await driver.putSmall('db-6/e1', Buffer.from('x'), { signal, overwrite: true })
    expect(await driver.remove('db-6/e1', { signal })).toBe('deleted')
    expect(await driver.remove('db-6/e1', { signal })).toBe('deleted')
    expect(await driver.remove('never/was', { signal })).toBe('deleted')
    expect(await driver.head('db-6/e1', { signal })).toBeNull()
    expect(await keysBelow(driver, 'db-6')).toEqual([])
  })

  test('keys that leave the storage are refused', async () => {
    for (const key of ['../out', 'a/../../out', '/etc/passwd', 'a//b', 'a b', 'a\nb', '']) {
      await expect(driver.put(key, Readable.from([Buffer.from('x')]), { signal })).rejects.toMatchObject({ code: 'refused' })
      await expect(driver.get(key, { signal })).rejects.toMatchObject({ code: 'refused' })
      await expect(driver.remove(key, { signal })).rejects.toMatchObject({ code: 'refused' })
    }
  })

  test('two writers of one key: one wins, the other is told', async () => {
    const results = await Promise.allSettled([1, 2].map((each) => driver.put('db-7/e1', Readable.from([Buffer.alloc(5000, each)]), { signal })))
    expect(results.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
    const lost = results.find((each) => each.status === 'rejected')
    expect(lost?.reason).toMatchObject({ code: 'conflict' })
  })

  test('capacity is told where the storage knows it', async () => {
    const { totalBytes, freeBytes } = await driver.capacity({ signal })
    if (driver.kind === 's3') expect([totalBytes, freeBytes]).toEqual([null, null])
    else expect(freeBytes).toBeLessThanOrEqual(totalBytes ?? 0)
  })
}
