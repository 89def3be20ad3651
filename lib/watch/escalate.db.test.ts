import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { recordChecks } from '#lib/catalog/checks.ts'
import { insertContact } from '#lib/catalog/contacts.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { readHeartbeatState, writeEscalation, writeHeartbeatSettings } from '#lib/catalog/watch-settings.ts'
import { writeWatchState } from '#lib/catalog/watch-state.ts'
import type { CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { escalationPolicy } from '#lib/domain/watch/escalation.ts'
import { heartbeatSettings } from '#lib/domain/watch/heartbeat.ts'
import { seenOfDatabase, seenOfInstallation } from '#lib/domain/watch/result.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type HttpSink, startHttpSink } from '#test/support/http-sink.ts'
import { beat } from './beat.ts'
import { escalate } from './escalate.ts'
import { settleAlerts } from './settle-alerts.ts'

let it: TestCatalog
let sink: HttpSink
beforeAll(async () => {
  sink = await startHttpSink()
})
afterAll(() => sink.close())
beforeEach(async () => {
  it = await createTestCatalog()
  sink.requests.length = 0
  sink.mood = { status: 200 }
})
afterEach(() => it.close())

const start = new Date('2026-03-10T12:00:00Z')
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

async function addDatabase(name: string) {
  const row = await insertDatabase(it.catalog, { name, host: 'db', port: 5432, dbname: name, username: 'lifeboat' })
  if (row === null) throw new Error('it is there already')
  return { id: row.id, name }
}

async function see(kind: 'certificate' | 'database_reachable', database: { id: string; name: string }, status: CheckStatus, at: Date) {
  await recordChecks(it.catalog, at, [seenOfDatabase(kind, database, { status, words: `It is ${status}.` })])
  await it.catalog.transaction().execute((trx) => settleAlerts(trx, at))
}

const addMail = () =>
  it.catalog
    .insertInto('channels')
    .values({ name: 'mail', kind: 'email', topics: [], config: JSON.stringify({ by: 'sendmail', from: 'a@example.com', to: ['team@example.com'] }) })
    .execute()

async function addPeople() {
  for (const [level, name] of [
    ['dba', 'Ada'],
    ['devops', 'Grace'],
    ['cto', 'Linus'],
  ] as const) {
    await insertContact(it.catalog, { level, name, email: `${name.toLowerCase()}@example.com`, phone: `+49 30 ${name.length}` })
  }
}

const written = async () =>
  (await it.catalog.selectFrom('messages').select(['recipient', 'topic']).orderBy('id').execute()).map((one) => one.recipient)

test('each level is written to once, when its time has come, until somebody takes the alert on', async () => {
  await addMail()
  await addPeople()
  const shop = await addDatabase('shop')
  await see('certificate', shop, 'critical', start)
  await see('certificate', await addDatabase('other'), 'warning', start)
  const told: Record<number, number> = {}
  for (const minute of [0, 14, 15, 16, 29, 30, 31]) told[minute] = await escalate(it.catalog, later(minute))
  expect(told).toEqual({ 0: 0, 14: 0, 15: 1, 16: 0, 29: 0, 30: 1, 31: 0 })
  expect(await written()).toEqual(['ada@example.com', 'grace@example.com'])
  await it.catalog
    .updateTable('alerts')
    .set({ acknowledged_at: later(40) })
    .execute()
  expect(await escalate(it.catalog, later(500))).toBe(0)
  const events = await it.catalog.selectFrom('alert_events').select('words').where('kind', '=', 'escalated').orderBy('id').execute()
  expect(events.map((one) => one.words)).toEqual([
    'Database administrator: Ada is written to at ada@example.com.',
    'DevOps lead: Grace is written to at grace@example.com.',
  ])
})

test('a database that cannot be reached escalates at once, and the later levels move up', async () => {
  await addMail()
  await addPeople()
  await see('database_reachable', await addDatabase('shop'), 'critical', start)
  expect(await escalate(it.catalog, start)).toBe(1)
  expect(await escalate(it.catalog, later(15))).toBe(1)
  expect(await written()).toEqual(['ada@example.com', 'grace@example.com'])
})

test('a silence stops it, and its end resumes it; switched off it tells nobody', async () => {
  await addMail()
  await addPeople()
  await see('certificate', await addDatabase('shop'), 'critical', start)
  await it.catalog
    .updateTable('alerts')
    .set({ silenced_until: later(60) })
    .execute()
  expect(await escalate(it.catalog, later(59))).toBe(0)
  await writeEscalation(it.catalog, escalationPolicy.parse({ on: false }))
  expect(await escalate(it.catalog, later(60))).toBe(0)
  await writeEscalation(it.catalog, escalationPolicy.parse({}))
  expect(await escalate(it.catalog, later(60))).toBe(1)
})

test('a warning that becomes critical after a day has its levels from then on, one after the other, whoever took the warning on', async () => {
  await addMail()
  await addPeople()
  const shop = await addDatabase('shop')
  await see('certificate', shop, 'warning', start)
  await it.catalog
    .updateTable('alerts')
    .set({ acknowledged_at: later(10), acknowledged_name: 'Ada' })
    .execute()
  await see('certificate', shop, 'critical', later(1440))
  const told: Record<number, number> = {}
  for (const minute of [0, 14, 15, 15.5, 29, 30, 59, 60]) told[minute] = await escalate(it.catalog, later(1440 + minute))
  expect(told).toEqual({ 0: 0, 14: 0, 15: 1, 15.5: 0, 29: 0, 30: 1, 59: 0, 60: 1 })
  expect(await it.catalog.selectFrom('alerts').select(['acknowledged_at', 'acknowledged_name']).execute()).toEqual([
    { acknowledged_at: null, acknowledged_name: null },
  ])
})

test('after an outage of hours the levels still come one after the other', async () => {
  await addMail()
  await addPeople()
  await see('certificate', await addDatabase('shop'), 'critical', start)
  const told: Record<number, number> = {}
  for (const minute of [500, 501, 514, 515, 544, 545]) told[minute] = await escalate(it.catalog, later(minute))
  expect(told).toEqual({ 500: 1, 501: 0, 514: 0, 515: 1, 544: 0, 545: 1 })
})

test('a process that reaches nobody by the channels that it can open leaves the level to the next one', async () => {
  await addMail()
  await addPeople()
  const { id } = await it.catalog
    .insertInto('channels')
    .values({ name: 'other', kind: 'webhook', config: JSON.stringify({ host: 'x' }), database_ids: [(await addDatabase('other')).id] })
    .returning('id')
    .executeTakeFirstOrThrow()
  await see('certificate', await addDatabase('shop'), 'critical', start)
  await escalate(it.catalog, later(15), [id])
  expect(await it.catalog.selectFrom('alerts').select('escalated_level').execute()).toEqual([{ escalated_level: null }])
  await escalate(it.catalog, later(16))
  expect(await written()).toEqual(['ada@example.com'])
})

test('several alerts of one moment are one mail; who cannot be written to is named with the phone number where people hear of it', async () => {
  await addPeople()
  await it.catalog
    .insertInto('channels')
    .values({ name: 'hook', kind: 'webhook', config: JSON.stringify({ host: 'x' }) })
    .execute()
  for (const name of ['one', 'two', 'three']) await see('certificate', await addDatabase(name), 'critical', start)
  expect(await escalate(it.catalog, later(15))).toBe(1)
  const messages = await it.catalog.selectFrom('messages').selectAll().execute()
  expect(messages).toHaveLength(1)
  expect(messages[0]?.content.title).toBe('Critical: Nobody has taken on 3 critical alerts')
  expect(messages[0]?.content.parts.find((part) => part.heading === 'Whom to call')?.lines).toEqual(['Ada: +49 30 3, ada@example.com'])
  const [event] = await it.catalog.selectFrom('alert_events').select('words').where('kind', '=', 'escalated').execute()
  expect(event?.words).toBe('Database administrator: Ada cannot be written to: there is no mail channel that works; call +49 30 3.')
})

test('where mail does not go out it waits, and whoever hears of the alert is asked to call as well', async () => {
  await addMail()
  await it.catalog.updateTable('channels').set({ failing_since: start }).execute()
  await addPeople()
  await it.catalog
    .insertInto('channels')
    .values({ name: 'hook', kind: 'webhook', config: JSON.stringify({ host: 'x' }) })
    .execute()
  await see('certificate', await addDatabase('shop'), 'critical', start)
  expect(await escalate(it.catalog, later(15))).toBe(1)
  expect(await written()).toEqual(['ada@example.com', null])
  const [event] = await it.catalog.selectFrom('alert_events').select('words').where('kind', '=', 'escalated').execute()
  expect(event?.words).toBe('Database administrator: Ada is written to at ada@example.com, but mail carries nothing now; call +49 30 3.')
})

test('a healthy cycle reaches the service outside; one that is not stays silent, and what went wrong is kept', async () => {
  await writeHeartbeatSettings(it.catalog, heartbeatSettings.parse({ urlSealed: 'sealed', host: 'beat', everySeconds: 60, privateAllowed: true }))
  const healthy = async (at: Date) => {
    await writeWatchState(it.catalog, { lastRoundAt: at, runningSince: start })
    await recordChecks(it.catalog, at, [seenOfInstallation('watch', { status: 'ok', words: 'Every check was made in time.' })])
  }
  const send = (at: Date) => beat(it.catalog, at, { open: () => `${sink.url}/ping/secret` })
  expect(await send(start)).toBe('withheld')
  expect(await readHeartbeatState(it.catalog)).toMatchObject({ withheld: 'The checks are not being made.', lastOkAt: null })
  await healthy(later(1))
  expect(await Promise.all([send(later(1)), send(later(1))])).toEqual(expect.arrayContaining(['sent', 'not due']))
  expect(await send(later(1.5))).toBe('not due')
  await healthy(later(2))
  sink.mood = { status: 500 }
  expect(await send(later(2))).toBe('failed')
  expect(await readHeartbeatState(it.catalog)).toMatchObject({ failingSince: later(2).toISOString(), problem: 'beat failed (500).', withheld: null })
  expect(await send(later(10))).toBe('withheld')
  expect(sink.requests.map((one) => `${one.method} ${one.path}`)).toEqual(['GET /ping/secret', 'GET /ping/secret'])
})
