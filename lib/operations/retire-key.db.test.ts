import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertKey } from '#lib/catalog/keys.ts'
import { setKmsSettings } from '#lib/catalog/kms.ts'
import { readKeys } from '#lib/catalog/views/keys.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { admin } from '#test/support/operating.ts'
import { retireKey } from './retire-key.ts'

const [oldest, older, newest] = ['a', 'b', 'c'].map((digit) => digit.repeat(16)) as [string, string, string]
const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd'

let it: TestCatalog
let copyId: string
beforeAll(async () => {
  it = await createTestCatalog()
  const [databaseId, storageId, backupId] = [randomUUID(), randomUUID(), randomUUID()]
  const { catalog } = it
  await catalog.insertInto('databases').values({ id: databaseId, name: 'shop', host: 'db', port: 5432, dbname: 'shop', username: 'u' }).execute()
  await catalog
    .insertInto('storages')
    .values({ id: storageId, name: 'tape', kind: 'local', config: JSON.stringify({ path: '/mnt/tape' }) })
    .execute()
  await catalog
    .insertInto('backups')
    .values({
      id: backupId,
      name: 'shop 1',
      path: 'shop/1',
      database_id: databaseId,
      tier: 'daily',
      attempt: '00000001',
      created_at: new Date(),
      key_id: older,
    })
    .execute()
  const copy = await catalog
    .insertInto('copies')
    .values({ backup_id: backupId, storage_id: storageId, state: 'verified', key_ids: [oldest, older] })
    .returning('id')
    .executeTakeFirstOrThrow()
  copyId = copy.id
  for (const id of [oldest, older, newest]) await insertKey(catalog, { id, purpose: 'active', publicKey: null })
  // rows of one moment have no order
  await sql`update keys set created_at = now() - interval '1 day' * (case id when ${oldest} then 3 when ${older} then 2 else 1 end)`.execute(catalog)
})
afterAll(() => it.close())

const openersAre = (keyIds: string[]) => it.catalog.updateTable('copies').set({ key_ids: keyIds }).where('id', '=', copyId).execute()
const refused = { code: 'refused', message: '1 copies open with no other master key.' }

test('a key that was given up opens nothing for another one: of two older keys that open a copy, the second stays', async () => {
  await retireKey(it.catalog, admin, oldest)
  expect((await readKeys(it.catalog, admin)).keys.find((key) => key.id === older)).toMatchObject({ copies: 1, onlyOpener: 1 })
  await expect(retireKey(it.catalog, admin, older)).rejects.toMatchObject(refused)
})

test('a key of AWS KMS counts as another opener while it is in use, and no longer; nor does a key that nobody here knows', async () => {
  const kms = { keyArn, region: 'eu-central-1', endpoint: null }
  await setKmsSettings(it.catalog, kms)
  const kmsId = (await readKeys(it.catalog, admin)).keys.find((key) => key.purpose === 'kms')?.id ?? ''
  await openersAre([older, kmsId])
  expect((await readKeys(it.catalog, admin)).keys.find((key) => key.id === older)).toMatchObject({ onlyOpener: 0 })
  await setKmsSettings(it.catalog, null)
  await expect(retireKey(it.catalog, admin, older)).rejects.toMatchObject(refused)
  await openersAre([older, 'f'.repeat(16)])
  await expect(retireKey(it.catalog, admin, older)).rejects.toMatchObject(refused)
  await openersAre([older, newest])
  await retireKey(it.catalog, admin, older)
})
