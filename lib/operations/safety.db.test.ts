import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { getOperation, listFollowers, type OperationRow } from '#lib/catalog/operations.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { type S3Fake, startS3Fake } from '#test/support/s3-fake.ts'
import { requestBackup } from './backup/request.ts'
import { requestCheck } from './check/request.ts'
import { define } from './definition.ts'
import { requireVerifiedSafety } from './restore/require-safety.ts'
import { enqueueBehindSafety } from './safety.ts'
import { requestVerify } from './verify/request.ts'

/** A restore that overwrites, as far as waiting goes: it holds the key of the database's backups. */
const overwriting = define({
  kind: 'restore',
  input: z.object({ databaseId: z.uuid(), safety: z.object({ operationId: z.uuid() }) }),
  permission: () => 'restore.new',
  targetKey: (input) => `backup:${input.databaseId}`,
  attempts: 1,
  title: () => 'Restore over shop',
})

let world: Operating
let fake: S3Fake
let databaseId: string
const buckets = [
  { id: randomUUID(), name: 'near' },
  { id: randomUUID(), name: 'far' },
]
beforeAll(async () => {
  ;[world, fake] = await Promise.all([startOperating(), startS3Fake()])
  databaseId = (await world.addDatabase('shop', 'CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item SELECT generate_series(1, 100)')).id
  await addBucket(0)
})
afterAll(async () => {
  await world.close()
  await fake.close()
})

async function addBucket(nth: number): Promise<void> {
  const { id, name } = buckets[nth] ?? { id: '', name: '' }
  const config = { bucket: 'lifeboat', endpoint: fake.endpoint, region: 'us-east-1', prefix: name, pathStyle: true, checksumWhenRequired: false }
  const secret = JSON.stringify({ accessKeyId: 'id', secretAccessKey: 'secret' })
  const secretSealed = sealSecret(secret, world.keys.sealing.publicKeyPem, storageSecretPlace(id))
  const input = { of: 'new_storage' as const, storageId: id, kind: 's3' as const, config, secretSealed }
  expect(await world.operate(await requestCheck(world.catalog, admin, { input, via: 'cli' }))).toMatchObject({ state: 'succeeded' })
  await insertStorage(world.catalog, { id, name, kind: 's3', config: JSON.stringify(config), secret_sealed: secretSealed })
}

function request(idempotencyKey: string | null = null): Promise<{ id: string; existing: boolean; safetyId: string }> {
  const restore = (safety: { operationId: string }) => ({ definition: overwriting, input: { databaseId, safety }, via: 'cli' as const, databaseId })
  return enqueueBehindSafety(world.catalog, { databaseId, requester: admin, idempotencyKey, restore })
}
const waitingFor = async (id: string): Promise<OperationRow | null> =>
  getOperation(world.catalog, (await getOperation(world.catalog, id))?.after ?? '')
async function retryOf(id: string): Promise<string> {
  return (await world.catalog.selectFrom('operations').select('id').where('retry_of', '=', id).executeTakeFirstOrThrow()).id
}
async function verifyOf(backup: OperationRow): Promise<string> {
  const found = (await listFollowers(world.catalog, backup.id)).find((one) => one.kind === 'verify')
  if (found === undefined) throw new Error('no verification follows')
  return found.id
}
const isReady = async (id: string) => {
  const found = await getOperation(world.catalog, id)
  return found?.state === 'queued' && ((await waitingFor(id))?.state ?? '').startsWith('succeeded')
}
const isCancelled = async (id: string) => (await getOperation(world.catalog, id))?.state === 'cancelled'
const input = (safetyId: string) => ({ safety: { operationId: safetyId }, serverDatabaseId: null, sourceDatabaseId: databaseId })
async function end(id: string): Promise<void> {
  await world.catalog.updateTable('operations').set({ state: 'cancelled' }).where('id', '=', id).execute()
}

test('a restore that overwrites starts only when its safety backup was stored and read back', async () => {
  const asked = await request()
  expect(await waitingFor(asked.id)).toMatchObject({ id: asked.safetyId, kind: 'backup', input: { tier: 'safety' } })
  await expect(requireVerifiedSafety(world, input(asked.safetyId))).rejects.toMatchObject({ code: 'refused' })
  const backup = await world.operate({ id: asked.safetyId })
  expect(backup.state).toBe('succeeded')
  const verify = await verifyOf(backup)
  expect(await waitingFor(asked.id)).toMatchObject({ id: verify, state: 'queued' })
  await expect(world.operate(asked)).rejects.toThrow('could not be claimed')
  await expect(requireVerifiedSafety(world, input(asked.safetyId))).rejects.toMatchObject({ code: 'refused', message: /was read back whole/ })
  expect(await world.operate({ id: verify })).toMatchObject({ state: 'succeeded' })
  expect(await isReady(asked.id)).toBe(true)
  expect(await requireVerifiedSafety(world, input(asked.safetyId))).toMatchObject({ backupId: backup.backup_id, storages: ['near'] })
  const another = { ...input(asked.safetyId), sourceDatabaseId: randomUUID() }
  await expect(requireVerifiedSafety(world, another)).rejects.toMatchObject({ code: 'refused', message: /another database/ })
  await expect(requireVerifiedSafety(world, { ...another, safety: null })).rejects.toMatchObject({ code: 'refused' })
  await world.catalog
    .updateTable('backups')
    .set({ created_at: new Date(Date.now() - 25 * 3600_000) })
    .where('id', '=', backup.backup_id ?? '')
    .execute()
  await expect(requireVerifiedSafety(world, input(asked.safetyId))).rejects.toMatchObject({ code: 'refused', message: /old/ })
  await end(asked.id)
})

test('while a restore waits for its safety backup, a second restore and a backup of the target are refused, and a repeated request is the same one', async () => {
  const key = randomUUID()
  const atOnce = await Promise.all([request(key), request(key), request(key), request(key)])
  const asked = atOnce[0]
  expect(new Set(atOnce.map((one) => one.id)).size).toBe(1)
  expect(await request(key)).toEqual({ ...asked, existing: true })
  await expect(request()).rejects.toMatchObject({ code: 'conflict', message: /Restore over shop/ })
  await expect(requestBackup(world.catalog, admin, { databaseId, via: 'cli' })).rejects.toMatchObject({ code: 'conflict' })
  await Promise.all([end(asked.id), end(asked.safetyId)])
  // nothing of the refused ones is left
  const open = await world.catalog.selectFrom('operations').select('id').where('state', '=', 'queued').where('kind', '!=', 'verify').execute()
  expect(open).toEqual([])
})

test('of ten restores and backups that are asked for at once, one gets the target and the others are refused', async () => {
  const all = Array.from({ length: 10 }, (_, index) => (index % 2 ? request() : requestBackup(world.catalog, admin, { databaseId, via: 'cli' })))
  const settled = await Promise.allSettled(all)
  expect(settled.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  for (const one of settled) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict' })
  await world.catalog.updateTable('operations').set({ state: 'cancelled' }).where('state', '=', 'queued').execute()
})

test('a safety backup that the storage refuses ends the restore, with the reason', async () => {
  const asked = await request()
  fake.fault({ operation: 'PutObject', times: 1000, action: { status: 500, code: 'InternalError' } })
  expect(await world.operate({ id: asked.safetyId })).toMatchObject({ state: 'failed' })
  fake.assertFaultsHit()
  fake.clearFaults()
  // it is tried once more, and the restore goes on waiting
  const retry = await retryOf(asked.safetyId)
  expect(await waitingFor(asked.id)).toMatchObject({ id: retry, state: 'queued' })
  fake.fault({ operation: 'PutObject', times: 1000, action: { status: 403, code: 'AccessDenied' } })
  const backup = await world.operate({ id: retry })
  fake.clearFaults()
  expect(backup.state).toBe('failed')
  expect(await getOperation(world.catalog, asked.id)).toMatchObject({ state: 'cancelled', started_at: null, error: { hint: backup.error?.message } })
  await expect(requireVerifiedSafety(world, input(asked.safetyId))).rejects.toMatchObject({ code: 'refused', message: /was not stored/ })
})

test('a safety backup that cannot be read back ends the restore', async () => {
  const asked = await request()
  const backup = await world.operate({ id: asked.safetyId })
  fake.fault({ operation: 'GetObject', times: 1000, action: { status: 403, code: 'AccessDenied' } })
  let verify = await world.operate({ id: await verifyOf(backup) })
  fake.assertFaultsHit()
  if (!(await isCancelled(asked.id))) verify = await world.operate({ id: await retryOf(verify.id) })
  fake.clearFaults()
  expect(verify.state).toBe('failed')
  expect(await getOperation(world.catalog, asked.id)).toMatchObject({ state: 'cancelled', started_at: null })
})

test('with a damaged copy the restore starts only when another copy was read back whole', async () => {
  await addBucket(1)
  const damage = (backup: OperationRow, bucket: string) => {
    const path = [...fake.objects.keys()].filter((key) => key.startsWith(`${bucket}/`) && key.endsWith('/e000001')).at(-1) ?? ''
    expect(path, backup.id).not.toBe('')
    fake.objects.get(path)!.bytes[9]! ^= 8
  }
  const asked = await request()
  const backup = await world.operate({ id: asked.safetyId })
  expect(backup.state).toBe('succeeded')
  damage(backup, 'near')
  expect(await world.operate({ id: await verifyOf(backup) })).toMatchObject({ state: 'succeeded_with_findings' })
  expect(await isReady(asked.id)).toBe(true)
  expect(await requireVerifiedSafety(world, input(asked.safetyId))).toMatchObject({ storages: ['far'] })
  damage(backup, 'far')
  const again = await world.catalog
    .selectFrom('backups')
    .select(['id', 'name'])
    .where('id', '=', backup.backup_id ?? '')
    .executeTakeFirstOrThrow()
  await world.operate(await requestVerify(world.catalog, admin, { backupId: again.id, via: 'cli' }))
  await expect(requireVerifiedSafety(world, input(asked.safetyId))).rejects.toMatchObject({ code: 'refused', message: /was read back whole/ })
})
