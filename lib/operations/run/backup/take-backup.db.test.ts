import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import { stamp } from '#lib/domain/names.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../../backup/request.ts'
import { requestReconcile } from '../../reconcile/request.ts'

const day = 86_400_000

let world: Operating
let databaseId: string
let near: TestStorage
beforeAll(async () => {
  world = await startOperating()
  databaseId = (await world.addDatabase('shop', 'CREATE TABLE item AS SELECT generate_series(1, 9) AS id')).id
  near = await world.addStorage('near')
})
afterAll(() => world.close())
afterEach(() => {
  vi.useRealTimers()
})

async function backUp(): Promise<BackupRow> {
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId, tier: 'daily', storageIds: [near.id], via: 'scheduler' }))
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const backup = await getBackup(world.catalog, ended.backup_id ?? '')
  if (backup === null) throw new Error('the backup has no row')
  return backup
}

test.each([
  ['two months behind', -60 * day],
  ['a month ahead', 30 * day],
])('a worker whose clock is %s dates its backup by the catalogue’s, in the row, the name and the manifest alike', async (_, off) => {
  const before = await catalogueNow(world.catalog)
  vi.useFakeTimers({ toFake: ['Date'], now: before.getTime() + off })
  const backup = await backUp()
  vi.useRealTimers()
  const after = await catalogueNow(world.catalog)
  // times of the catalogue are finer than ours
  const between = (at: Date | null) => at !== null && at.getTime() >= before.getTime() - 1 && at.getTime() <= after.getTime() + 1
  expect([backup.created_at, backup.finished_at].map(between)).toEqual([true, true])
  expect(backup.name).toContain(stamp(backup.created_at))
  // what is authenticated says the same
  await world.catalog.deleteFrom('backups').execute()
  const adopted = await world.operate(await requestReconcile(world.catalog, admin, { storageId: near.id, adopt: true, via: 'cli' }))
  expect(adopted.state).toBe('succeeded')
  expect(await getBackup(world.catalog, backup.id)).toMatchObject({ created_at: backup.created_at, finished_at: backup.finished_at })
  await world.catalog.deleteFrom('backups').execute()
  await rm(path.join(near.directory, backup.path), { recursive: true })
})

test('a fresh backup of a worker whose clock is behind is no old one beside many that are right', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 60 * day })
  const fresh = await backUp()
  vi.useRealTimers()
  await world.catalog.updateTable('copies').set({ state: 'verified' }).execute()
  const input = await readRetentionInput(world.catalog)
  const [made] = input.backups
  if (made === undefined) throw new Error('there is no backup')
  const others = Array.from({ length: 35 }, (_, index) => ({
    ...made,
    id: `day ${index + 1}`,
    createdAt: new Date(input.now.getTime() - (index + 1) * day),
    copies: made.copies.map((copy) => ({ ...copy, id: `copy of day ${index + 1}` })),
  }))
  const plan = planRetention({ ...input, backups: [...others, made] })
  expect(plan.deletions.map((one) => one.backupId)).toEqual(['day 35', 'day 34', 'day 33', 'day 32', 'day 31'])
  expect(plan.copies.find((one) => one.backupId === fresh.id)?.action).toBe('keep')
})
