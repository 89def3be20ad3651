import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { insertKey } from '#lib/catalog/keys.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'
import { type DerivedKeys, deriveKeys, publicKeyId } from '#lib/engine/seal/keys.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { requestReconcile } from '../reconcile/request.ts'
import { retireKey } from '../retire-key.ts'
import { requestRewrap } from '../rewrap/request.ts'
import { requestVerify } from '../verify/request.ts'
import { requestCopy } from './request.ts'

let world: Operating
let database: { id: string }
let [near, far]: TestStorage[] = []
beforeAll(async () => {
  world = await startOperating()
  database = await world.addDatabase('shop', 'CREATE TABLE item AS SELECT i FROM generate_series(1, 100) i')
  near = await world.addStorage('near')
  far = await world.addStorage('far')
})
beforeEach(async () => {
  await world.catalog.deleteFrom('backups').execute()
  await world.catalog.deleteFrom('keys').execute()
  await makeKnown(world.keys)
})
afterAll(() => world.close())

async function makeKnown({ keyId, signing, sealing }: DerivedKeys): Promise<void> {
  await insertKey(world.catalog, { id: keyId, purpose: 'active', publicKey: null })
  for (const [purpose, { publicKeyPem }] of [['signing', signing] as const, ['sealing', sealing] as const])
    await insertKey(world.catalog, { id: publicKeyId(publicKeyPem), purpose, publicKey: publicKeyPem })
}

/** A new master key in use, the one so far beside it; every reachable copy is sealed to it alone. */
async function rotateAndForget(): Promise<{ newest: DerivedKeys; ring: KeyRing }> {
  const newest = deriveKeys(randomBytes(32))
  const ring = { ...newest, older: [world.keys] }
  await makeKnown(newest)
  await forgetOld(ring)
  return { newest, ring }
}

async function forgetOld(ring: KeyRing): Promise<void> {
  for (const { id } of (await requestRewrap(world.catalog, admin, { forgetOld: true, via: 'cli' })).operations)
    expect((await world.operate({ id }, { keys: ring })).error).toBe(null)
}

async function backUp(on: (TestStorage | undefined)[]): Promise<BackupRow> {
  const storageIds = on.map((one) => one?.id ?? '')
  const { id } = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds, via: 'cli' })
  const ended = await world.operate({ id: id ?? '' })
  const backup = await getBackup(world.catalog, ended.backup_id ?? '')
  if (backup === null) throw new Error(JSON.stringify(ended.error))
  await settled()
  return backup
}

/** what followed by itself is not what is looked at here */
const settled = () => world.catalog.updateTable('operations').set({ state: 'cancelled' }).where('state', '=', 'queued').execute()

async function verify(backup: BackupRow, keys: KeyRing): Promise<unknown> {
  const ended = await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }), { keys })
  return ended.result?.verdict
}

async function copyOn(backup: BackupRow, storage: TestStorage | undefined) {
  const copy = (await listCopies(world.catalog, backup.id)).find((one) => one.storage_id === storage?.id)
  if (copy === undefined) throw new Error('there is no such copy')
  return copy
}

const refusal = (id: string) =>
  retireKey(world.catalog, admin, id).then(
    () => null,
    (error: { message: string }) => error.message,
  )

test('a copy that was repaired from one that is sealed anew says which keys open it itself, and the old key stays until it is sealed anew too', async () => {
  const backup = await backUp([near, far])
  const entry = path.join(far?.directory ?? '', backup.path, 'e000001')
  const bytes = await readFile(entry)
  bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1
  await writeFile(entry, bytes)
  expect(await verify(backup, world.keys)).toBe('corrupt')
  const { newest, ring } = await rotateAndForget()
  expect((await copyOn(backup, near)).key_ids).not.toContain(world.keys.keyId)
  expect(await refusal(world.keys.keyId)).toContain('with no other master key')

  const { id } = await requestCopy(world.catalog, admin, { backupId: backup.id, storageId: far?.id ?? '', via: 'cli' })
  const repaired = await world.operate({ id: id ?? '' }, { keys: ring })
  expect(repaired.result?.copy).toMatchObject({ did: 'repaired' })
  await settled()
  expect((await copyOn(backup, far)).key_ids).toContain(world.keys.keyId)
  expect((await copyOn(backup, far)).key_ids).not.toContain(newest.keyId)
  expect(await refusal(world.keys.keyId)).toContain('with no other master key')

  await forgetOld(ring)
  expect(await refusal(world.keys.keyId)).toBe(null)
  expect(await verify(backup, newest)).toBe('valid')
})

test('a copy that is missing for a while holds its key; what is being stored does too', async () => {
  const backup = await backUp([near])
  const aside = `${near?.directory}.aside`
  await rename(path.join(near?.directory ?? '', backup.path), aside)
  await world.operate(await requestReconcile(world.catalog, admin, { storageId: near?.id ?? '', via: 'cli' }))
  expect((await copyOn(backup, near)).state).toBe('missing')
  const { newest, ring } = await rotateAndForget()
  expect(await refusal(world.keys.keyId)).toContain('with no other master key')
  await rename(aside, path.join(near?.directory ?? '', backup.path))
  await world.operate(await requestReconcile(world.catalog, admin, { storageId: near?.id ?? '', via: 'cli' }))
  await settled()
  await forgetOld(ring)

  const { id } = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near?.id ?? ''], via: 'cli' })
  await world.catalog
    .updateTable('operations')
    .set({ state: 'running' })
    .where('id', '=', id ?? '')
    .execute()
  expect(await refusal(world.keys.keyId)).toContain('Something is being stored')
  await world.catalog
    .updateTable('operations')
    .set({ state: 'failed' })
    .where('id', '=', id ?? '')
    .execute()
  expect(await refusal(world.keys.keyId)).toBe(null)
  expect(await verify(backup, newest)).toBe('valid')
})
