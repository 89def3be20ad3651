import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { registerWorker } from '#lib/catalog/workers.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { watchRound } from '../round.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

const start = new Date('2026-03-10T12:00:00Z')
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)
const old = { ok: false, version: '15.18' }
const safe = { ok: true, version: '15.20' }

/** a process of its own at each call */
async function startWorker(minutes: number, host: string, { tools = safe, skew = 0 }: { tools?: typeof old; skew?: number | null } = {}) {
  const id = randomUUID()
  const found = (['pg_dump', 'pg_restore'] as const).map((tool) => ({ tool, major: 15, path: `/bin/${tool}`, ...tools }))
  const facts = { toolMajors: [15], tools: found, keyIds: [], storageIds: [], sealingKey: null }
  await registerWorker(it.catalog, { id, host, pid: Math.round(minutes * 10), version: '1', schemaVersion: '1', ...facts })
  const times = { started_at: later(minutes), heartbeat_at: later(minutes), clock_skew_seconds: skew }
  await it.catalog.updateTable('workers').set(times).where('id', '=', id).execute()
  return id
}

const stopWorker = (id: string, minutes: number) =>
  it.catalog
    .updateTable('workers')
    .set({ ended_at: later(minutes) })
    .where('id', '=', id)
    .execute()

const round = (minutes: number) => watchRound(it.catalog, later(minutes), { rest: false })

async function alerts() {
  const rows = await it.catalog
    .selectFrom('alerts')
    .selectAll()
    .where('kind', 'in', ['worker_tools', 'clock'])
    .orderBy('kind')
    .orderBy('subject')
    .orderBy('opened_at')
    .execute()
  return rows.map((row) => `${row.kind} ${row.subject} ${row.severity} ${row.resolution ?? 'open'}`)
}

async function checks() {
  const rows = await it.catalog
    .selectFrom('checks')
    .selectAll()
    .where('kind', 'in', ['worker_tools', 'clock'])
    .orderBy('kind')
    .orderBy('subject')
    .execute()
  return rows.map((row) => `${row.kind} ${row.subject_name} ${row.status}`)
}

test('a worker with old tools and a wrong clock that dies and starts again and again is one alert of its machine, until it is well', async () => {
  for (let minute = 0; minute < 30; minute += 5) {
    const id = await startWorker(minute, 'here', { tools: old, skew: -400 })
    await round(minute)
    // it dies, or it is stopped; the others, or the web, make the rounds meanwhile
    if (minute % 10 === 0) await stopWorker(id, minute + 0.1)
    await round(minute + 1)
    await round(minute + 3)
  }
  expect(await alerts()).toEqual(['clock here critical open', 'worker_tools here critical open'])
  const events = await it.catalog
    .selectFrom('alert_events')
    .innerJoin('alerts', 'alerts.id', 'alert_events.alert_id')
    .select('alert_events.kind')
    .where('alerts.subject', '=', 'here')
    .execute()
  expect(events.map((row) => row.kind)).toEqual(['opened', 'opened'])
  const id = await startWorker(30, 'here')
  for (const minute of [30, 34, 36]) {
    await it.catalog
      .updateTable('workers')
      .set({ heartbeat_at: later(minute) })
      .where('id', '=', id)
      .execute()
    await round(minute)
  }
  expect(await alerts()).toEqual([
    'clock here critical Its clock agrees with the catalogue’s.',
    'worker_tools here critical Its tools are safe to use: pg_dump 15.20 and pg_restore 15.20.',
  ])
})

test('of several workers of one machine the worst counts; a machine that is gone is no longer shown', async () => {
  await startWorker(0, 'here', { skew: null })
  await startWorker(0, 'here', { tools: old, skew: 40 })
  await startWorker(0, 'there')
  await round(0)
  expect(await checks()).toEqual(['clock here warning', 'clock there ok', 'worker_tools here warning', 'worker_tools there ok'])
  await round(1)
  expect(await checks()).toEqual(['clock here unknown', 'worker_tools here unknown'])
  expect(await alerts()).toEqual(['clock here warning open', 'worker_tools here warning open'])
  await round(11)
  expect(await checks()).toEqual([])
  expect(await alerts()).toEqual([
    'clock here warning What it was about is there no more.',
    'worker_tools here warning What it was about is there no more.',
  ])
})
