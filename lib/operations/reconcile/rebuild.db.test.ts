import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPruningPause } from '#lib/catalog/retention-settings.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { runAndKill } from '#test/support/killing.ts'
import { requestBackup } from '../backup/request.ts'
import { requestReconcile } from './request.ts'

let world: Operating
let storage: TestStorage
beforeAll(async () => {
  world = await startOperating()
  const database = await world.addDatabase('shop', 'CREATE TABLE item AS SELECT i FROM generate_series(1, 100) i')
  storage = await world.addStorage('rebuilds')
  for (let count = 0; count < 2; count += 1) {
    const { id } = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [storage.id], via: 'cli' })
    expect((await world.operate({ id: id ?? '' })).error).toBe(null)
  }
})
afterAll(() => world.close())

const adopted = async () => (await world.catalog.selectFrom('backups').select('id').execute()).length

test('a rebuild that dies after its first adoption has paused pruning already: the rules that kept what it found may be lost', async () => {
  await sql`UPDATE operations SET backup_id = NULL`.execute(world.catalog)
  await world.catalog.deleteFrom('backups').execute()
  const asked = await requestReconcile(world.catalog, admin, { storageId: storage.id, adopt: true, via: 'cli' })
  expect((await runAndKill(world, asked, { failPoint: 'reconcile.adopted' })).killed).toBe(true)
  expect(await adopted()).toBe(1)
  expect(await readPruningPause(world.catalog)).toMatchObject({ operationId: asked.id, reason: 'catalogue rebuilt from a storage' })
})
