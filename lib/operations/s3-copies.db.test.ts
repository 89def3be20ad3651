import { randomUUID } from 'node:crypto'
import { readdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { type S3Fake, startS3Fake } from '#test/support/s3-fake.ts'
import { requestBackup } from './backup/request.ts'
import { requestCheck } from './check/request.ts'
import { requestRestore } from './restore/request.ts'
import { requestVerify } from './verify/request.ts'

let world: Operating
let fake: S3Fake
let disk: TestStorage
let database: { id: string }
const bucketId = randomUUID()
beforeAll(async () => {
  ;[world, fake] = await Promise.all([startOperating(), startS3Fake()])
  database = await world.addDatabase(
    'shop',
    `CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT i, md5(i::text) FROM generate_series(1, 20000) i`,
  )
  disk = await world.addStorage('disk')
  const config = { bucket: 'lifeboat', endpoint: fake.endpoint, region: 'us-east-1', prefix: 'team/a', pathStyle: true, checksumWhenRequired: false }
  const secret = JSON.stringify({ accessKeyId: 'id', secretAccessKey: 'canary-secret' })
  const secretSealed = sealSecret(secret, world.keys.sealing.publicKeyPem, storageSecretPlace(bucketId))
  const input = { of: 'new_storage' as const, storageId: bucketId, kind: 's3' as const, config, secretSealed }
  expect(await world.operate(await requestCheck(world.catalog, admin, { input, via: 'cli' }))).toMatchObject({
    state: 'succeeded',
    result: { check: { ok: true } },
  })
  await insertStorage(world.catalog, { id: bucketId, name: 'bucket', kind: 's3', config: JSON.stringify(config), secret_sealed: secretSealed })
})
afterAll(async () => {
  await world.close()
  await fake.close()
})

async function backUp(): Promise<OperationRow> {
  return world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [disk.id, bucketId], via: 'cli' }))
}
async function rowOf(ended: OperationRow): Promise<BackupRow> {
  expect(ended.error).toBe(null)
  const row = await getBackup(world.catalog, ended.backup_id ?? '')
  if (row === null) throw new Error('the backup has no row')
  return row
}
const statesOf = async (backup: BackupRow) =>
  Object.fromEntries((await listCopies(world.catalog, backup.id)).map((copy) => [copy.storage_id, copy.state]))
const keysOf = (backup: BackupRow) => [...fake.objects.keys()].filter((key) => key.startsWith(`team/a/${backup.path}/`))

test('disk and bucket get the same objects in one pass, and each is verified by reading every byte', async () => {
  const backup = await rowOf(await backUp())
  const names = keysOf(backup).map((key) => path.basename(key))
  expect(names.sort()).toEqual((await readdir(`${disk.directory}/${backup.path}`)).sort())
  const ended = await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }))
  expect(ended).toMatchObject({ state: 'succeeded', result: { verdict: 'valid' } })
  expect(await statesOf(backup)).toEqual({ [disk.id]: 'verified', [bucketId]: 'verified' })
})

test('a bit that flips in the bucket is found there and not on the disk', async () => {
  const backup = await rowOf(await backUp())
  const entry = fake.objects.get(`team/a/${backup.path}/e000001`)
  if (entry === undefined) throw new Error('the entry is not in the bucket')
  entry.bytes[Math.floor(entry.bytes.length / 2)]! ^= 8
  const ended = await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }))
  expect(ended).toMatchObject({ state: 'succeeded_with_findings', result: { verdict: 'corrupt' } })
  expect(await statesOf(backup)).toEqual({ [disk.id]: 'verified', [bucketId]: 'corrupt' })
})

test('a connection that breaks and a store that is busy are passed over', async () => {
  fake.fault({ operation: 'PutObject', nth: 2, action: { status: 503, code: 'SlowDown' } })
  fake.fault({ operation: 'PutObject', nth: 4, action: { resetAfter: 1 } })
  const ended = await backUp()
  fake.assertFaultsHit()
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  expect(await statesOf(await rowOf(ended))).toEqual({ [disk.id]: 'stored', [bucketId]: 'stored' })
})

test('credentials that were withdrawn midway fail the copy in the bucket only, and leave nothing half-done there', async () => {
  fake.fault({ operation: 'PutObject', nth: 2, times: 1000, action: { status: 403, code: 'AccessDenied' } })
  const ended = await backUp()
  fake.assertFaultsHit()
  const backup = await rowOf(ended)
  expect(ended.state).toBe('succeeded_with_findings')
  expect(JSON.stringify(ended)).not.toContain('canary-secret')
  expect(await statesOf(backup)).toEqual({ [disk.id]: 'stored', [bucketId]: 'failed' })
  expect(keysOf(backup).filter((key) => key.endsWith('/manifest'))).toEqual([])
  expect(fake.uploads.size).toBe(0)
})

test('with the disk gone, the restore reads the bucket', async () => {
  const backup = (await world.catalog.selectFrom('backups').selectAll().orderBy('created_at').execute())[0]
  if (backup === undefined) throw new Error('no backup')
  await rename(disk.directory, `${disk.directory}-gone`)
  const ended = await world.operate(await requestRestore(world.catalog, admin, { backupId: backup.id, targetDbname: 'from_bucket', via: 'cli' }))
  expect([ended.error, ended.result]).toMatchObject([null, { restore: { outcome: 'completed', rows: 20_000 } }])
  const [row] = await world.cluster.query('from_bucket', 'SELECT count(*)::int AS rows, sum(length(name))::int AS bytes FROM item')
  expect(row).toEqual({ rows: 20_000, bytes: 640_000 })
})
