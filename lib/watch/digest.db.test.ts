import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordChecks } from '#lib/catalog/checks.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertOperation } from '#lib/catalog/operations.ts'
import { insertSchedule } from '#lib/catalog/schedules.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import type { OperationState } from '#lib/domain/states.ts'
import { seenOfDatabase, seenOfStorage } from '#lib/domain/watch/result.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type HttpSink, startHttpSink } from '#test/support/http-sink.ts'
import { deliverMessages } from './deliver.ts'
import { digest } from './digest.ts'

let it: TestCatalog
let sink: HttpSink
beforeAll(async () => {
  sink = await startHttpSink()
  it = await createTestCatalog()
})
afterAll(async () => {
  await sink.close()
  await it.close()
})

// a Tuesday
const due = new Date('2026-03-10T07:00:00Z')
const later = (hours: number) => new Date(due.getTime() + hours * 3_600_000)

async function addChannel(name: string, over: Record<string, unknown> = {}) {
  const values = { name, kind: 'webhook' as const, config: JSON.stringify({ host: '127.0.0.1' }), private_allowed: true, created_at: later(-1_000) }
  await it.catalog
    .insertInto('channels')
    .values({ ...values, ...over })
    .execute()
}

async function addDatabase(name: string): Promise<{ id: string; name: string }> {
  const row = await insertDatabase(it.catalog, { name, host: 'db', port: 5432, dbname: name, username: 'lifeboat' })
  if (row === null) throw new Error('it is there already')
  return { id: row.id, name }
}

async function addRun(databaseId: string, state: OperationState, finishedAt: Date, dryRun = false) {
  const nobody = { requestedBy: null, requestedName: 'Lifeboat', requestedVia: 'system' as const, idempotencyKey: randomUUID() }
  const plain = { input: {}, needs: {}, storageId: null, backupId: null, targetKey: null, after: null, retryOf: null, needsApproval: false }
  const row = await insertOperation(it.catalog, { kind: 'backup', dryRun, title: 'Backup', databaseId, ...nobody, ...plain })
  await it.catalog
    .updateTable('operations')
    .set({ state, finished_at: finishedAt })
    .where('id', '=', row?.id ?? '')
    .execute()
}

const deliver = (at: Date) =>
  deliverMessages(it.catalog, {
    open: (channel) => ({
      kind: 'webhook',
      config: { host: '127.0.0.1' },
      secret: { url: `${sink.url}/${channel.name}`, signingKey: 'a'.repeat(32) },
      privateAllowed: true,
    }),
    baseUrl: null,
    clock: async () => at,
  })

interface Told {
  title: string
  lead: string
  data: { from: string; to: string; databases: { name: string }[] }
}
const got = (channel: string) => sink.requests.filter((one) => one.path === `/${channel}`).map((one) => JSON.parse(one.body) as Told)

test('each channel gets its digest once and in its time; after an outage one comes, late, and tells what was left out', async () => {
  const shop = await addDatabase('shop')
  const other = await addDatabase('other')
  const storage = await insertStorage(it.catalog, { name: 'main', kind: 'local', config: JSON.stringify({ path: '/backups' }) })
  if (storage === null) throw new Error('it is there already')
  await addChannel('daily', { digest: 'daily' })
  await addChannel('weekly', { digest: 'weekly', database_ids: [shop.id] })
  await addChannel('silent')
  await addChannel('young', { digest: 'daily', created_at: later(0.5) })
  await addRun(shop.id, 'succeeded', later(-2))
  await addRun(shop.id, 'succeeded', later(-2), true)
  await addRun(shop.id, 'failed', later(-3))
  await addRun(other.id, 'interrupted', later(-4))
  // two days ago: of the week, not of the day
  await addRun(shop.id, 'succeeded_with_findings', later(-50))
  const schedule = await insertSchedule(it.catalog, { database_id: shop.id, tier: 'daily', cron: '0 3 * * *', storage_ids: [storage.id] })
  const slots = [
    { slot: later(-4), state: 'skipped' as const },
    { slot: later(-5), state: 'owed' as const },
    { slot: later(-6), state: 'late' as const },
    { slot: later(-0.1), state: 'owed' as const },
    { slot: later(20), state: 'owed' as const },
  ]
  for (const one of slots)
    await it.catalog
      .insertInto('slots')
      .values({ schedule_id: schedule?.id ?? '', ...one })
      .execute()
  await recordChecks(it.catalog, due, [
    seenOfDatabase('restorable_point', shop, { status: 'ok', words: 'The newest restorable point is 2 h old; its objective is 25 h.' }),
    seenOfStorage('storage_room', storage, { status: 'ok', words: '1 TB are free.' }),
  ])
  // several workers at once
  const counts = await Promise.all([digest(it.catalog, due), digest(it.catalog, due), digest(it.catalog, due)])
  expect(counts.reduce((total, one) => total + one, 0)).toBe(2)
  expect(await digest(it.catalog, later(3))).toBe(0)
  await deliver(due)
  const [daily] = got('daily')
  // the run of six minutes ago is not late yet
  expect(daily?.data.databases).toMatchObject([
    { name: 'other', made: 0, failed: 1, missed: 0 },
    { name: 'shop', made: 1, failed: 1, cancelled: 0, missed: 2 },
  ])
  const text = JSON.stringify(daily)
  expect(text).toContain('The newest restorable point is 2 h old')
  expect(text).toContain('main: 1 TB are free.')
  expect(text).toContain('Newest restorable point: unknown, nobody has looked yet.')
  const [weekly] = got('weekly')
  expect(weekly?.data).toMatchObject({ to: '2026-03-09T07:00:00.000Z', databases: [{ name: 'shop', made: 1, failed: 0, missed: 0 }] })
  expect(JSON.stringify(weekly)).not.toContain('other')
  // nothing ran for two days and a half
  expect(await digest(it.catalog, later(62))).toBe(2)
  expect(await digest(it.catalog, later(63))).toBe(0)
  await deliver(later(63))
  expect(got('daily')).toHaveLength(2)
  const late = got('daily')[1]
  expect(late?.data).toMatchObject({ from: '2026-03-10T07:00:00.000Z', to: '2026-03-12T07:00:00.000Z' })
  expect(late?.lead).toContain('This digest comes 14 h late.')
  expect(got('weekly')).toHaveLength(1)
  expect(got('young')).toHaveLength(1)
  expect(got('silent')).toHaveLength(0)
})

test('what a digest told that was given up is told by the next one, also when a later one went out', async () => {
  await addChannel('lossy', { digest: 'daily', created_at: later(200) })
  const { id } = await it.catalog.selectFrom('channels').select('id').where('name', '=', 'lossy').executeTakeFirstOrThrow()
  const settle = (day: number, state: 'given_up' | 'sent') =>
    it.catalog
      .updateTable('messages')
      .set({ state })
      .where('channel_id', '=', id)
      .where('created_at', '=', later(24 * day))
      .execute()
  for (const day of [10, 11]) await digest(it.catalog, later(24 * day))
  await settle(10, 'given_up')
  await settle(11, 'sent')
  for (const day of [12, 13]) await digest(it.catalog, later(24 * day))
  const rows = await it.catalog.selectFrom('messages').select('content').where('channel_id', '=', id).orderBy('id').execute()
  const periods = rows.map(({ content }) => [content.data['from'], content.data['to']])
  const day = (of: number) => later(24 * of).toISOString()
  expect(periods).toEqual([
    [day(9), day(10)],
    [day(10), day(11)],
    [day(9), day(12)],
    [day(12), day(13)],
  ])
})
