import { randomBytes, randomUUID } from 'node:crypto'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { copyVersions } from '#lib/catalog/copy-versions.ts'
import { type CopyRow, listCopies } from '#lib/catalog/copies.ts'
import { insertKey } from '#lib/catalog/keys.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { type S3Fake, startS3Fake } from '#test/support/s3-fake.ts'
import { requestBackup } from './backup/request.ts'
import { requestCheck } from './check/request.ts'
import { requestReconcile } from './reconcile/request.ts'
import { requestRestore } from './restore/request.ts'
import { requestRewrap } from './rewrap/request.ts'
import { requestVerify } from './verify/request.ts'

// A bucket with versioning, into which somebody else writes with the store's own client.
let world: Operating
let fake: S3Fake
let stranger: S3Client
let database: { id: string }
const bucketId = randomUUID()
beforeAll(async () => {
  ;[world, fake] = await Promise.all([startOperating(), startS3Fake({ versioning: true })])
  database = await world.addDatabase('shop', `CREATE TABLE item AS SELECT i, md5(i::text) AS name FROM generate_series(1, 2000) i`)
  const config = { bucket: 'b', endpoint: fake.endpoint, region: 'us-east-1', prefix: 'p', pathStyle: true, checksumWhenRequired: false }
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' }
  const secretSealed = sealSecret(JSON.stringify(credentials), world.keys.sealing.publicKeyPem, storageSecretPlace(bucketId))
  const input = { of: 'new_storage' as const, storageId: bucketId, kind: 's3' as const, config, secretSealed }
  expect(await world.operate(await requestCheck(world.catalog, admin, { input, via: 'cli' }))).toMatchObject({ result: { check: { ok: true } } })
  await insertStorage(world.catalog, { id: bucketId, name: 'bucket', kind: 's3', config: JSON.stringify(config), secret_sealed: secretSealed })
  stranger = new S3Client({ endpoint: fake.endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
})
afterAll(async () => {
  stranger.destroy()
  await world.close()
  await fake.close()
})

async function backUp(): Promise<{ backup: BackupRow; copy: CopyRow }> {
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [bucketId], via: 'cli' }))
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const backup = await getBackup(world.catalog, ended.backup_id ?? '')
  if (backup === null) throw new Error('the backup has no row')
  return { backup, copy: await copyOf(backup) }
}
async function copyOf(backup: BackupRow): Promise<CopyRow> {
  const [copy] = await listCopies(world.catalog, backup.id)
  if (copy === undefined) throw new Error('the backup has no copy')
  return copy
}
const verify = async (backup: BackupRow): Promise<OperationRow> =>
  world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }))
const restore = async (backup: BackupRow, targetDbname: string, dryRun = false): Promise<OperationRow> =>
  world.operate(await requestRestore(world.catalog, admin, { backupId: backup.id, targetDbname, dryRun, via: 'cli' }))
const overwrite = (backup: BackupRow, name: string, bytes: string) =>
  stranger.send(new PutObjectCommand({ Bucket: 'b', Key: `p/${backup.path}/${name}`, Body: bytes }))
const remove = (backup: BackupRow, name: string) => stranger.send(new DeleteObjectCommand({ Bucket: 'b', Key: `p/${backup.path}/${name}` }))

test('a copy in a bucket with versioning knows which version of each object was stored', async () => {
  const { backup, copy } = await backUp()
  const known = await copyVersions(world.catalog, copy.id)
  const stored = [...fake.objects].filter(([key]) => key.startsWith(`p/${backup.path}/`))
  expect(known).toEqual(Object.fromEntries(stored.map(([key, object]) => [key.split('/').at(-1), object.versionId])))
  expect(Object.keys(known ?? {})).toEqual(expect.arrayContaining(['key', 'manifest', 'e000001']))
})

test('an entry that somebody overwrote makes the copy corrupt for everybody else; verify tells that the stored version is whole, and a restore reads it', async () => {
  const { backup } = await backUp()
  await overwrite(backup, 'e000002', 'somebody else’s')
  const verified = await verify(backup)
  expect(verified).toMatchObject({ state: 'succeeded_with_findings', result: { verdict: 'corrupt' } })
  expect(verified.findings.map((one) => one.code)).toEqual(['copy_displaced'])
  expect(await copyOf(backup)).toMatchObject({ state: 'corrupt', problem: expect.stringContaining('overwritten on the storage since it was stored') })
  expect(await restore(backup, 'from_older_version')).toMatchObject({ error: null, result: { restore: { outcome: 'completed', rows: 2000 } } })
})

test('a manifest behind a delete marker makes the copy missing, as it is for everybody without this catalogue; the restore says what it reads', async () => {
  const { backup } = await backUp()
  await remove(backup, 'manifest')
  const verified = await verify(backup)
  expect(verified).toMatchObject({ result: { verdict: 'missing' } })
  expect(verified.findings[0]).toMatchObject({ code: 'copy_displaced', message: expect.stringContaining('only this catalogue knows them') })
  expect(await copyOf(backup)).toMatchObject({ state: 'missing', problem: expect.stringContaining('deleted on the storage') })
  const planned = await restore(backup, 'from_behind', true)
  expect((planned.result as { plan: { findings: { code: string }[] } }).plan.findings.map((one) => one.code)).toContain('copy_displaced')
  const restored = await restore(backup, 'from_behind')
  expect(restored).toMatchObject({ state: 'succeeded_with_findings', result: { restore: { outcome: 'completed' } } })
  expect(restored.findings.map((one) => one.code)).toContain('copy_displaced')
})

test('a manifest that an earlier one’s was put in place of is refused, and the stored version is read', async () => {
  const { backup: earlier } = await backUp()
  const { backup } = await backUp()
  const other = fake.objects.get(`p/${earlier.path}/manifest`)
  await stranger.send(new PutObjectCommand({ Bucket: 'b', Key: `p/${backup.path}/manifest`, Body: other?.bytes }))
  expect(await verify(backup)).toMatchObject({ result: { verdict: 'corrupt' }, findings: [{ code: 'copy_displaced' }] })
  expect(await restore(backup, 'not_the_earlier')).toMatchObject({ error: null, result: { restore: { outcome: 'completed' } } })
})

test('where the stored version is gone as well, nothing is promised', async () => {
  const { backup } = await backUp()
  await remove(backup, 'e000001')
  fake.versions.delete(`p/${backup.path}/e000001`)
  const verified = await verify(backup)
  expect(verified).toMatchObject({ result: { verdict: 'missing' }, findings: [{ code: 'copy_missing' }] })
  expect(await restore(backup, 'never')).toMatchObject({ state: 'failed' })
})

test('a copy whose versions nobody knows gets those that a verify has read, and is then read by them', async () => {
  const { backup, copy } = await backUp()
  const known = await copyVersions(world.catalog, copy.id)
  await world.catalog.deleteFrom('copy_versions').where('copy_id', '=', copy.id).execute()
  expect(await verify(backup)).toMatchObject({ result: { verdict: 'valid' }, findings: [] })
  expect(await copyVersions(world.catalog, copy.id)).toEqual(known)
})

test('a bucket that was copied elsewhere has other versions: what is current is read there, and a verify pins it', async () => {
  const { backup, copy } = await backUp()
  const known = await copyVersions(world.catalog, copy.id)
  const others = JSON.stringify(Object.fromEntries(Object.keys(known ?? {}).map((name) => [name, randomUUID()])))
  await world.catalog.updateTable('copy_versions').set({ versions: others }).where('copy_id', '=', copy.id).execute()
  expect(await restore(backup, 'from_the_copied')).toMatchObject({ state: 'succeeded', findings: [] })
  expect(await verify(backup)).toMatchObject({ result: { verdict: 'valid' } })
  expect(await copyVersions(world.catalog, copy.id)).toEqual(known)
})

test('what a reconcile takes away there is hidden, not gone, and it says so', async () => {
  const { backup, copy } = await backUp()
  await world.catalog.updateTable('copies').set({ state: 'failed' }).where('id', '=', copy.id).execute()
  await remove(backup, 'manifest')
  const ended = await world.operate(await requestReconcile(world.catalog, admin, { storageId: bucketId, adopt: false, via: 'cli' }))
  expect(ended.error).toBe(null)
  expect(ended.findings).toContainEqual(expect.objectContaining({ code: 'kept_as_versions', message: expect.stringContaining('hidden, not gone') }))
})

test('keys that are sealed anew in a bucket with versions are read at the versions that were written; forgetting the old ones says that the bucket keeps them', async () => {
  const { backup, copy } = await backUp()
  const { backup: other, copy: otherCopy } = await backUp()
  const master = randomBytes(32)
  const ring = { ...deriveKeys(master), older: [world.keys] }
  for (const id of [world.keys.keyId, ring.keyId]) await insertKey(world.catalog, { id, purpose: 'active', publicKey: null })
  const rewrap = async (forgetOld: boolean) => {
    const { operations } = await requestRewrap(world.catalog, admin, { storageId: bucketId, forgetOld, via: 'cli' })
    return world.operate(operations[0] ?? { id: '' }, { keys: ring })
  }
  await rewrap(false)
  const added = await copyVersions(world.catalog, copy.id)
  expect(added?.key_2).toBe(fake.objects.get(`p/${backup.path}/key_2`)?.versionId)
  const byRing = await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }), { keys: ring })
  expect(byRing, 'the first key object opens, and key_2 is not read').toMatchObject({ result: { verdict: 'valid' } })
  await overwrite(backup, 'key_2', 'not a key')
  const withNew = async ({ id }: BackupRow) =>
    world.operate(await requestVerify(world.catalog, admin, { backupId: id, via: 'cli' }), { keys: deriveKeys(master) })
  const found = (await withNew(backup)).result as { copies: { entries: { displaced?: boolean }[] }[] }
  expect(found.copies[0]?.entries[0]?.displaced, 'the version that was written is whole').toBe(true)

  const forgotten = await rewrap(true)
  expect(forgotten.findings.map((one) => one.code)).toContain('hidden_old_key')
  const left = await copyVersions(world.catalog, otherCopy.id)
  expect(left?.key).toBe(fake.objects.get(`p/${other.path}/key`)?.versionId)
  expect(left?.key_2).toBe(undefined)
  expect(await withNew(other)).toMatchObject({ result: { verdict: 'valid' } })
})
