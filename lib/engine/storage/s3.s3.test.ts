import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type S3Server, startS3Server } from '#test/support/s3-server.ts'
import { startTcpProxy } from '#test/support/tcp-proxy.ts'
import { collect, signal, storageContract, storageId } from '#test/storage-contract.ts'
import { writeMarker } from './marker.ts'
import { openS3Storage, type S3Config } from './s3.ts'

const fiveMiB = 5 << 20 // S3's smallest part
let server: S3Server
beforeAll(async () => {
  server = await startS3Server()
})
afterAll(async () => {
  await server?.stop()
})

function open(config: S3Config, id: string | null, limits = {}) {
  return openS3Storage({ config, credentials: server.credentials, storageId: id, limits: { firstPartBytes: fiveMiB, retryBaseMs: 20, ...limits } })
}

function rawClient(): S3Client {
  return new S3Client({ endpoint: server.endpoint, region: 'default', forcePathStyle: true, credentials: server.credentials })
}

async function openUploads(config: S3Config): Promise<string[]> {
  const client = rawClient()
  const page = await client.send(new ListMultipartUploadsCommand({ Bucket: config.bucket }))
  client.destroy()
  return (page.Uploads ?? []).map((each) => each.Key ?? '')
}

describe('a real S3 server keeps the contract of every storage', () => {
  storageContract(
    async () => {
      const config = { ...(await server.bucket('contract')), prefix: 'lifeboat/backups' }
      return { open: (id) => open(config, id), stop: async () => {} }
    },
    2 * fiveMiB + 4321,
  )
})

describe('a real S3 server keeps the contract also without the checksum headers', () => {
  storageContract(
    async () => {
      const config = { ...(await server.bucket('contract-md5')), checksumWhenRequired: true }
      return { open: (id) => open(config, id), stop: async () => {} }
    },
    2 * fiveMiB + 4321,
  )
})

describe('on a real S3 server', () => {
  test('an upload that fails leaves no open upload behind, and an old one of ours is swept while a neighbour’s stays', async () => {
    const config = { ...(await server.bucket('sweeping')), prefix: 'ours' }
    await writeMarker(open(config, null), storageId)
    const driver = open(config, storageId)
    const broken = Readable.from(
      (async function* () {
        yield randomBytes(2 * fiveMiB)
        throw new Error('the source broke')
      })(),
    )
    await expect(driver.put('db/e1', broken, { signal })).rejects.toThrow('the source broke')
    expect(await openUploads(config)).toEqual([])
    const client = rawClient()
    for (const Key of ['ours/db/e2', 'ours-not/db/e2']) {
      const begun = await client.send(new CreateMultipartUploadCommand({ Bucket: config.bucket, Key }))
      await client.send(new UploadPartCommand({ Bucket: config.bucket, Key, UploadId: begun.UploadId, PartNumber: 1, Body: Buffer.from('x') }))
    }
    client.destroy()
    expect(await openUploads(config)).toEqual(['ours-not/db/e2', 'ours/db/e2'])
    expect(await driver.sweep('', new Date(Date.now() - 3_600_000), { signal })).toBe(0)
    expect(await driver.sweep('', new Date(Date.now() + 3_600_000), { signal })).toBe(1)
    expect(await openUploads(config)).toEqual(['ours-not/db/e2'])
  })

  test('a connection that is reset in the middle of parts and of a download is survived', async () => {
    const direct = await server.bucket('resets')
    await writeMarker(open(direct, null), storageId)
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(server.endpoint).port) })
    try {
      const bytes = randomBytes(3 * fiveMiB)
      const driver = open({ ...direct, endpoint: `http://127.0.0.1:${proxy.port}` }, storageId, { retryBaseMs: 100 })
      proxy.up = { resetAfterBytes: 2 * fiveMiB }
      const clear = setInterval(() => {
        if (proxy.passed.up > fiveMiB * 1.5) proxy.up = 'clear'
      }, 150)
      await driver.put('db/e1', Readable.from([bytes]), { signal })
      clearInterval(clear)
      const before = proxy.connections
      proxy.down = { resetAfterBytes: proxy.passed.down + 2 * fiveMiB }
      const stream = await driver.get('db/e1', { signal })
      setTimeout(() => (proxy.down = 'clear'), 300)
      expect((await collect(stream)).equals(bytes)).toBe(true)
      expect(before).toBeGreaterThan(1)
      expect(proxy.connections).toBeGreaterThan(before)
    } finally {
      await proxy.close()
    }
  })

  test('a clock that is an hour ahead is named as the clock', async () => {
    const config = await server.bucket('clock')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    try {
      await expect(writeMarker(open(config, null), storageId)).rejects.toMatchObject({
        code: 'clock_skew',
        message: expect.stringContaining('clock'),
      })
    } finally {
      vi.useRealTimers()
    }
  })

  test('wrong credentials are refused, a bucket that is not there is absent', async () => {
    const config = await server.bucket('doors')
    const stranger = openS3Storage({ config, credentials: { accessKeyId: 'LIFEBOATKEY', secretAccessKey: 'wrong' }, storageId: null })
    await expect(stranger.getSmall('RECOVERY.md', { signal, maxBytes: 10 })).rejects.toMatchObject({ code: 'storage_refused' })
    const nowhere = open({ ...config, bucket: 'never-made' }, null)
    await expect(nowhere.getSmall('RECOVERY.md', { signal, maxBytes: 10 })).rejects.toMatchObject({ code: 'storage_absent' })
  })

  test('with versioning, an object is read as it was stored, whatever was put over it or in front of it since', async () => {
    const config = await server.bucket('versions')
    const client = rawClient()
    await client.send(new PutBucketVersioningCommand({ Bucket: config.bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    await writeMarker(open(config, null), storageId)
    const driver = open(config, storageId)
    const large = randomBytes(2 * fiveMiB + 99)
    const [parts, whole] = [
      await driver.put('db/e1', Readable.from([large]), { signal }),
      await driver.put('db/e2', Readable.from([Buffer.from('two')]), { signal }),
    ]
    const small = await driver.putSmall('db/key', Buffer.from('key'), { signal, overwrite: false })
    for (const { version } of [parts, whole, small]) expect(version).toMatch(/^\S{8,}$/)

    for (const Key of ['db/e1', 'db/e2', 'db/key']) await client.send(new PutObjectCommand({ Bucket: config.bucket, Key, Body: 'overwritten' }))
    await client.send(new DeleteObjectCommand({ Bucket: config.bucket, Key: 'db/e2' }))
    client.destroy()

    let seen: string | null = null
    const current = await driver.getSmall('db/key', { signal, maxBytes: 99, onVersion: (version) => (seen = version) })
    expect([current.toString(), seen === small.version]).toEqual(['overwritten', false])
    await expect(driver.getSmall('db/e2', { signal, maxBytes: 99 })).rejects.toMatchObject({ code: 'missing' })
    expect((await collect(await driver.get('db/e1', { signal, version: parts.version ?? '' }))).equals(large)).toBe(true)
    expect((await driver.getSmall('db/e2', { signal, maxBytes: 99, version: whole.version ?? '' })).toString()).toBe('two')
    const never = { signal, maxBytes: 99, version: 'a.version.that.never.was.there..' }
    await expect(driver.getSmall('db/key', never)).rejects.toMatchObject({ code: 'missing' })
    expect(await driver.remove('db/e1', { signal })).toBe('hidden')
    expect(await driver.head('db/e1', { signal })).toBeNull()
  })

  test('a locked object is never reported deleted while it still can be read', async () => {
    const config = await server.bucket('locked', { objectLock: true })
    const client = rawClient()
    await client.send(new PutBucketVersioningCommand({ Bucket: config.bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    await client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: config.bucket,
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 1 } } },
      }),
    )
    client.destroy()
    await writeMarker(open(config, null), storageId)
    const driver = open(config, storageId)
    await driver.put('db/e1', Readable.from([Buffer.from('x')]), { signal })
    const outcome = await driver.remove('db/e1', { signal })
    const still = await driver.head('db/e1', { signal })
    expect(outcome === 'retained').toBe(still !== null)
  })
  test('a real bucket with Object Lock keeps each object until its day, a legal hold for longer, and lets every version go afterwards', async () => {
    const config = await server.bucket('held', { objectLock: true })
    await writeMarker(open(config, null), storageId)
    const driver = openS3Storage({
      config,
      credentials: server.credentials,
      storageId,
      lockOnStore: { mode: 'GOVERNANCE', days: 1 / 86_400 },
      limits: { firstPartBytes: fiveMiB, retryBaseMs: 20 },
    })
    expect(await driver.settings({ signal })).toEqual({ versioning: 'enabled', objectLock: true, defaultMode: null, defaultDays: null })
    await driver.put('db/e1', Readable.from([randomBytes(fiveMiB + 1)]), { signal, sizeHint: fiveMiB + 1 })
    await driver.putSmall('db/manifest', Buffer.from('m'), { signal, overwrite: false })
    expect(await driver.holdObject('db/manifest', true, { signal })).toBe(true)
    await vi.waitFor(async () => expect(await driver.lock('db/e1', { signal })).toBeNull(), { timeout: 15_000 })
    expect(await driver.lock('db/manifest', { signal })).toMatchObject({ mode: 'GOVERNANCE', legalHold: true })
    expect(await driver.purge('db/manifest', { signal })).toBe('retained')
    await driver.holdObject('db/manifest', false, { signal })
    await vi.waitFor(async () => expect(await driver.lock('db/manifest', { signal })).toBeNull(), { timeout: 15_000 })
    for (const key of ['db/manifest', 'db/e1']) expect(await driver.purge(key, { signal })).toBe('deleted')
    const client = rawClient()
    const left = await client.send(new ListObjectVersionsCommand({ Bucket: config.bucket, Prefix: 'db/' }))
    client.destroy()
    expect([left.Versions ?? [], left.DeleteMarkers ?? []]).toEqual([[], []])
    const plain = open(await server.bucket('plain'), null)
    expect(await plain.settings({ signal })).toMatchObject({ versioning: 'off', objectLock: false })
    await plain.putSmall('db/key', Buffer.from('k'), { signal, overwrite: false })
    expect([await plain.holdObject('db/key', true, { signal }), await plain.purge('db/key', { signal })]).toEqual([false, 'deleted'])
  })
})
