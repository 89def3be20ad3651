import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { type CopyRow, listCopies, updateCopy } from '#lib/catalog/copies.ts'
import { updateDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { listMisplaced } from '#lib/catalog/residency.ts'
import { insertStorage, updateStorage } from '#lib/catalog/storages.ts'
import { endWorker, registerWorker } from '#lib/catalog/workers.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { enqueueCopiesDue, enqueueDueCopies } from '#workers/upkeep/due-copies.ts'
import { runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { type S3Fake, startS3Fake } from '#test/support/s3-fake.ts'
import { requestBackup } from '../backup/request.ts'
import { requestCheck } from '../check/request.ts'
import { requestReconcile } from '../reconcile/request.ts'
import { requestVerify } from '../verify/request.ts'
import { requestCopy, requestRepair } from './request.ts'

let world: Operating
let fake: S3Fake
let disk: TestStorage
let shelf: TestStorage
let database: { id: string }
const bucketId = randomUUID()

beforeAll(async () => {
  ;[world, fake] = await Promise.all([startOperating(), startS3Fake()])
  database = await world.addDatabase(
    'shop',
    `CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT i, md5(i::text) FROM generate_series(1, 3000) i;
     CREATE TABLE note (id int PRIMARY KEY); INSERT INTO note VALUES (1)`,
  )
  disk = await world.addStorage('disk')
  shelf = await world.addStorage('shelf')
  const config = { bucket: 'lifeboat', endpoint: fake.endpoint, region: 'us-east-1', prefix: '', pathStyle: true, checksumWhenRequired: false }
  const secret = JSON.stringify({ accessKeyId: 'id', secretAccessKey: 'canary-secret' })
  const secretSealed = sealSecret(secret, world.keys.sealing.publicKeyPem, storageSecretPlace(bucketId))
  const input = { of: 'new_storage' as const, storageId: bucketId, kind: 's3' as const, config, secretSealed }
  await world.operate(await requestCheck(world.catalog, admin, { input, via: 'cli' }))
  await insertStorage(world.catalog, { id: bucketId, name: 'bucket', kind: 's3', config: JSON.stringify(config), secret_sealed: secretSealed })
})
afterAll(async () => {
  await world.close()
  await fake.close()
})

interface Taken {
  id: string
  path: string
}
async function backUp(storageIds: string[]): Promise<Taken & { ended: OperationRow }> {
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds, via: 'cli' }))
  expect(ended.error).toBe(null)
  const { path: at } = await world.catalog
    .selectFrom('backups')
    .select('path')
    .where('id', '=', ended.backup_id ?? '')
    .executeTakeFirstOrThrow()
  return { id: ended.backup_id ?? '', path: at, ended }
}
async function copy(backup: Taken, storageId: string, how: { move?: boolean; fromCopyId?: string } = {}): Promise<OperationRow> {
  const { id } = await requestCopy(world.catalog, admin, { backupId: backup.id, storageId, ...how, via: 'cli' })
  if (id === null) throw new Error('it waits')
  return world.operate({ id })
}
async function copyOn(backup: Taken, storageId: string): Promise<CopyRow> {
  const found = (await listCopies(world.catalog, backup.id)).find((one) => one.storage_id === storageId)
  if (found === undefined) throw new Error('there is no such copy')
  return found
}
async function filesOf(storage: TestStorage, backup: Taken): Promise<Map<string, string>> {
  const names = await readdir(path.join(storage.directory, backup.path)).catch(() => [])
  return new Map(
    await Promise.all(
      names.sort().map(async (name) => [name, (await readFile(path.join(storage.directory, backup.path, name))).toString('hex')] as const),
    ),
  )
}
const inBucket = (backup: Taken) =>
  new Map(
    [...fake.objects].filter(([key]) => key.startsWith(`${backup.path}/`)).map(([key, { bytes }]) => [path.basename(key), bytes.toString('hex')]),
  )
async function flip(storage: TestStorage, backup: Taken, name: string): Promise<void> {
  const file = path.join(storage.directory, backup.path, name)
  const bytes = await readFile(file)
  bytes[bytes.length >> 1]! ^= 4
  await writeFile(file, bytes)
}
/** A worker that sees these storages, for as long as `work` takes. */
async function withWorker(storageIds: string[], work: () => Promise<void>): Promise<void> {
  const id = randomUUID()
  const facts = { toolMajors: [15], tools: [], keyIds: [], storageIds, sealingKey: null }
  await registerWorker(world.catalog, { id, host: 'test', pid: 1, version: '0', schemaVersion: '', ...facts })
  await work().finally(() => endWorker(world.catalog, id))
}

test('a backup is copied to a disk and to a bucket byte for byte without the source database, and what was copied is read back', async () => {
  const backup = await backUp([disk.id])
  await world.cluster.query('postgres', 'ALTER DATABASE shop ALLOW_CONNECTIONS false')
  expect(await copy(backup, shelf.id)).toMatchObject({ state: 'succeeded', result: { copy: { did: 'copied', from: 'disk', keptEntries: 0 } } })
  const toBucket = await copy(backup, bucketId)
  expect(toBucket).toMatchObject({ state: 'succeeded', error: null })
  expect(await filesOf(shelf, backup)).toEqual(await filesOf(disk, backup))
  expect(inBucket(backup)).toEqual(await filesOf(disk, backup))
  const follower = await world.catalog.selectFrom('operations').selectAll().where('after', '=', toBucket.id).executeTakeFirstOrThrow()
  expect(await world.operate(follower)).toMatchObject({
    kind: 'verify',
    state: 'succeeded',
    result: { verdict: 'valid', copies: [{ storage: 'bucket' }] },
  })
  expect((await copyOn(backup, bucketId)).state).toBe('verified')
  await expect(copy(backup, shelf.id)).rejects.toMatchObject({ code: 'conflict' })
  await world.cluster.query('postgres', 'ALTER DATABASE shop ALLOW_CONNECTIONS true')
})

test('a damaged copy is made good again from a good one, only what is bad is replaced, and a damaged source is passed over and named', async () => {
  const backup = await backUp([disk.id, shelf.id])
  const good = await filesOf(disk, backup)
  await copy(backup, bucketId)
  // the disk, which is tried first, has one bad entry that nobody knows of; the bucket another one, and one that is gone
  await updateCopy(world.catalog, (await copyOn(backup, disk.id)).id, { state: 'verified' })
  await flip(disk, backup, 'e000002')
  fake.objects.get(`${backup.path}/e000002`)!.bytes[9]! ^= 1
  fake.objects.delete(`${backup.path}/e000001`)
  const verified = await world.operate(
    await requestVerify(world.catalog, admin, { backupId: backup.id, copyIds: [(await copyOn(backup, bucketId)).id], via: 'cli' }),
  )
  expect(verified.result).toMatchObject({ verdict: 'corrupt' })
  const repaired = await copy(backup, bucketId)
  expect(repaired).toMatchObject({ state: 'succeeded_with_findings', result: { copy: { did: 'repaired', keptEntries: good.size - 4 } } })
  expect(repaired.findings).toMatchObject([{ code: 'copy_corrupt', message: expect.stringContaining('disk') }])
  expect(inBucket(backup)).toEqual(good)
  expect((await copyOn(backup, bucketId)).state).toBe('stored')
  expect((await copyOn(backup, disk.id)).state).toBe('corrupt')
})

test('a bad copy is not lost before the good one is proven: with no good source it stays as it was', async () => {
  const backup = await backUp([disk.id, shelf.id])
  await flip(disk, backup, 'e000001')
  await flip(shelf, backup, 'e000001')
  await updateCopy(world.catalog, (await copyOn(backup, shelf.id)).id, { state: 'corrupt', problem: 'bad' })
  const before = await filesOf(shelf, backup)
  expect(await copy(backup, shelf.id)).toMatchObject({ state: 'failed', error: { code: 'corrupt' } })
  expect(await filesOf(shelf, backup)).toEqual(before)
  expect(await copyOn(backup, shelf.id)).toMatchObject({ state: 'corrupt', problem: expect.stringContaining('Not repaired') })
})

test('what a killed attempt left is gone on with, and without a manifest nothing counts as a copy', async () => {
  const backup = await backUp([disk.id])
  fake.fault({ operation: 'PutObject', nth: 3, times: 1000, action: { status: 403, code: 'AccessDenied' } })
  expect(await copy(backup, bucketId)).toMatchObject({ state: 'failed', error: { code: 'storage_refused' } })
  fake.assertFaultsHit()
  expect(await copyOn(backup, bucketId)).toMatchObject({ state: 'failed' })
  fake.clearFaults()
  // as a worker that died would leave it: entries, half of one, and no manifest
  const good = await filesOf(disk, backup)
  const stray = path.join(shelf.directory, backup.path)
  await copy(backup, shelf.id)
  await rm(path.join(stray, 'manifest'))
  await writeFile(path.join(stray, 'e000001'), 'half')
  await updateCopy(world.catalog, (await copyOn(backup, shelf.id)).id, { state: 'storing' })
  expect(await copy(backup, shelf.id)).toMatchObject({ state: 'succeeded', result: { copy: { did: 'copied', keptEntries: good.size - 3 } } })
  expect(await filesOf(shelf, backup)).toEqual(good)
})

test('a worker that is killed in a copy leaves none that looks whole; the next attempt ends it, byte for byte', async () => {
  for (const failPoint of ['copy.entry_stored', 'copy.before_manifest', 'copy.manifest_stored']) {
    const backup = await backUp([disk.id])
    const { id } = await requestCopy(world.catalog, admin, { backupId: backup.id, storageId: shelf.id, via: 'cli' })
    const { killed, ended } = await runAndKill(world, { id: id ?? '' }, { failPoint })
    expect([killed, ended.state]).toEqual([true, 'interrupted'])
    expect((await filesOf(shelf, backup)).has('manifest')).toBe(failPoint === 'copy.manifest_stored')
    expect((await copyOn(backup, shelf.id)).state).not.toMatch(/stored|verified/)
    const again = await world.catalog.selectFrom('operations').select('id').where('retry_of', '=', ended.id).executeTakeFirstOrThrow()
    expect(await world.operate(again)).toMatchObject({ state: 'succeeded', error: null })
    expect(await filesOf(shelf, backup)).toEqual(await filesOf(disk, backup))
    expect((await copyOn(backup, shelf.id)).state).toBe('stored')
  }
})

test('what a reconcile finds missing is made whole from a good copy', async () => {
  const backup = await backUp([disk.id, shelf.id])
  await rm(path.join(shelf.directory, backup.path, 'e000001'))
  await world.operate(await requestReconcile(world.catalog, admin, { storageId: shelf.id, via: 'cli' }))
  const id = await requestRepair(world.catalog, admin, { storageId: shelf.id, path: backup.path, via: 'cli' })
  expect(await world.operate({ id })).toMatchObject({ state: 'succeeded', error: null })
  expect(await filesOf(shelf, backup)).toEqual(await filesOf(disk, backup))
  const elsewhere = requestRepair(world.catalog, admin, { storageId: disk.id, path: backup.path, via: 'cli' })
  await expect(elsewhere).rejects.toMatchObject({ code: 'not_found' })
})

test('a copy whose credentials were withdrawn midway is made again from a good one by itself, later and later', async () => {
  fake.fault({ operation: 'PutObject', nth: 2, times: 1000, action: { status: 403, code: 'AccessDenied' } })
  const backup = await backUp([disk.id, bucketId])
  expect((await copyOn(backup, bucketId)).state).toBe('failed')
  await world.cluster.query('postgres', 'ALTER DATABASE shop ALLOW_CONNECTIONS false')
  await world.catalog
    .updateTable('copies')
    .set({ next_try_at: new Date('2999-01-01') })
    .where('state', '=', 'failed')
    .where('backup_id', '<>', backup.id)
    .execute()
  const now = await catalogueNow(world.catalog)
  const [first] = await enqueueCopiesDue(world.catalog, now)
  expect(await enqueueCopiesDue(world.catalog, now)).toEqual([])
  expect((await world.operate({ id: first ?? '' })).state).toBe('failed')
  expect(await enqueueDueCopies(world.catalog)).toBe(0)
  fake.clearFaults()
  const [second] = await enqueueCopiesDue(world.catalog, new Date(now.getTime() + 16 * 60_000))
  expect(await world.operate({ id: second ?? '' })).toMatchObject({ state: 'succeeded', requested_via: 'system' })
  expect(inBucket(backup)).toEqual(await filesOf(disk, backup))
  expect(fake.uploads.size).toBe(0)
  await world.cluster.query('postgres', 'ALTER DATABASE shop ALLOW_CONNECTIONS true')
})

test('the copy on an absent offline medium waits without a finding, and is made when a worker sees the medium again', async () => {
  await updateStorage(world.catalog, shelf.id, { medium: 'offline' })
  await rename(shelf.directory, `${shelf.directory}-away`)
  const backup = await backUp([disk.id, shelf.id])
  expect(backup.ended).toMatchObject({ state: 'succeeded', findings: [], needs: { storageIds: [disk.id] } })
  expect(await copyOn(backup, shelf.id)).toMatchObject({ state: 'waiting', problem: expect.stringContaining('offline') })
  const alone = await backUp([disk.id])
  await withWorker([disk.id], async () => {
    expect(await enqueueDueCopies(world.catalog)).toBe(0)
    // asked for by hand it waits too, but nothing is moved to where nobody can read it
    expect(await requestCopy(world.catalog, admin, { backupId: alone.id, storageId: shelf.id, via: 'cli' })).toEqual({ id: null, existing: false })
    await expect(requestCopy(world.catalog, admin, { backupId: backup.id, storageId: shelf.id, move: true, via: 'cli' })).rejects.toMatchObject({
      code: 'refused',
    })
  })
  await rename(`${shelf.directory}-away`, shelf.directory)
  await withWorker([disk.id, shelf.id], async () => {
    for (const id of await enqueueCopiesDue(world.catalog, await catalogueNow(world.catalog))) {
      expect(await world.operate({ id })).toMatchObject({ kind: 'copy', state: 'succeeded' })
    }
  })
  expect([(await copyOn(backup, shelf.id)).state, (await copyOn(alone, shelf.id)).state]).toEqual(['stored', 'stored'])
  expect(await filesOf(shelf, backup)).toEqual(await filesOf(disk, backup))
  await updateStorage(world.catalog, shelf.id, { medium: 'online' })
})

test('a move reads the new copy back before the old one goes; a hold keeps both and is told', async () => {
  const held = await backUp([disk.id])
  await world.catalog.insertInto('holds').values({ backup_id: held.id, kind: 'legal', reason: 'case 7', placed_name: 'Ada' }).execute()
  const kept = await copy(held, shelf.id, { move: true })
  expect(kept).toMatchObject({ state: 'succeeded_with_findings', result: { copy: { moved: false, verified: true } } })
  expect(kept.findings).toMatchObject([{ code: 'move_spared' }])
  expect([(await copyOn(held, disk.id)).state, (await copyOn(held, shelf.id)).state]).toEqual(['stored', 'verified'])

  const backup = await backUp([disk.id])
  const bytes = await filesOf(disk, backup)
  expect(await copy(backup, shelf.id, { move: true })).toMatchObject({ state: 'succeeded', result: { copy: { moved: true, verified: true } } })
  expect([(await copyOn(backup, disk.id)).state, (await copyOn(backup, shelf.id)).state]).toEqual(['deleted', 'verified'])
  expect([(await filesOf(disk, backup)).size, await filesOf(shelf, backup)]).toEqual([0, bytes])
})

test('a database that names regions is refused elsewhere, in the request and in the run; copies that are there already are named', async () => {
  const before = await backUp([disk.id, shelf.id])
  const { id: queued } = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [disk.id, shelf.id], via: 'cli' })
  await updateStorage(world.catalog, disk.id, { region: 'eu-central' })
  await updateDatabase(world.catalog, database.id, { allowed_regions: ['eu-central'] })
  expect((await listMisplaced(world.catalog, { databaseId: database.id })).map((one) => one.storage.name)).toEqual(['bucket', 'shelf'])
  expect((await copyOn(before, shelf.id)).state).toBe('stored')
  const ran = await world.operate({ id: queued })
  expect(ran).toMatchObject({
    state: 'succeeded_with_findings',
    findings: [{ code: 'copy_failed', message: expect.stringContaining('Nobody said in which region') }],
  })
  await expect(requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [shelf.id], via: 'cli' })).rejects.toMatchObject({
    code: 'refused',
  })
  await expect(requestCopy(world.catalog, admin, { backupId: before.id, storageId: bucketId, via: 'cli' })).rejects.toMatchObject({ code: 'refused' })
  // unnamed storages are those that it may use
  const everywhere = await requestBackup(world.catalog, admin, { databaseId: database.id, via: 'cli' })
  expect((await world.operate(everywhere)).input).toMatchObject({ storageIds: [disk.id] })
  await updateDatabase(world.catalog, database.id, { allowed_regions: null })
})

test('a copy that would not fit the budget is refused and the others go on; where nothing fits, nothing is read from the database', async () => {
  await updateStorage(world.catalog, bucketId, { budget_bytes: 1000, used_bytes: 990 })
  const backup = await backUp([disk.id, bucketId])
  expect(backup.ended.findings).toMatchObject([{ code: 'copy_failed', message: expect.stringContaining('budget') }])
  expect((await copyOn(backup, disk.id)).state).toBe('stored')
  const planned = await world.operate(
    await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [bucketId], dryRun: true, via: 'cli' }),
  )
  expect(planned.result).toMatchObject({ plan: { blocked: true } })
  const blocked = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [bucketId], via: 'cli' }))
  expect(blocked).toMatchObject({ state: 'failed', backup_id: null, error: { code: 'blocked', message: expect.stringContaining('budget') } })
  expect(await copy(backup, bucketId)).toMatchObject({ state: 'failed', error: { code: 'refused' } })
})
