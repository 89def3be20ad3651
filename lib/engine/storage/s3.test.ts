import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type S3Fake, startS3Fake } from '#test/support/s3-fake.ts'
import { startTcpProxy, type TcpProxy } from '#test/support/tcp-proxy.ts'
import { collect, signal, storageContract, storageId } from '#test/storage-contract.ts'
import { markerKey, writeMarker } from './marker.ts'
import { openS3Storage, type S3Config } from './s3.ts'
import type { S3Limits } from './s3-call.ts'

const part = 1000
const small: Partial<S3Limits> = { firstPartBytes: part, retryBaseMs: 1, attempts: 4, stallMs: 3_000, slowestBytesPerSecond: 100 }

function open(fake: { endpoint: string }, id: string | null, config: Partial<S3Config> = {}, limits: Partial<S3Limits> = {}) {
  return openS3Storage({
    config: { bucket: 'b', endpoint: fake.endpoint, region: 'r', prefix: 'backups', pathStyle: true, checksumWhenRequired: false, ...config },
    credentials: { accessKeyId: 'A', secretAccessKey: 'S' },
    storageId: id,
    limits: { ...small, ...limits },
  })
}

describe('the scripted store keeps the contract of every storage', () => {
  storageContract(async () => {
    const fake = await startS3Fake()
    return { open: (id) => open(fake, id, {}, { firstPartBytes: 100_000, stallMs: 10_000 }), stop: () => fake.close() }
  }, 1_000_000)
})

describe('an S3 storage', () => {
  let fake: S3Fake
  let proxy: TcpProxy | null = null
  beforeEach(async () => {
    fake = await startS3Fake()
    await writeMarker(open(fake, null), storageId)
  })
  afterEach(async () => {
    await proxy?.close()
    proxy = null
    await fake.close()
  })
  const bytes = randomBytes(5 * part + 17)
  const body = () => Readable.from([bytes.subarray(0, 1500), bytes.subarray(1500)])
  const stored = (key = 'db/e1') => fake.objects.get(`backups/${key}`)?.bytes
  const put = (driver = open(fake, storageId), key = 'db/e1') => driver.put(key, body(), { signal })
  /** Whatever failed: nothing is visible and no upload stays open. */
  function expectNothingLeft() {
    expect(stored()).toBeUndefined()
    expect(fake.uploads.size).toBe(0)
    fake.assertFaultsHit()
  }
  async function overProxy(): Promise<{ endpoint: string }> {
    proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(fake.endpoint).port) })
    return { endpoint: `http://127.0.0.1:${proxy.port}` }
  }

  for (const [status, code] of [
    [500, 'InternalError'],
    [503, 'SlowDown'],
    [429, 'TooManyRequests'],
  ] as const)
    test(`the same part is sent again after ${status}, and the object is whole`, async () => {
      fake.fault({ operation: 'UploadPart', nth: 2, times: 2, action: { status, code } })
      await put()
      expect(stored()?.equals(bytes)).toBe(true)
      expect(fake.calls.UploadPart).toBe(6 + 2)
      fake.assertFaultsHit()
    })

  test('a store that keeps answering 503 is given up after the allowed tries, and the upload is aborted', async () => {
    fake.fault({ operation: 'UploadPart', nth: 1, times: 1000, action: { status: 503, code: 'SlowDown' } })
    await expect(put(open(fake, storageId, {}, { partsInFlight: 1 }))).rejects.toMatchObject({ code: 'storage_unreachable' })
    expect(fake.calls.UploadPart).toBe(4)
    expect(fake.calls.AbortMultipartUpload).toBe(1)
    expectNothingLeft()
  })

  test('200 with an <Error> on completion is a failure, however often it is asked', async () => {
    fake.fault({ operation: 'CompleteMultipartUpload', times: 1000, action: { okError: 'InternalError' } })
    await expect(put()).rejects.toMatchObject({ code: 'storage_unreachable' })
    expectNothingLeft()
  })

  test('a reset in the middle of a part costs one more try', async () => {
    fake.fault({ operation: 'UploadPart', nth: 3, action: { resetAfter: 10 } })
    await put()
    expect(stored()?.equals(bytes)).toBe(true)
    fake.assertFaultsHit()
  })

  test('a lost reply to the completion is recognised: the object stands and is ours', async () => {
    fake.fault({ operation: 'CompleteMultipartUpload', action: { loseReply: true } })
    await put()
    expect(stored()?.equals(bytes)).toBe(true)
    expect(fake.uploads.size).toBe(0)
    fake.assertFaultsHit()
  })

  test('a lost reply to a small object is recognised: the object in the way is our own', async () => {
    fake.fault({ operation: 'PutObject', action: { loseReply: true } })
    await open(fake, storageId).put('db/key', Readable.from([Buffer.from('sealed')]), { signal })
    expect(stored('db/key')?.toString()).toBe('sealed')
    expect(fake.calls.PutObject).toBe(1 /* marker */ + 2)
    fake.assertFaultsHit()
  })

  test('a download that is reset, and one that ends early without an error, go on where they stopped', async () => {
    await put()
    fake.fault({ operation: 'GetObject', nth: 2, action: { resetAfter: 1200 } })
    fake.fault({ operation: 'GetObject', nth: 3, action: { endAfter: 700 } })
    const got = await collect(await open(fake, storageId).get('db/e1', { signal }))
    expect(got.equals(bytes)).toBe(true)
    const ranged = fake.requests.filter((each) => each.operation === 'GetObject' && each.headers.range)
    expect(ranged.map((each) => each.headers.range)).toEqual(['bytes=1200-', 'bytes=1900-'])
    expect(ranged.every((each) => each.headers['if-match'])).toBe(true)
    fake.assertFaultsHit()
  })

  test('an object that is replaced while it is read is corrupt, never a mixture', async () => {
    await put()
    fake.fault({ operation: 'GetObject', nth: 2, action: { endAfter: 700 } })
    const stream = await open(fake, storageId).get('db/e1', { signal })
    fake.objects.set('backups/db/e1', { bytes: randomBytes(bytes.length), etag: '"another"', modifiedAt: new Date(), metadata: {} })
    await expect(collect(stream)).rejects.toMatchObject({ code: 'corrupt' })
    fake.assertFaultsHit()
  })

  test('an object that disappears while it is read is missing', async () => {
    await put()
    fake.fault({ operation: 'GetObject', nth: 2, action: { endAfter: 700 } })
    const stream = await open(fake, storageId).get('db/e1', { signal })
    fake.objects.delete('backups/db/e1')
    await expect(collect(stream)).rejects.toMatchObject({ code: 'missing' })
    fake.assertFaultsHit()
  })

  test('a read that is cancelled ends at once', async () => {
    await put()
    const cancel = new AbortController()
    fake.fault({ operation: 'GetObject', nth: 2, action: { tricklePerSecond: 10 } })
    const stream = await open(fake, storageId, {}, { stallMs: 60_000 }).get('db/e1', { signal: cancel.signal })
    setTimeout(() => cancel.abort(), 50)
    await expect(collect(stream)).rejects.toMatchObject({ code: 'cancelled' })
    fake.assertFaultsHit()
  })

  test('a download that never gets further is given up', async () => {
    await put()
    fake.fault({ operation: 'GetObject', nth: 2, times: 1000, action: { endAfter: 0 } })
    await expect(open(fake, storageId).get('db/e1', { signal }).then(collect)).rejects.toMatchObject({ code: 'storage_unreachable' })
    fake.assertFaultsHit()
  })

  test('another checksum in the reply is another try, and a failure when it stays', async () => {
    fake.fault({ operation: 'UploadPart', nth: 1, action: { wrongChecksum: true } })
    await put()
    expect(stored()?.equals(bytes)).toBe(true)
    fake.assertFaultsHit()
    fake.fault({ operation: 'UploadPart', times: 1000, action: { wrongChecksum: true } })
    await expect(put(undefined, 'db/e2')).rejects.toMatchObject({ code: 'corrupt' })
    expect(stored('db/e2')).toBeUndefined()
    expect(fake.uploads.size).toBe(0)
    fake.assertFaultsHit()
  })

  test('a small object whose checksum the store contradicts does not stay visible', async () => {
    fake.fault({ operation: 'PutObject', nth: 1, times: 1000, action: { wrongChecksum: true } })
    await expect(open(fake, storageId).put('db/key', Readable.from([Buffer.from('sealed')]), { signal })).rejects.toMatchObject({ code: 'corrupt' })
    expect(stored('db/key')).toBeUndefined()
    fake.assertFaultsHit()
  })

  test('an ETag that is no MD5 is nobody’s business', async () => {
    fake.fault({ operation: 'PutObject', action: { wrongEtag: true } })
    await open(fake, storageId).put('db/key', Readable.from([Buffer.from('sealed')]), { signal })
    fake.assertFaultsHit()
  })

  test('one byte a second on the way down is stalled', async () => {
    await put()
    fake.fault({ operation: 'GetObject', nth: 2, times: 1000, action: { tricklePerSecond: 20 } })
    await expect(open(fake, storageId, {}, { slowestBytesPerSecond: 10_000 }).get('db/e1', { signal }).then(collect)).rejects.toMatchObject({
      code: 'stalled',
    })
    fake.assertFaultsHit()
  })

  test('a slow reader is not a stalled store', async () => {
    await put()
    // long enough for the marker and the first byte on a machine that is busy with other tests
    const stallMs = 3_000
    const stream = await open(fake, storageId, {}, { stallMs }).get('db/e1', { signal })
    await new Promise((resolve) => setTimeout(resolve, stallMs + 500))
    expect((await collect(stream)).equals(bytes)).toBe(true)
  })

  test('one byte a second on the way up is stalled, and nothing stays visible', async () => {
    const slow = await overProxy()
    const driver = open(slow, storageId, {}, { slowestBytesPerSecond: 10_000 })
    await driver.head('db/none', { signal })
    if (proxy) proxy.up = { bytesPerSecond: 200 }
    await expect(put(driver)).rejects.toMatchObject({ code: 'stalled' })
    expect(proxy?.passed.up).toBeGreaterThan(0)
    expect(stored()).toBeUndefined()
  })

  test('a black hole is stalled', async () => {
    const hole = await overProxy()
    const driver = open(hole, storageId)
    await driver.head('db/none', { signal })
    if (proxy) proxy.up = 'black hole'
    await expect(put(driver)).rejects.toMatchObject({ code: 'stalled' })
    await expect(driver.get(markerKey, { signal })).rejects.toMatchObject({ code: 'stalled' })
    expect(proxy?.passed.up).toBeGreaterThan(0)
  })

  test('a reset of the connection by the network is survived', async () => {
    const rough = await overProxy()
    const driver = open(rough, storageId)
    await driver.head('db/none', { signal })
    if (!proxy) throw new Error('no proxy')
    proxy.up = { resetAfterBytes: proxy.passed.up + 2500 }
    setTimeout(() => proxy && (proxy.up = 'clear'), 20)
    await put(open(rough, storageId, {}, { retryBaseMs: 30 }))
    expect(stored()?.equals(bytes)).toBe(true)
    expect(proxy.connections).toBeGreaterThan(2)
  })

  test('an object that exists is a conflict by HEAD before completion, without trusting the store’s condition', async () => {
    fake.objects.set('backups/db/e1', { bytes: Buffer.from('old'), etag: '"x"', modifiedAt: new Date(), metadata: {} })
    await expect(put()).rejects.toMatchObject({ code: 'conflict' })
    expect(fake.calls.CompleteMultipartUpload ?? 0).toBe(0)
    expect(stored()?.toString()).toBe('old')
    expect(fake.uploads.size).toBe(0)
  })

  test('412 is never overwritten; 409 from a racing write is tried again', async () => {
    fake.fault({ operation: 'PutObject', action: { status: 412, code: 'PreconditionFailed' } })
    fake.objects.set('backups/db/key', { bytes: Buffer.from('old'), etag: '"x"', modifiedAt: new Date(), metadata: {} })
    await expect(open(fake, storageId).put('db/key', Readable.from([Buffer.from('new')]), { signal })).rejects.toMatchObject({ code: 'conflict' })
    expect(stored('db/key')?.toString()).toBe('old')
    fake.fault({ operation: 'CompleteMultipartUpload', action: { status: 409, code: 'ConditionalRequestConflict' } })
    await put()
    expect(stored()?.equals(bytes)).toBe(true)
    fake.assertFaultsHit()
  })

  test('403 in the middle of an upload is refused at once; what could not be aborted is swept when the rights are back', async () => {
    fake.fault({ operation: 'UploadPart', nth: 3, times: 1000, action: { status: 403, code: 'InvalidAccessKeyId' } })
    fake.fault({ operation: 'AbortMultipartUpload', nth: 1, action: { status: 403, code: 'InvalidAccessKeyId' } })
    await expect(put()).rejects.toMatchObject({ code: 'storage_refused' })
    expect(stored()).toBeUndefined()
    expect(fake.uploads.size).toBe(1)
    const driver = open(fake, storageId)
    expect(await driver.sweep('db', new Date(Date.now() - 1000), { signal })).toBe(0)
    expect(await driver.sweep('db', new Date(Date.now() + 1000), { signal })).toBe(1)
    expectNothingLeft()
  })

  test('the sweep touches only what lies below our prefix', async () => {
    const old = { initiated: new Date(0), metadata: {}, parts: new Map() }
    fake.uploads.set('ours', { ...old, key: 'backups/db/daily/b/e1' })
    fake.uploads.set('neighbour', { ...old, key: 'backups-of-others/db/e1' })
    fake.uploads.set('other database', { ...old, key: 'backups/db2/daily/b/e1' })
    expect(await open(fake, storageId).sweep('db', new Date(), { signal })).toBe(1)
    expect([...fake.uploads.keys()]).toEqual(['neighbour', 'other database'])
    expect(await open(fake, null, { prefix: '' }).sweep('', new Date(), { signal })).toBe(0)
  })

  test('unfinished uploads are listed with the time they began, and only the one that is named is aborted', async () => {
    const old = { initiated: new Date('2026-11-01T00:00:00Z'), metadata: {}, parts: new Map() }
    fake.uploads.set('one', { ...old, key: 'backups/db/daily/b/e1' })
    fake.uploads.set('two', { ...old, key: 'backups/db/daily/b/e2' })
    fake.uploads.set('neighbour', { ...old, key: 'backups-of-others/db/e1' })
    const driver = open(fake, storageId)
    const found = []
    for await (const upload of driver.unfinished('', { signal })) found.push(upload)
    expect(found).toEqual([
      { key: 'db/daily/b/e1', id: 'one', bytes: null, at: old.initiated },
      { key: 'db/daily/b/e2', id: 'two', bytes: null, at: old.initiated },
    ])
    for (const again of [found[0], found[0]]) if (again !== undefined) await driver.abort(again, { signal })
    expect([...fake.uploads.keys()]).toEqual(['two', 'neighbour'])
  })

  test('a clock that is wrong is named as the clock, once, and never as the credentials', async () => {
    const before = fake.calls.PutObject
    for (const code of ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture']) {
      fake.fault({ operation: 'PutObject', action: { status: 403, code } })
      const error = await open(fake, storageId)
        .put('db/key', Readable.from([Buffer.from('x')]), { signal })
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'clock_skew', message: expect.stringContaining("this machine's clock is wrong") })
      expect(error).toMatchObject({ hint: expect.stringContaining('The credentials are not the problem. Set the clock') })
    }
    // asking again with the same clock would only lengthen the wait
    fake.assertFaultsHit()
    expect(fake.calls.PutObject - before).toBe(3)
  })

  test('parts grow so that a limit of 20 parts takes far more than 20 first parts', async () => {
    const large = randomBytes(200 * part)
    await open(fake, storageId, {}, { partLimit: 20 }).put('db/e1', Readable.from([large]), { signal })
    expect(stored()?.equals(large)).toBe(true)
    expect(fake.calls.UploadPart).toBeLessThanOrEqual(20)
    expect(fake.calls.UploadPart).toBeGreaterThan(5)
  })

  test('an object beyond the part limit is refused and leaves nothing', async () => {
    const driver = open(fake, storageId, {}, { partLimit: 3 })
    await expect(driver.put('db/e1', Readable.from([randomBytes(20 * part)]), { signal })).rejects.toMatchObject({ code: 'refused' })
    expectNothingLeft()
  })

  test('a store that does not know the checksum headers is named, with the switch; with the switch a digest is still sent', async () => {
    for (const operation of ['CreateMultipartUpload', 'UploadPart', 'PutObject'] as const)
      fake.fault({ operation, times: 1000, header: /^x-amz-(sdk-)?checksum/, action: { status: 501, code: 'NotImplemented' } })
    const refused = await put().catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'storage_refused', hint: expect.stringContaining('checksum headers only when required') })
    const driver = open(fake, storageId, { checksumWhenRequired: true })
    await put(driver)
    await driver.put('db/key', Readable.from([Buffer.from('sealed')]), { signal })
    expect(stored()?.equals(bytes)).toBe(true)
    expect(fake.requests.filter((each) => each.operation === 'UploadPart').at(-1)?.headers['content-md5']).toBeTruthy()
  })

  test('a wrong clock is named as the clock, not as the credentials', async () => {
    fake.fault({ operation: 'PutObject', action: { status: 403, code: 'RequestTimeTooSkewed' } })
    const error = await open(fake, storageId)
      .put('db/key', Readable.from([Buffer.from('x')]), { signal })
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'clock_skew', message: expect.stringContaining('clock') })
    fake.assertFaultsHit()
  })

  test('a lock that forbids deletion is retained, once, and missing rights are not mistaken for it', async () => {
    await put()
    fake.fault({ operation: 'DeleteObject', nth: 1, action: { status: 403, code: 'AccessDenied', message: 'forbidden by object lock' } })
    fake.fault({ operation: 'DeleteObject', nth: 2, action: { status: 403, code: 'AccessDenied' } })
    expect(await open(fake, storageId).remove('db/e1', { signal })).toBe('retained')
    expect(fake.calls.DeleteObject).toBe(1)
    await expect(open(fake, storageId).remove('db/e1', { signal })).rejects.toMatchObject({ code: 'storage_refused' })
    expect(stored()?.equals(bytes)).toBe(true)
    fake.assertFaultsHit()
  })

  test('neither the secret nor the store’s own text reaches an error', async () => {
    fake.fault({ operation: 'GetObject', nth: 1, times: 9, action: { status: 403, code: 'AccessDenied', message: 'canary-in-the-body' } })
    const error = await open(fake, storageId)
      .get('db/e1', { signal })
      .catch((caught: unknown) => caught)
    expect(JSON.stringify(error)).not.toMatch(/canary-in-the-body|"S"/)
    fake.assertFaultsHit()
  })
})
