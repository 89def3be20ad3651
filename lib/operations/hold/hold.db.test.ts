import { randomUUID } from 'node:crypto'
import { readdir, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { listHolds } from '#lib/catalog/holds.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { changeStorage, insertStorage } from '#lib/catalog/storages.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { type S3Fake, type S3Operation, startS3Fake } from '#test/support/s3-fake.ts'
import { requestBackup } from '../backup/request.ts'
import { requestCheck } from '../check/request.ts'
import { requestPrune } from '../prune/request.ts'
import { requestReconcile } from '../reconcile/request.ts'
import { requestVerify } from '../verify/request.ts'
import { placeHold, releaseHold } from './request.ts'

let world: Operating
let fake: S3Fake
let near: TestStorage
let backup: BackupRow
const bucketId = randomUUID()
beforeAll(async () => {
  ;[world, fake] = await Promise.all([startOperating(), startS3Fake({ objectLock: true })])
  const database = await world.addDatabase('shop', 'CREATE TABLE item AS SELECT i FROM generate_series(1, 100) i')
  near = await world.addStorage('near')
  const config = { bucket: 'b', endpoint: fake.endpoint, region: 'us-east-1', prefix: 'p', pathStyle: true, checksumWhenRequired: false }
  const credentials = JSON.stringify({ accessKeyId: 'id', secretAccessKey: 'secret' })
  const secretSealed = sealSecret(credentials, world.keys.sealing.publicKeyPem, storageSecretPlace(bucketId))
  const input = { of: 'new_storage' as const, storageId: bucketId, kind: 's3' as const, config, secretSealed }
  expect((await world.operate(await requestCheck(world.catalog, admin, { input, via: 'cli' }))).error).toBe(null)
  await insertStorage(world.catalog, { id: bucketId, name: 'bucket', kind: 's3', config: JSON.stringify(config), secret_sealed: secretSealed })
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id, bucketId], via: 'cli' })
  const ended = await world.operate(requested)
  expect(ended.error).toBe(null)
  const row = await getBackup(world.catalog, ended.backup_id ?? '')
  if (row === null) throw new Error('the backup has no row')
  backup = row
})
afterAll(async () => {
  await world.close()
  await fake.close()
})

const place = (kind: 'legal' | 'manual' = 'legal') => placeHold(world.catalog, admin, { backupId: backup.id, kind, reason: 'Case 12', via: 'cli' })
const release = (holdId: string) => releaseHold(world.catalog, admin, { holdId, reason: 'Settled', via: 'cli' })
const open = async () => (await listHolds(world.catalog, backup.id)).filter((one) => one.released_at === null)
const file = () => path.join(near.directory, backup.path, 'hold')
const onDisk = async () => (await readdir(path.dirname(file()))).includes('hold')
const inBucket = () => [...fake.objects].filter(([key]) => key.startsWith(`p/${backup.path}/`))
const inBucketHeld = () =>
  inBucket()
    .filter(([, object]) => object.legalHold === true)
    .map(([key]) => path.basename(key))
const reconcile = async (storageId: string, adopt = false) =>
  world.operate(await requestReconcile(world.catalog, admin, { storageId, adopt, via: 'cli' }))
async function waiting(): Promise<{ id: string }[]> {
  return world.catalog.selectFrom('operations').select('id').where('kind', '=', 'hold').where('state', '=', 'queued').orderBy('created_at').execute()
}
async function operateAll(): Promise<OperationRow[]> {
  const ended: OperationRow[] = []
  for (const one of await waiting()) ended.push(await world.operate(one))
  return ended
}

test('a hold counts at once, and is then written beside each copy, with the legal hold of the bucket; verify reads past it', async () => {
  const placed = await place()
  expect(placed).toMatchObject({ kind: 'legal', reason: 'Case 12', releasedAt: null, backup: { id: backup.id, database: { name: 'shop' } } })
  expect((await open()).map((one) => one.id)).toEqual([placed.id])
  expect((await operateAll()).map((one) => [one.state, one.error])).toEqual([
    ['succeeded', null],
    ['succeeded', null],
  ])
  expect(await onDisk()).toBe(true)
  const names = inBucket().map(([key]) => path.basename(key))
  expect(names).toContain('hold')
  expect(inBucketHeld().toSorted()).toEqual(names.filter((name) => name !== 'hold').toSorted())
  expect(JSON.stringify([...fake.objects.values()].map((one) => one.bytes.toString('latin1')))).not.toContain('Case 12')
  const verified = await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }))
  expect(verified).toMatchObject({ state: 'succeeded', result: { verdict: 'valid' } })
  expect(await reconcile(near.id)).toMatchObject({ state: 'succeeded', findings: [] })
  const audited = await world.catalog.selectFrom('audit').select(['action', 'outcome']).where('subject_id', '=', backup.id).execute()
  expect(audited).toContainEqual({ action: 'hold.place', outcome: 'done' })
})

test('one of two holds is released, and the other goes on; with the last the objects and the legal hold of the bucket go too', async () => {
  const second = await place('manual')
  await operateAll()
  const [first] = (await open()).filter((one) => one.id !== second.id)
  await release(first?.id ?? '')
  await operateAll()
  expect([await onDisk(), inBucketHeld().length > 0]).toEqual([true, true])
  const released = await release(second.id)
  expect(released).toMatchObject({ releasedName: 'test', releaseReason: 'Settled' })
  await expect(release(second.id)).rejects.toMatchObject({ code: 'refused' })
  await operateAll()
  expect([await onDisk(), inBucketHeld()]).toEqual([false, []])
  expect(inBucket().map(([key]) => path.basename(key))).not.toContain('hold')
})

test('an operator places a hold and does not release it; a viewer does neither; another’s backup is not found', async () => {
  const as = (role: Actor['role'], databaseIds: string[] | null = null): Actor => ({ kind: 'user', id: 'u', name: role, role, databaseIds })
  const asked = { backupId: backup.id, kind: 'manual' as const, reason: 'why', via: 'web' as const }
  await expect(placeHold(world.catalog, as('viewer'), asked)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(placeHold(world.catalog, as('operator', []), asked)).rejects.toMatchObject({ code: 'not_found' })
  const placed = await placeHold(world.catalog, as('operator'), asked)
  await expect(releaseHold(world.catalog, as('operator'), { holdId: placed.id, reason: 'why', via: 'web' })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await release(placed.id)
  await operateAll()
})

test('a worker that is killed while it writes or clears leaves what the next look brings to its end', async () => {
  const placed = await place()
  for (const operation of await waiting()) await runAndKill(world, operation, { failPoint: 'hold.written' })
  await sql`UPDATE operations SET state = 'cancelled', finished_at = now() WHERE kind = 'hold' AND state = 'queued'`.execute(world.catalog)
  expect(inBucketHeld()).toEqual([])
  await reconcile(bucketId)
  expect(inBucketHeld()).toContain('manifest')
  await release(placed.id)
  for (const operation of await waiting()) await runAndKill(world, operation, { failPoint: 'hold.cleared' })
  await sql`UPDATE operations SET state = 'cancelled', finished_at = now() WHERE kind = 'hold' AND state = 'queued'`.execute(world.catalog)
  expect(await onDisk()).toBe(true)
  for (const id of [near.id, bucketId]) expect(await reconcile(id)).toMatchObject({ state: 'succeeded', findings: [] })
  expect([await onDisk(), inBucketHeld(), (await open()).length]).toEqual([false, [], 0])
})

test('a legal hold that somebody else set is not ours to take away', async () => {
  for (const [, object] of inBucket()) object.legalHold = true
  const placed = await place()
  const codes = (await operateAll()).flatMap((one) => one.findings.map((each) => each.code))
  expect(codes).toEqual(['legal_hold_foreign'])
  await release(placed.id)
  await operateAll()
  expect(inBucketHeld()).toContain('manifest')
  for (const [, object] of inBucket()) object.legalHold = false
})

test('a catalogue that lost its holds gets them back from beside the copies; what was released stays released', async () => {
  const placed = await place()
  await operateAll()
  await world.catalog.deleteFrom('holds').execute()
  const found = await reconcile(near.id)
  expect(found.findings.map((one) => one.code)).toEqual(['holds_adopted'])
  expect(await open()).toMatchObject([{ id: placed.id, kind: 'legal', reason: 'Case 12', placed_name: 'test', placed_at: new Date(placed.placedAt) }])
  await releaseHold(world.catalog, admin, { holdId: placed.id, reason: 'Settled', via: 'cli' })
  expect(await reconcile(near.id)).toMatchObject({ state: 'succeeded', findings: [] })
  await reconcile(bucketId)
  expect([await onDisk(), (await open()).length]).toEqual([false, 0])
  await operateAll()
})

test('an object that nobody can read holds, until an admin releases it', async () => {
  await writeFile(file(), 'of a version to come')
  expect((await reconcile(near.id)).findings.map((one) => one.code)).toEqual(['holds_adopted'])
  const [hold] = await open()
  expect(hold).toMatchObject({ kind: 'unreadable', reason: expect.stringContaining('nobody here can read it') })
  await operateAll()
  await release(hold?.id ?? '')
  await operateAll()
  expect([await onDisk(), (await open()).length]).toEqual([false, 0])
})

test('a machine without the backup’s key takes the object for a hold, and takes nothing away', async () => {
  await place()
  await operateAll()
  await world.catalog.deleteFrom('holds').execute()
  const requested = await requestReconcile(world.catalog, admin, { storageId: near.id, via: 'cli' })
  const keys = deriveKeys(Buffer.alloc(32, 7))
  await world.operate(requested, { keys })
  expect((await open()).map((one) => one.kind)).toEqual(['unreadable'])
  expect(await onDisk()).toBe(true)
  await rename(file(), `${file()}.aside`)
})

test('what is stored in a locked bucket is retained until its day, is tried once, and is then deleted with every version, by its own credentials', async () => {
  await world.catalog.deleteFrom('holds').execute()
  await operateAll()
  const secret = { accessKeyId: 'id', secretAccessKey: 'secret', deleteAccessKeyId: 'deleter', deleteSecretAccessKey: 'other' }
  const sealed = sealSecret(JSON.stringify(secret), world.keys.sealing.publicKeyPem, storageSecretPlace(bucketId))
  await world.catalog.updateTable('storages').set({ secret_sealed: sealed }).where('id', '=', bucketId).execute()
  const lock = { lockMode: 'GOVERNANCE' as const, lockDays: 7 }
  const change = (id: string) => world.catalog.transaction().execute((trx) => changeStorage(trx, id, lock))
  await expect(change(near.id)).rejects.toMatchObject({ code: 'usage' })
  await world.operate(await requestCheck(world.catalog, admin, { input: { of: 'storage', storageId: bucketId }, via: 'cli' }))
  const { bucket } = await world.catalog.selectFrom('storages').select('bucket').where('id', '=', bucketId).executeTakeFirstOrThrow()
  expect(bucket).toMatchObject({ versioning: 'enabled', objectLock: true })
  await change(bucketId)
  const taken: BackupRow[] = []
  for (let at = 0; at < 2; at++) {
    const asked = { databaseId: backup.database_id, storageIds: [bucketId], via: 'cli' as const }
    const ended = await world.operate(await requestBackup(world.catalog, admin, asked))
    expect(ended.error).toBe(null)
    const row = await getBackup(world.catalog, ended.backup_id ?? '')
    if (row !== null) taken.push(row)
    await world.operate(await requestVerify(world.catalog, admin, { backupId: row?.id ?? '', via: 'cli' }))
  }
  const old = taken[0] ?? backup
  const copyOf = async (row: BackupRow) => (await listCopies(world.catalog, row.id))[0]
  const known = (await copyOf(old))?.retained_until?.getTime() ?? 0
  expect([(await copyOf(old))?.lock_mode, Math.round((known - Date.now()) / 86_400_000)]).toEqual(['GOVERNANCE', 7])
  await sql`UPDATE retention_rules SET keep = '{"unit": "days", "count": 1}' WHERE tier = 'daily'`.execute(world.catalog)
  await sql`UPDATE backups SET tier = 'daily'`.execute(world.catalog)
  await sql`UPDATE backups SET created_at = now() - interval '30 days' WHERE id = ${old.id}`.execute(world.catalog)
  // as if the catalogue did not know of the lock: the storage says so
  await sql`UPDATE copies SET retained_until = NULL, lock_mode = NULL WHERE backup_id = ${old.id}`.execute(world.catalog)
  const prune = async () =>
    world.operate(await requestPrune(world.catalog, admin, { storageId: bucketId, databaseId: null, dryRun: false, via: 'cli' }))
  const tried = await prune()
  expect(tried.findings.map((one) => one.code)).toEqual(['retained'])
  expect(await copyOf(old)).toMatchObject({ state: 'retained' })
  expect((await copyOf(old))?.retained_until?.getTime()).toBe(known)
  const calls = fake.calls.HeadObject
  expect(await prune()).toMatchObject({ state: 'succeeded', result: { prune: { deleted: 0 } } })
  expect(fake.calls.HeadObject, 'nobody asks again before its day').toBe(calls)
  fake.endLocks()
  await sql`UPDATE copies SET retained_until = now() - interval '1 hour' WHERE backup_id = ${old.id}`.execute(world.catalog)
  expect(await prune()).toMatchObject({ state: 'succeeded', result: { prune: { deleted: 1 } } })
  expect([...fake.versions].filter(([key, of]) => key.includes(old.path) && of.size > 0)).toEqual([])
  const by = (operation: S3Operation) => fake.requests.filter((one) => one.operation === operation).map((one) => one.headers.authorization ?? '')
  expect(
    by('DeleteObject')
      .slice(-3)
      .every((one) => one.includes('Credential=deleter/')),
  ).toBe(true)
  expect(by('PutObject').some((one) => one.includes('Credential=deleter/'))).toBe(false)
})
