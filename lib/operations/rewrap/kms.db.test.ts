import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { insertKey } from '#lib/catalog/keys.ts'
import { setKmsSettings } from '#lib/catalog/kms.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { type KmsFake, startKmsFake } from '#test/support/kms-fake.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { requestVerify } from '../verify/request.ts'
import { requestRewrap } from './request.ts'

let world: Operating
let kms: KmsFake
let database: { id: string }
let near: TestStorage
beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'id')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  ;[world, kms] = await Promise.all([startOperating(), startKmsFake()])
  database = await world.addDatabase('shop', 'CREATE TABLE item AS SELECT i FROM generate_series(1, 100) i')
  near = await world.addStorage('near')
  await insertKey(world.catalog, { id: world.keys.keyId, purpose: 'active', publicKey: null })
  await setKmsSettings(world.catalog, { keyArn: kms.keyArn, region: 'eu-central-1', endpoint: kms.endpoint })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await world.close()
  await kms.close()
})

async function backUp(): Promise<{ ended: OperationRow; backup: BackupRow }> {
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id], via: 'cli' })
  const ended = await world.operate(requested)
  const backup = await getBackup(world.catalog, ended.backup_id ?? '')
  if (backup === null) throw new Error('the backup has no row')
  return { ended, backup }
}
const verify = async (backup: BackupRow, how: Parameters<Operating['operate']>[1] = {}) =>
  world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }), how)
const onlyKms = { keys: null }

test('a machine without a master key opens a backup through AWS KMS and checks who signed it; a wrapping that was changed opens nothing', async () => {
  const { ended, backup } = await backUp()
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  expect(await verify(backup, onlyKms)).toMatchObject({ result: { verdict: 'valid' } })
  expect((await readKeys(world.catalog, admin)).keys).toMatchObject([
    { purpose: 'active', copies: 1, onlyOpener: 0 },
    { purpose: 'kms', copies: 1 },
  ])

  const file = path.join(near.directory, backup.path, 'key')
  const object = JSON.parse(await readFile(file, 'utf8')) as { wrapped: { by: string; signer?: string; keyArn?: string }[] }
  const other = Buffer.alloc(32, 7).toString('base64')
  for (const one of object.wrapped) if (one.by === 'kms') Object.assign(one, { signer: other })
  await rm(file)
  await writeFile(file, JSON.stringify(object))
  expect(await verify(backup, onlyKms)).toMatchObject({ result: { verdict: 'unrecoverable' } })
  expect(await verify(backup), 'the master key needs no KMS').toMatchObject({ result: { verdict: 'valid' } })
})

test('KMS that is away fails neither a backup nor the reading of one; it is said, and what it missed is sealed by it when it is back', async () => {
  kms.mood = 'KMSInternalException'
  const { ended, backup } = await backUp()
  expect(ended).toMatchObject({ state: 'succeeded_with_findings', findings: [{ code: 'kms_away' }] })
  expect(await verify(backup)).toMatchObject({ result: { verdict: 'valid' } })

  const { operations } = await requestRewrap(world.catalog, admin, { storageId: near.id, via: 'cli' })
  const still = await world.operate(operations[0] ?? { id: '' })
  expect(still).toMatchObject({ state: 'succeeded_with_findings', findings: [{ code: 'kms_away' }] })
  expect(still.result?.rewrap).toMatchObject({ added: 0, failed: 0 })

  kms.mood = 'well'
  const again = await requestRewrap(world.catalog, admin, { storageId: near.id, via: 'cli' })
  expect((await world.operate(again.operations[0] ?? { id: '' })).result?.rewrap).toMatchObject({ added: 1, failed: 0 })
  expect(await verify(backup, onlyKms)).toMatchObject({ result: { verdict: 'valid' } })
  expect((await readKeys(world.catalog, admin)).toRewrap).toBe(0)
})

test('KMS that refuses is said by name, also to whoever has no other key', async () => {
  const { backup } = await backUp()
  kms.mood = 'AccessDeniedException'
  const verdict = await verify(backup, onlyKms)
  expect(verdict.result).toMatchObject({ verdict: 'unrecoverable' })
  expect(JSON.stringify(verdict.result)).toContain('AccessDeniedException')
  kms.mood = 'well'
})
