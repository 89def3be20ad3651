import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertBackup } from '#lib/catalog/backups.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import type { Tier } from '#lib/domain/states.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { findBackup } from './find.ts'
import type { Session } from './session.ts'

let opened: TestCatalog
let databaseId: string
let storageId: string
beforeAll(async () => {
  opened = await createTestCatalog()
  const place = { host: 'db', port: 5432, dbname: 'shop', username: 'u' }
  databaseId = (await insertDatabase(opened.catalog, { name: 'shop', ...place }))?.id ?? ''
  const storage = await opened.catalog
    .insertInto('storages')
    .values({ name: 'only', kind: 'local', config: '{"path":"/x"}' })
    .returning('id')
    .executeTakeFirstOrThrow()
  storageId = storage.id
})
afterAll(() => opened.close())

async function add(name: string, tier: Tier, createdAt: string): Promise<void> {
  const id = randomUUID()
  const row = { id, name, path: name, database_id: databaseId, tier, attempt: '00000000', created_at: createdAt, finished_at: createdAt }
  await insertBackup(opened.catalog, row)
  await opened.catalog.insertInto('copies').values({ backup_id: id, storage_id: storageId, state: 'verified' }).execute()
}

test('latest is never a safety backup, which holds what a restore was to get away from; latest:safety is', async () => {
  const find = async (which: string) => (await findBackup({ catalog: opened.catalog } as Session, which, undefined, 'restore')).name
  await add('before', 'daily', '2026-11-20T00:00:00Z')
  await add('the damage', 'safety', '2026-11-21T00:00:00Z')
  expect([await find('latest'), await find('latest:daily'), await find('latest:safety')]).toEqual(['before', 'before', 'the damage'])
})
