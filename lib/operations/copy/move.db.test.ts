import { afterAll, beforeAll, expect, test } from 'vitest'
import { listCopies } from '#lib/catalog/copies.ts'
import { writeRule } from '#lib/catalog/retention-rules.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { requestVerify } from '../verify/request.ts'
import { requestCopy } from './request.ts'

let world: Operating
let database: { id: string }
let near: TestStorage
let far: TestStorage
beforeAll(async () => {
  world = await startOperating()
  database = await world.addDatabase('shop', 'CREATE TABLE item AS SELECT i FROM generate_series(1, 100) i')
  near = await world.addStorage('near')
  far = await world.addStorage('far')
})
afterAll(() => world.close())

const day = 86_400_000

/** A verified daily backup of some days ago. */
async function backUp(on: TestStorage, daysAgo: number): Promise<string> {
  const { id } = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [on.id], via: 'cli' })
  const backupId = (await world.operate({ id: id ?? '' })).backup_id ?? ''
  await world.catalog.updateTable('operations').set({ state: 'cancelled' }).where('state', '=', 'queued').execute()
  await world.operate(await requestVerify(world.catalog, admin, { backupId, via: 'cli' }))
  await world.catalog
    .updateTable('backups')
    .set({ tier: 'daily', created_at: new Date(Date.now() - daysAgo * day) })
    .where('id', '=', backupId)
    .execute()
  return backupId
}

async function move(backupId: string) {
  const from = (await listCopies(world.catalog, backupId)).find((one) => one.storage_id === near.id)
  const { id } = await requestCopy(world.catalog, admin, { backupId, storageId: far.id, fromCopyId: from?.id ?? '', move: true, via: 'cli' })
  return world.operate({ id: id ?? '' })
}

test('a backup is not moved to where the rules let it go at once', async () => {
  const old = await backUp(near, 20)
  for (const daysAgo of [2, 1, 0]) {
    await backUp(near, daysAgo)
    await backUp(far, daysAgo)
  }
  const rule = (days: number) =>
    world.catalog
      .transaction()
      .execute((trx) =>
        writeRule(trx, { databaseId: null, storageId: far.id, tier: 'daily' }, { keep: { unit: 'days', count: days }, pending: null }, 'Ada'),
      )
  await rule(2)
  const stays = await move(old)
  expect(stays).toMatchObject({ state: 'succeeded_with_findings', findings: [{ code: 'move_short_lived' }] })
  expect((await listCopies(world.catalog, old)).map((one) => one.state)).toEqual(['verified', 'verified'])
  await rule(60)
  expect((await move(old)).result?.copy).toMatchObject({ moved: true })
})
