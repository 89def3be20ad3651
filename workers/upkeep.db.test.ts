import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertStorage, removeStorage, updateStorage } from '#lib/catalog/storages.ts'
import { registerWorker } from '#lib/catalog/workers.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { dayMs, hourMs, minuteMs } from './upkeep/every.ts'
import { presentStorages } from './upkeep/present-storages.ts'
import { reconcileDaily } from './upkeep/reconcile-daily.ts'
import { verificationCycle } from './upkeep/verification-cycle.ts'
import { lookAfterUpkeep, type UpkeepTask } from './upkeep.ts'

let it: TestCatalog
beforeAll(async () => {
  it = await createTestCatalog()
})
afterAll(() => it.close())

const start = new Date('2026-11-20T00:00:00Z')
const after = (ms: number) => new Date(start.getTime() + ms)
const operations = async (kind: string) =>
  await it.catalog
    .selectFrom('operations')
    .select(['id', 'storage_id', 'requested_via'])
    .where('kind', '=', kind as 'reconcile')
    .execute()

async function addStorage(name: string): Promise<string> {
  const id = randomUUID()
  await insertStorage(it.catalog, { id, name, kind: 'local', config: JSON.stringify({ path: `/nowhere/${name}` }) })
  return id
}
async function addBackup(storageId: string, verifiedDaysAgo: number): Promise<string> {
  const databaseId = randomUUID()
  await insertDatabase(it.catalog, { id: databaseId, name: databaseId, host: 'h', port: 5432, dbname: 'd', username: 'u' })
  const backupId = randomUUID()
  const at = sql<Date>`now() - make_interval(days => ${verifiedDaysAgo})`
  const times = { created_at: at, finished_at: at } as unknown as { created_at: Date; finished_at: Date }
  const values = { id: backupId, name: backupId, path: backupId, database_id: databaseId, tier: 'daily' as const, attempt: '00000000', ...times }
  await it.catalog.insertInto('backups').values(values).execute()
  const copy = { backup_id: backupId, storage_id: storageId, state: 'verified' as const, stored_bytes: 1000, stored_at: at, verified_at: at }
  const row = await it.catalog
    .insertInto('copies')
    .values(copy as unknown as { backup_id: string; storage_id: string; state: 'verified' })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}
const close = (id: string) => it.catalog.updateTable('operations').set({ state: 'succeeded' }).where('id', '=', id).execute()

test('ten workers at once reconcile each storage once a day, not before it has settled, and not again after it was taken off the list', async () => {
  const storages = [await addStorage('one'), await addStorage('two')]
  const round = (ms: number) => Promise.all(Array.from({ length: 10 }, () => lookAfterUpkeep(it.catalog, [reconcileDaily], after(ms))))
  expect((await round(0)).every((enqueued) => enqueued === 0)).toBe(true)
  await round(15 * minuteMs)
  const first = await operations('reconcile')
  expect(first.map((one) => one.storage_id).sort()).toEqual(storages.toSorted())
  expect(first.every((one) => one.requested_via === 'system')).toBe(true)
  for (const one of first) await close(one.id)
  await round(23 * hourMs)
  expect(await operations('reconcile')).toHaveLength(2)
  await removeStorage(it.catalog, storages[1] ?? '')
  await round(dayMs + 15 * minuteMs)
  expect((await operations('reconcile')).filter((one) => !first.some((old) => old.id === one.id)).map((one) => one.storage_id)).toEqual([storages[0]])
})

test('a task that cannot be enqueued leaves nothing behind, waits, and does not hold up the others', async () => {
  let tries = 0
  const broken: UpkeepTask = {
    name: 'broken',
    everyMs: dayMs,
    retryMs: hourMs,
    subjects: async () => [''],
    async enqueue(trx) {
      tries += 1
      await trx
        .insertInto('settings')
        .values({ key: 'half_done', value: JSON.stringify({}) })
        .execute()
      throw new LifeboatError('conflict', 'Another operation is at work.')
    },
  }
  const done: string[] = []
  const fine: UpkeepTask = {
    name: 'fine',
    everyMs: dayMs,
    retryMs: hourMs,
    subjects: async () => ['a', 'b'],
    async enqueue(_, subject) {
      done.push(subject)
      return null
    },
  }
  const round = (ms: number) => lookAfterUpkeep(it.catalog, [broken, fine], after(ms))
  await round(0)
  await round(15 * minuteMs)
  await round(16 * minuteMs)
  expect([tries, done.toSorted()]).toEqual([1, ['a', 'b']])
  expect(await it.catalog.selectFrom('settings').select('key').where('key', '=', 'half_done').execute()).toEqual([])
  await round(75 * minuteMs)
  expect([tries, done.length]).toEqual([2, 2])
})

test('an offline medium counts only while a living worker sees it; an online storage always', async () => {
  const shelf = await addStorage('shelf')
  await updateStorage(it.catalog, shelf, { medium: 'offline' })
  const disk = await addStorage('disk')
  expect(await presentStorages(it.catalog)).toContain(disk)
  expect(await presentStorages(it.catalog)).not.toContain(shelf)
  const facts = { toolMajors: [], tools: [], keyIds: [], storageIds: [shelf], sealingKey: null }
  await registerWorker(it.catalog, { ...facts, id: randomUUID(), host: 'here', pid: 1, version: '0', schemaVersion: '0' })
  expect(await presentStorages(it.catalog)).toContain(shelf)
})

test('the verification cycle reads the oldest copies of a storage first, slowly, one lot after the other, and none of a storage that is away', async () => {
  const storage = await addStorage('cycle')
  const [oldest, old] = [await addBackup(storage, 80), await addBackup(storage, 40)]
  await addBackup(storage, 0)
  const now = await catalogueNow(it.catalog)
  const task = { ...verificationCycle, subjects: async () => [storage] }
  const round = (minutes: number) => lookAfterUpkeep(it.catalog, [task], new Date(now.getTime() + minutes * minuteMs))
  const asked = async () => {
    const rows = await it.catalog
      .selectFrom('operations')
      .select(['id', 'input'])
      .where('kind', '=', 'verify')
      .where('storage_id', '=', storage)
      .execute()
    return rows.map(({ id, input }) => ({ id, copyIds: input.copyIds as string[], paced: input.paced }))
  }
  await round(0)
  await updateStorage(it.catalog, storage, { reachable: false })
  await round(15)
  expect(await asked()).toEqual([])
  await updateStorage(it.catalog, storage, { reachable: true })
  await round(30)
  const first = await asked()
  expect(first.map((one) => one.paced)).not.toContain(false)
  expect(first.flatMap((one) => one.copyIds)).toContain(oldest)
  await round(45)
  expect(await asked()).toHaveLength(first.length)
  for (const one of first) await close(one.id)
  await round(60)
  const both = (await asked()).flatMap((one) => one.copyIds)
  // what was just asked for is not asked for again, although nobody has read it
  expect(both.toSorted()).toEqual([oldest, old].toSorted())
})
