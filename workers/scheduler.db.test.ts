import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { removeDatabase } from '#lib/catalog/databases.ts'
import { openCatalog } from '#lib/catalog/pool.ts'
import { listSchedules } from '#lib/catalog/views/schedules.ts'
import { readReports } from '#lib/catalog/views/reports.ts'
import { systemActor } from '#lib/domain/actor.ts'
import type { OperationState } from '#lib/domain/states.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'
import { retryOperation } from '#lib/operations/retry.ts'
import { addSchedule, applyStandardPlan, changeSchedule, pauseSchedule, removeSchedule, resumeSchedule } from '#lib/operations/schedules.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { runSchedules } from './scheduler.ts'

let it: TestCatalog
const databaseId = randomUUID()
const storageId = randomUUID()
beforeEach(async () => {
  it = await createTestCatalog()
  const server = { host: 'localhost', port: 5432, username: 'u', ssl_mode: 'disable' as const }
  await it.catalog
    .insertInto('databases')
    .values({ id: databaseId, name: 'shop', dbname: 'shop', ...server })
    .execute()
  await it.catalog
    .insertInto('storages')
    .values({ id: storageId, name: 'near', kind: 'local', config: JSON.stringify({ path: '/tmp/x' }) })
    .execute()
})
afterEach(() => it.close())

const at = (time: string) => new Date(`${time}:00Z`)
/** A schedule that was made at a time of the test's own. */
async function scheduled(cron: string, since: string, tier: 'daily' | 'weekly' | 'monthly' = 'daily'): Promise<string> {
  const id = await addSchedule(it.catalog, systemActor, { databaseId, tier, cron, timeZone: 'UTC', storageIds: [] })
  await it.catalog
    .updateTable('schedules')
    .set({ slots_through: at(since), created_at: at(since) })
    .where('id', '=', id)
    .execute()
  return id
}
const slots = async (until = '2100-01-01T00:00') =>
  (await it.catalog.selectFrom('slots').selectAll().where('slot', '<=', at(until)).orderBy('slot').execute()).map((one) => [
    one.slot.toISOString().slice(0, 16),
    one.state,
  ])
const backups = async () => it.catalog.selectFrom('operations').selectAll().where('kind', '=', 'backup').orderBy('created_at').execute()
const end = async (state: OperationState = 'succeeded') =>
  it.catalog.updateTable('operations').set({ state, finished_at: new Date() }).where('state', '=', 'queued').execute()

test('a slot is served once, however many schedulers look at the same time', async () => {
  await scheduled('0 3 * * *', '2026-03-09T12:00')
  const others = [openCatalog(it.url, { max: 2 }), openCatalog(it.url, { max: 2 })]
  try {
    for (const time of ['2026-03-10T02:59', '2026-03-10T03:00', '2026-03-10T03:01']) {
      await Promise.all([it.catalog, ...others, it.catalog].map((one) => runSchedules(one, at(time))))
    }
  } finally {
    await Promise.all(others.map((one) => one.destroy()))
  }
  expect(await slots('2026-03-10T23:00')).toEqual([['2026-03-10T03:00', 'filled']])
  expect(await backups()).toMatchObject([{ requested_via: 'scheduler', state: 'queued', input: { tier: 'daily', storageIds: [storageId] } }])
})

test('rows stand a month ahead, so that SQL alone sees a run that nobody made', async () => {
  await scheduled('0 3 * * *', '2026-03-09T12:00')
  await runSchedules(it.catalog, at('2026-03-09T12:00'))
  const ahead = await slots()
  expect(ahead).toHaveLength(32)
  // every process is down from here on
  const logs = await it.catalog.selectFrom('backup_logs').select(['status', 'database', 'backup_type']).execute()
  expect(logs).toHaveLength(32)
  expect(new Set(logs.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"status":"missed","database":"shop","backup_type":"daily"}']))
  const id = (await it.catalog.selectFrom('slots').select('schedule_id').executeTakeFirstOrThrow()).schedule_id
  const yesterday = new Date(Date.now() - 86_400_000)
  await it.catalog.insertInto('slots').values({ schedule_id: id, slot: yesterday }).execute()
  const report = await readReports(it.catalog, systemActor, 7, databaseId)
  expect(report.success.find((day) => day.day === yesterday.toISOString().slice(0, 10))).toMatchObject({ owed: 1, missed: 1, succeeded: 0 })
  const [shown] = await listSchedules(it.catalog, systemActor)
  expect(shown?.last.at(-1)).toMatchObject({ state: 'owed', missed: true })
})

test('after an outage the newest slot is caught up once and marked late, and those before it are missed', async () => {
  await scheduled('0 3 * * *', '2026-03-09T12:00')
  await runSchedules(it.catalog, at('2026-03-09T12:00'))
  await runSchedules(it.catalog, at('2026-03-14T08:00'))
  await runSchedules(it.catalog, at('2026-03-14T08:05'))
  expect(await slots('2026-03-14T12:00')).toEqual([
    ['2026-03-10T03:00', 'missed'],
    ['2026-03-11T03:00', 'missed'],
    ['2026-03-12T03:00', 'missed'],
    ['2026-03-13T03:00', 'missed'],
    ['2026-03-14T03:00', 'late'],
  ])
  expect(await backups()).toHaveLength(1)
})

test('an outage longer than the rows reach leaves no hole: every slot of half a year has its row', async () => {
  await scheduled('0 3 * * *', '2026-01-01T00:00')
  await runSchedules(it.catalog, at('2026-01-01T00:00'))
  await runSchedules(it.catalog, at('2026-07-01T08:00'))
  const past = await slots('2026-07-01T08:00')
  expect(past).toHaveLength(182)
  expect(past.filter(([, state]) => state === 'missed')).toHaveLength(181)
  expect(past.at(-1)).toEqual(['2026-07-01T03:00', 'late'])
  expect((await slots()).length).toBeGreaterThan(182)
})

test('a backup longer than the interval: the next slot is skipped, and says why; the one after is served', async () => {
  await scheduled('0 * * * *', '2026-03-10T02:30')
  await runSchedules(it.catalog, at('2026-03-10T03:00'))
  await runSchedules(it.catalog, at('2026-03-10T04:00'))
  await end()
  await runSchedules(it.catalog, at('2026-03-10T05:00'))
  expect(await slots('2026-03-10T05:00')).toEqual([
    ['2026-03-10T03:00', 'filled'],
    ['2026-03-10T04:00', 'skipped'],
    ['2026-03-10T05:00', 'filled'],
  ])
  const skipped = await it.catalog
    .selectFrom('backup_logs')
    .selectAll()
    .where('status', '=', 'missed')
    .where('created_at', '<', at('2026-03-10T05:30'))
    .execute()
  expect(skipped).toMatchObject([{ error_message: expect.stringContaining('was still at work') as unknown }])
})

test('a second attempt that is still at work is an overlap too', async () => {
  await scheduled('0 * * * *', '2026-03-10T02:30')
  await runSchedules(it.catalog, at('2026-03-10T03:00'))
  const [first] = await backups()
  await end('failed')
  await it.catalog
    .insertInto('operations')
    .values({
      kind: 'backup',
      title: 'again',
      input: '{}',
      database_id: databaseId,
      retry_of: first?.id ?? null,
      requested_name: 'x',
      requested_via: 'system',
    })
    .execute()
  await runSchedules(it.catalog, at('2026-03-10T04:00'))
  expect(await slots('2026-03-10T04:00')).toEqual([
    ['2026-03-10T03:00', 'filled'],
    ['2026-03-10T04:00', 'skipped'],
  ])
})

test('where a restore or a manual backup holds the database, the slot waits, and is late once it is free', async () => {
  await scheduled('0 3 * * *', '2026-03-09T12:00')
  await requestBackup(it.catalog, systemActor, { databaseId, via: 'cli' })
  await runSchedules(it.catalog, at('2026-03-10T03:00'))
  const waiting = await it.catalog.selectFrom('slots').selectAll().where('slot', '=', at('2026-03-10T03:00')).executeTakeFirstOrThrow()
  expect(waiting).toMatchObject({ state: 'owed', reason: expect.stringContaining('could not be enqueued') as unknown })
  await end()
  await runSchedules(it.catalog, at('2026-03-10T03:40'))
  expect(await slots('2026-03-10T12:00')).toEqual([['2026-03-10T03:00', 'late']])
})

test('three tiers that are due at the same moment run one after the other, and none is lost', async () => {
  await scheduled('0 3 * * *', '2026-02-28T12:00')
  await scheduled('0 1 * * 0', '2026-02-28T12:00', 'weekly')
  await scheduled('0 2 1 * *', '2026-02-28T12:00', 'monthly')
  for (const time of ['2026-03-01T09:00', '2026-03-01T09:10', '2026-03-01T09:20']) {
    expect(await runSchedules(it.catalog, at(time))).toBe(1)
    await end()
  }
  expect((await slots('2026-03-01T12:00')).map(([, state]) => state)).toEqual(['late', 'late', 'late'])
  expect((await backups()).map((one) => (one.input as { tier: string }).tier).sort()).toEqual(['daily', 'monthly', 'weekly'])
})

test('what cannot be enqueued at all is missed when the next slot comes, with the reason', async () => {
  await scheduled('0 3 * * *', '2026-03-09T12:00')
  await it.catalog.updateTable('storages').set({ removed_at: new Date() }).execute()
  await runSchedules(it.catalog, at('2026-03-10T03:00'))
  await runSchedules(it.catalog, at('2026-03-11T03:00'))
  const [first] = await it.catalog.selectFrom('slots').selectAll().orderBy('slot').limit(1).execute()
  expect(first).toMatchObject({ state: 'missed', reason: 'It could not be enqueued: There is no storage to keep a backup on.' })
})

test('while paused nothing is owed, and nothing of it is caught up afterwards', async () => {
  const id = await scheduled('0 * * * *', '2026-03-10T00:00')
  const past = '2026-03-10T00:30'
  await runSchedules(it.catalog, at(past))
  // from here on by the real clock, as pausing goes by it
  await it.catalog.deleteFrom('slots').execute()
  await it.catalog.updateTable('schedules').set({ slots_through: new Date() }).execute()
  await runSchedules(it.catalog, new Date())
  expect((await slots()).length).toBeGreaterThan(20)
  await pauseSchedule(it.catalog, systemActor, id)
  expect(await slots()).toEqual([])
  await runSchedules(it.catalog, new Date())
  expect(await slots()).toEqual([])
  expect(await listSchedules(it.catalog, systemActor)).toMatchObject([{ next: [], pausedAt: expect.any(String) as unknown }])
  await resumeSchedule(it.catalog, systemActor, id)
  await runSchedules(it.catalog, new Date())
  const first = (await slots())[0]?.[0] ?? ''
  expect(new Date(`${first}Z`).getTime()).toBeGreaterThan(Date.now())
})

test('a change moves the runs to come and leaves the past alone; removed, it owes nothing more', async () => {
  const id = await addSchedule(it.catalog, systemActor, { databaseId, tier: 'daily', cron: '0 3 * * *', timeZone: 'UTC', storageIds: [] })
  const yesterday = new Date(Date.now() - 86_400_000)
  await it.catalog.insertInto('slots').values({ schedule_id: id, slot: yesterday, state: 'missed' }).execute()
  await runSchedules(it.catalog, new Date())
  await changeSchedule(it.catalog, systemActor, id, { cron: '30 4 * * *', timeZone: 'Europe/Berlin' })
  await runSchedules(it.catalog, new Date())
  const [shown] = await listSchedules(it.catalog, systemActor)
  expect(shown).toMatchObject({ words: 'At 04:30, every day, Europe/Berlin', last: [{ state: 'missed' }] })
  const rows = (await slots()).slice(1).map(([moment]) => `${moment}:00.000Z`)
  expect(rows.slice(0, 5)).toEqual(shown?.next)
  await removeSchedule(it.catalog, systemActor, id)
  expect(await slots()).toHaveLength(1)
  expect(await listSchedules(it.catalog, systemActor)).toEqual([])
  const actions = await it.catalog.selectFrom('audit').select('action').where('subject_kind', '=', 'schedule').orderBy('seq').execute()
  expect(actions.map((one) => one.action)).toEqual(['schedule.add', 'schedule.change', 'schedule.remove'])
})

test('the standard plan adds what a database lacks, and a tier has one schedule', async () => {
  await scheduled('0 5 * * *', '2026-03-10T00:00')
  expect(await applyStandardPlan(it.catalog, systemActor, databaseId)).toHaveLength(2)
  expect(await applyStandardPlan(it.catalog, systemActor, databaseId)).toEqual([])
  expect((await listSchedules(it.catalog, systemActor)).map((one) => [one.tier, one.cron])).toEqual([
    ['daily', '0 5 * * *'],
    ['weekly', '0 1 * * 0'],
    ['monthly', '0 2 1 * *'],
  ])
  const again = addSchedule(it.catalog, systemActor, { databaseId, tier: 'daily', cron: '0 1 * * *', timeZone: 'UTC', storageIds: [] })
  await expect(again).rejects.toMatchObject({ code: 'conflict' })
  const viewer = { ...systemActor, role: 'viewer' as const }
  await expect(applyStandardPlan(it.catalog, viewer, databaseId)).rejects.toMatchObject({ code: 'forbidden' })
})

test('a backup that fails each time has its second attempt and no third; its slot is not served again, the next one is', async () => {
  await scheduled('0 * * * *', '2026-03-10T02:30')
  const fail = async () => {
    const error = JSON.stringify({ code: 'tool_failed', message: 'pg_dump ended with 1', hint: '' })
    const failed = await it.catalog.updateTable('operations').set({ state: 'failed', error }).where('state', '=', 'queued').returningAll().execute()
    return Promise.all(failed.map((one) => it.catalog.transaction().execute((trx) => retryOperation(trx, one))))
  }
  await runSchedules(it.catalog, at('2026-03-10T03:00'))
  expect(await fail()).toMatchObject([{ state: 'queued' }])
  expect(await fail()).toEqual([null])
  for (const minute of ['05', '30', '59']) expect(await runSchedules(it.catalog, at(`2026-03-10T03:${minute}`))).toBe(0)
  expect(await backups()).toHaveLength(2)
  expect(await runSchedules(it.catalog, at('2026-03-10T04:00'))).toBe(1)
  expect(await slots('2026-03-10T04:00')).toEqual([
    ['2026-03-10T03:00', 'filled'],
    ['2026-03-10T04:00', 'filled'],
  ])
})

test('after an outage of months every slot gets its row before any is served, so that the newest is caught up and no older one', async () => {
  await scheduled('*/15 * * * *', '2026-02-01T00:00')
  expect(await runSchedules(it.catalog, at('2026-03-10T08:05'))).toBe(0)
  expect(await runSchedules(it.catalog, at('2026-03-10T08:06'))).toBe(1)
  const past = await slots('2026-03-10T08:06')
  expect(past).toHaveLength(37 * 96 + 8 * 4)
  expect(past.filter(([, state]) => state !== 'missed')).toEqual([['2026-03-10T08:00', 'filled']])
})

test('a database that is taken off the list owes nothing more, and comes back without its schedules', async () => {
  await scheduled('0 3 * * *', '2026-03-09T12:00')
  const unserved = new Date(Date.now() - 60_000)
  await it.catalog.updateTable('schedules').set({ slots_through: unserved }).execute()
  await runSchedules(it.catalog, new Date(unserved.getTime() + 1))
  const id = (await it.catalog.selectFrom('schedules').select('id').executeTakeFirstOrThrow()).id
  await it.catalog.insertInto('slots').values({ schedule_id: id, slot: unserved }).execute()
  await removeDatabase(it.catalog, databaseId)
  expect((await slots()).map(([, state]) => state)).toEqual(['missed'])
  await it.catalog.updateTable('databases').set({ removed_at: null }).execute()
  expect(await listSchedules(it.catalog, systemActor)).toEqual([])
  expect(await runSchedules(it.catalog, new Date(Date.now() + 40 * 86_400_000))).toBe(0)
})

test('a slot that is due while the schedule is paused or taken away is missed with that reason, and not caught up later', async () => {
  const id = await scheduled('0 3 * * *', '2026-03-09T12:00')
  await it.catalog.updateTable('schedules').set({ slots_through: new Date() }).execute()
  await it.catalog
    .insertInto('slots')
    .values({ schedule_id: id, slot: new Date(Date.now() - 60_000) })
    .execute()
  await pauseSchedule(it.catalog, systemActor, id)
  await resumeSchedule(it.catalog, systemActor, id)
  expect(await runSchedules(it.catalog, new Date())).toBe(0)
  const [shown] = await listSchedules(it.catalog, systemActor)
  expect(shown?.last).toMatchObject([{ state: 'missed', reason: 'The schedule was paused before anything could serve it.' }])
  await expect(changeSchedule(it.catalog, systemActor, id, {})).rejects.toMatchObject({ code: 'usage' })
})
