import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { recordChecks } from '#lib/catalog/checks.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertOperation } from '#lib/catalog/operations.ts'
import type { OpenChannel } from '#lib/domain/watch/channels.ts'
import type { CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { seenOfDatabase } from '#lib/domain/watch/result.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type HttpSink, type SinkMood, startHttpSink } from '#test/support/http-sink.ts'
import { deliverMessages } from './deliver.ts'
import { settleAlerts } from './settle-alerts.ts'
import { tellNews } from './tell.ts'

let it: TestCatalog
let sink: HttpSink
beforeAll(async () => {
  sink = await startHttpSink()
})
afterAll(() => sink.close())
beforeEach(async () => {
  it = await createTestCatalog()
  sink.requests.length = 0
  sink.moods.clear()
  sink.mood = { status: 200 }
})
afterEach(() => it.close())

const start = new Date('2026-03-10T12:00:00Z')
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

async function addChannel(name: string, over: Record<string, unknown> = {}): Promise<string> {
  const row = await it.catalog
    .insertInto('channels')
    .values({ name, kind: 'webhook', config: JSON.stringify({ host: '127.0.0.1' }), private_allowed: true, ...over })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

async function addDatabase(name: string) {
  const row = await insertDatabase(it.catalog, { name, host: 'db', port: 5432, dbname: name, username: 'lifeboat', created_at: later(-10_000) })
  if (row === null) throw new Error('it is there already')
  return { id: row.id, name }
}

/** What a check saw at that moment, and what the alerts and the outbox made of it. */
async function see(database: { id: string; name: string }, status: CheckStatus, at: Date): Promise<number> {
  const words = status === 'ok' ? 'It answers again.' : 'It does not answer.'
  await recordChecks(it.catalog, at, [seenOfDatabase('certificate', database, { status, words })])
  await it.catalog.transaction().execute((trx) => settleAlerts(trx, at))
  return tellNews(it.catalog, at)
}

const deliver = (at: Date, more: { signal?: AbortSignal } = {}) =>
  deliverMessages(it.catalog, {
    // each channel has a path of its own at the sink
    open: (channel): OpenChannel => ({
      kind: 'webhook',
      config: { host: '127.0.0.1' },
      secret: { url: `${sink.url}/${channel.name}`, signingKey: 'a'.repeat(32) },
      privateAllowed: true,
    }),
    baseUrl: 'https://backup.example',
    clock: async () => at,
    chance: () => 0.5,
    ...more,
  })

async function addOperation(
  database: { id: string },
  kind: 'backup' | 'restore' | 'verify',
  state: 'succeeded' | 'failed' | 'cancelled',
  at: Date,
  over: Record<string, unknown> = {},
): Promise<string> {
  const row = await insertOperation(it.catalog, {
    kind,
    dryRun: false,
    title: `${kind} of shop`,
    input: {},
    needs: {},
    databaseId: database.id,
    storageId: null,
    backupId: null,
    targetKey: null,
    requestedBy: null,
    requestedName: 'Ada',
    requestedVia: 'cli',
    idempotencyKey: randomUUID(),
    after: null,
    retryOf: null,
    needsApproval: false,
  })
  if (row === null) throw new Error('it is there already')
  await it.catalog
    .updateTable('operations')
    .set({ state, started_at: start, finished_at: at, ...over })
    .where('id', '=', row.id)
    .execute()
  return row.id
}

const got = (channel: string) =>
  sink.requests.filter((one) => one.path === `/${channel}`).map((one) => JSON.parse(one.body) as { id: string; title: string; topic: string })
const waiting = () => it.catalog.selectFrom('messages').selectAll().orderBy('id').execute()
const channelOf = (id: string) => it.catalog.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const eventsOf = async (kind: string) =>
  (await it.catalog.selectFrom('alert_events').select(['kind', 'words']).orderBy('id').execute())
    .filter((one) => one.kind === kind)
    .map((one) => one.words)

test('an alert is told once, and its recovery to those who heard of it', async () => {
  await addChannel('all')
  const critical = await addChannel('critical', { severities: ['critical'] })
  await addChannel('paused', { paused_at: start })
  const shop = await addDatabase('shop')
  await addChannel('other', { database_ids: [(await addDatabase('other')).id] })
  await addChannel('own', { database_ids: [shop.id], topics: ['alert'] })

  expect(await see(shop, 'warning', start)).toBe(2)
  expect(await see(shop, 'warning', later(1))).toBe(0)
  expect(await see(shop, 'critical', later(2))).toBe(3)
  await it.catalog
    .updateTable('channels')
    .set({ severities: ['critical', 'warning'] })
    .where('id', '=', critical)
    .execute()
  await addChannel('newcomer')
  expect(await see(shop, 'ok', later(3))).toBe(2)
  expect(await deliver(later(3))).toEqual({ sent: 7, failed: 0 })

  expect(got('all').map((one) => one.title)).toEqual([
    'Warning: Certificate, shop',
    'Now critical: Certificate, shop',
    'Recovered: Certificate, shop',
  ])
  expect(got('critical').map((one) => one.topic)).toEqual(['alert', 'recovered'])
  expect(got('own').map((one) => one.topic)).toEqual(['alert', 'alert'])
  expect([got('other'), got('paused'), got('newcomer')]).toEqual([[], [], []])
  expect(await eventsOf('told')).toContain('Told through all. The webhook took it (200).')
  expect(await deliver(later(4))).toEqual({ sent: 0, failed: 0 })
})

test('where no channel hears of an alert its history says that nobody was told', async () => {
  await see(await addDatabase('shop'), 'critical', start)
  expect(await eventsOf('told')).toEqual(['No channel hears of this: nobody was told.'])
})

const moods: [string, SinkMood, string][] = [
  ['fails', { status: 500 }, 'The webhook failed (500).'],
  ['hangs', 'hang', 'It was stopped before an answer came.'],
  ['resets', 'reset', 'The other side closed the connection without an answer.'],
  ['asks for a pause', { status: 429, headers: { 'retry-after': '600' } }, 'The webhook asks for fewer messages (429).'],
]
test.each(moods)(
  'a channel that %s is shown as undelivered and tried again; the others and the backup are not touched',
  async (_name, mood, answer) => {
    const dead = await addChannel('dead')
    await addChannel('alive')
    const shop = await addDatabase('shop')
    const backup = await addOperation(shop, 'backup', 'succeeded', start)
    sink.moods.set('/dead', mood)
    await see(shop, 'critical', start)
    expect(await deliver(start, mood === 'hang' ? { signal: AbortSignal.timeout(300) } : {})).toEqual({ sent: 1, failed: 1 })
    expect(got('alive')).toHaveLength(1)
    expect(await channelOf(dead)).toMatchObject({ problem: answer, failing_since: start, last_ok_at: null })
    const [message] = (await waiting()).filter((one) => one.channel_id === dead)
    const pause = answer.includes('429') ? 600 : 30
    expect(message).toMatchObject({ state: 'waiting', tries: 1, answer, claimed_until: null, next_try_at: new Date(start.getTime() + pause * 1_000) })
    expect(await eventsOf('told')).toContain(`Not told through dead yet, it is tried again. ${answer}`)
    expect(await it.catalog.selectFrom('operations').select(['state', 'error']).where('id', '=', backup).executeTakeFirstOrThrow()).toEqual({
      state: 'succeeded',
      error: null,
    })

    sink.moods.clear()
    expect(await deliver(new Date(start.getTime() + (pause - 1) * 1_000))).toEqual({ sent: 0, failed: 0 })
    expect(await deliver(new Date(start.getTime() + pause * 1_000))).toEqual({ sent: 1, failed: 0 })
    const ids = got('dead').map((one) => one.id)
    expect(new Set(ids).size).toBe(1)
    expect(await channelOf(dead)).toMatchObject({ problem: null, failing_since: null })
  },
)

test('a message that nobody takes for three days is given up, and the channel still says why', async () => {
  const dead = await addChannel('dead')
  sink.mood = { status: 503 }
  await see(await addDatabase('shop'), 'critical', start)
  let at = start
  for (let tries = 1; tries <= 200; tries += 1) {
    await deliver(at)
    const [message] = await waiting()
    if (message?.state !== 'waiting') break
    const pause = message.next_try_at.getTime() - at.getTime()
    expect(pause).toBe(Math.min(3_600, 30 * 2 ** (tries - 1)) * 1_000)
    at = message.next_try_at
  }
  expect(at.getTime() - start.getTime()).toBeGreaterThanOrEqual(3 * 86_400_000)
  expect(await waiting()).toMatchObject([{ state: 'given_up', answer: 'The webhook failed (503).' }])
  expect(await channelOf(dead)).toMatchObject({ failing_since: start, problem: 'The webhook failed (503).' })
  expect((await eventsOf('told')).at(-1)).toContain('given up after three days')
})

test('a message that is refused for itself does not hold up the next one', async () => {
  await addChannel('picky')
  sink.moods.set('/picky', { status: 413 })
  await see(await addDatabase('shop'), 'critical', start)
  await deliver(start)
  sink.moods.clear()
  await see(await addDatabase('other'), 'critical', start)
  expect(await deliver(start)).toEqual({ sent: 2, failed: 0 })
})

test('several processes deliver at once, and each message goes out once', async () => {
  for (const name of ['a', 'b', 'c']) await addChannel(name)
  for (const name of ['one', 'two', 'three']) await see(await addDatabase(name), 'critical', start)
  const rounds = await Promise.all([1, 2, 3, 4].map(() => deliver(start)))
  await deliver(start)
  expect(rounds.reduce((sum, round) => sum + round.failed, 0)).toBe(0)
  for (const name of ['a', 'b', 'c']) {
    expect(got(name).map((one) => one.title)).toEqual(['one', 'two', 'three'].map((database) => `Critical: Certificate, ${database}`))
  }
})

test('a process that died while it sent is followed by another one after its claim has ended', async () => {
  await addChannel('a')
  await see(await addDatabase('shop'), 'critical', start)
  await it.catalog
    .updateTable('messages')
    .set({ claimed_until: later(2), tries: 1 })
    .execute()
  expect(await deliver(later(1))).toEqual({ sent: 0, failed: 0 })
  expect(await deliver(later(2))).toEqual({ sent: 1, failed: 0 })
})

test('a storm is a few messages, not hundreds: what comes together goes together, and then it is gathered', async () => {
  await addChannel('a')
  const databases = []
  for (let at = 0; at < 40; at += 1) databases.push(await addDatabase(`db${at}`))
  // ten at once
  await recordChecks(
    it.catalog,
    start,
    databases.slice(0, 10).map((one) => seenOfDatabase('certificate', one, { status: 'critical', words: 'It does not answer.' })),
  )
  await it.catalog.transaction().execute((trx) => settleAlerts(trx, start))
  expect(await tellNews(it.catalog, start)).toBe(1)
  // then one in every round
  for (const [at, database] of databases.slice(10).entries()) await see(database, 'critical', new Date(start.getTime() + (at + 1) * 1_000))
  await deliver(later(0.5))
  expect(got('a').map((one) => one.title)).toEqual(['10 alerts: 10 critical', ...[10, 11, 12, 13].map((at) => `Critical: Certificate, db${at}`)])
  await deliver(later(5))
  expect(got('a').at(-1)?.title).toBe('26 alerts: 26 critical')
  expect(got('a')).toHaveLength(6)
})

test('a silenced alert recovers quietly; that it became critical is told in spite of the silence', async () => {
  await addChannel('a')
  const shop = await addDatabase('shop')
  await see(shop, 'warning', start)
  await it.catalog
    .updateTable('alerts')
    .set({ silenced_until: later(60) })
    .execute()
  expect(await see(shop, 'critical', later(1))).toBe(1)
  expect(await see(shop, 'ok', later(2))).toBe(0)
})

test('backups and restores that ended are told to the channels that chose to hear of them, once', async () => {
  await addChannel('default')
  await addChannel('everything', { topics: ['backup_succeeded', 'backup_failed', 'restore'] })
  const shop = await addDatabase('shop')
  const add = (kind: 'backup' | 'restore' | 'verify', state: 'succeeded' | 'failed' | 'cancelled', over: Record<string, unknown> = {}) =>
    addOperation(shop, kind, state, later(1), over)
  await add('backup', 'succeeded')
  await add('backup', 'failed', { error: JSON.stringify({ code: 'disk_full', message: 'The disk is full.', hint: 'Make room.' }) })
  await add('backup', 'cancelled')
  await add('restore', 'failed')
  await add('restore', 'succeeded', { dry_run: true })
  await add('verify', 'succeeded')
  await add('backup', 'failed', { finished_at: later(-3 * 1440) })
  expect(await tellNews(it.catalog, later(2))).toBe(4)
  expect(await tellNews(it.catalog, later(3))).toBe(0)
  await deliver(later(3))
  expect(got('default').map((one) => one.title)).toEqual(['Failed: restore of shop'])
  expect(got('everything').map((one) => one.title)).toEqual(['Completed: backup of shop', 'Failed: backup of shop', 'Failed: restore of shop'])
})
