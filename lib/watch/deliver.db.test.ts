import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SMTPServerOptions } from 'smtp-server'
import { recordChecks } from '#lib/catalog/checks.ts'
import { dropMessages } from '#lib/catalog/channels.ts'
import { insertContact } from '#lib/catalog/contacts.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertMessage, oldestUndelivered } from '#lib/catalog/messages.ts'
import { channelConfigs } from '#lib/domain/watch/channels.ts'
import type { CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { seenOfDatabase } from '#lib/domain/watch/result.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type HttpSink, startHttpSink } from '#test/support/http-sink.ts'
import { withMailServer } from '#test/support/mail-server.ts'
import { type Delivery, deliverMessages } from './deliver.ts'
import { escalate } from './escalate.ts'
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
  sink.mood = { status: 200 }
})
afterEach(() => it.close())

const start = new Date('2026-03-10T12:00:00Z')
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

async function addDatabase() {
  const row = await insertDatabase(it.catalog, { name: 'shop', host: 'db', port: 5432, dbname: 'shop', username: 'lifeboat' })
  if (row === null) throw new Error('it is there already')
  return row
}

async function addChannel(name: string, over: Record<string, unknown> = {}): Promise<string> {
  const values = { name, kind: 'webhook' as const, config: JSON.stringify({ host: '127.0.0.1' }), private_allowed: true, ...over }
  return (await it.catalog.insertInto('channels').values(values).returning('id').executeTakeFirstOrThrow()).id
}

async function see(
  database: { id: string; name: string },
  status: CheckStatus,
  at: Date,
  kind: 'certificate' | 'database_reachable' = 'certificate',
) {
  await recordChecks(it.catalog, at, [seenOfDatabase(kind, database, { status, words: `It is ${status}.` })])
  await it.catalog.transaction().execute((trx) => settleAlerts(trx, at))
}

const webhook: Delivery['open'] = (channel) => ({
  kind: 'webhook',
  config: { host: '127.0.0.1' },
  secret: { url: `${sink.url}/${channel.name}`, signingKey: 'a'.repeat(32) },
  privateAllowed: true,
})

const deliver = (at: Date, more: Partial<Delivery> = {}) =>
  deliverMessages(it.catalog, { open: webhook, baseUrl: null, clock: async () => at, chance: () => 0.5, ...more })

const contentOf = (title: string) => ({ title, tone: 'critical' as const, lead: '', parts: [], href: null, at: start.toISOString(), data: {} })

const mailConfig = (port: number) => ({
  by: 'smtp',
  host: '127.0.0.1',
  port,
  security: 'none',
  from: 'lifeboat@example.com',
  to: ['team@example.com'],
})
const addMail = (port: number) => addChannel('mail', { kind: 'email', topics: [], config: JSON.stringify(mailConfig(port)) })
const mailOf =
  (port: number): Delivery['open'] =>
  () => ({ kind: 'email', config: channelConfigs.email.parse(mailConfig(port)), secret: { password: '' }, privateAllowed: true })
const refusing =
  (name: string): NonNullable<SMTPServerOptions['onRcptTo']> =>
  ({ address }, _session, done) =>
    address.startsWith(name) ? done(Object.assign(new Error('no such user'), { responseCode: 550 })) : done()

const titles = () => sink.requests.map((one) => (JSON.parse(one.body) as { title: string }).title)

test('an address that the mail server refuses holds up nobody else, and the channel works', async () => {
  await withMailServer({ onRcptTo: refusing('bad') }, async (port, mails) => {
    const id = await addMail(port)
    await insertContact(it.catalog, { level: 'dba', name: 'Bad', email: 'bad@example.com', phone: null })
    await insertContact(it.catalog, { level: 'dba', name: 'Good', email: 'good@example.com', phone: null })
    await see(await addDatabase(), 'critical', start, 'database_reachable')
    await escalate(it.catalog, start)
    expect(await deliver(start, { open: mailOf(port) })).toEqual({ sent: 1, failed: 1 })
    expect(mails.map((one) => one.to)).toEqual([['good@example.com']])
    expect(await it.catalog.selectFrom('channels').select(['failing_since']).where('id', '=', id).execute()).toEqual([{ failing_since: null }])
    const told = await it.catalog.selectFrom('alert_events').select('words').where('kind', '=', 'told').execute()
    expect(told.map((one) => one.words)).toContainEqual(expect.stringContaining('The mail server refused the address (550).'))
  })
})

test('the own addresses of a channel that are refused hold up each other, not a mail to somebody else', async () => {
  await withMailServer({ onRcptTo: refusing('team') }, async (port, mails) => {
    const channelId = await addMail(port)
    for (const [key, recipient] of [
      ['first', null],
      ['second', null],
      ['third', 'ada@example.com'],
    ] as const) {
      await insertMessage(it.catalog, { channelId, dedupeKey: key, topic: 'alert', severity: null, content: contentOf(key), at: start, recipient })
    }
    for (let hour = 0; hour < 3; hour += 1) await deliver(later(hour * 60), { open: mailOf(port) })
    expect(mails.map((one) => one.to)).toEqual([['ada@example.com']])
    const rows = await it.catalog.selectFrom('messages').select(['state', 'tries']).orderBy('id').execute()
    expect(rows.map((one) => one.state)).toEqual(['waiting', 'waiting', 'sent'])
    expect(await it.catalog.selectFrom('channels').select('problem').executeTakeFirst()).toEqual({
      problem: 'The mail server refused the sender or every address (550).',
    })
  })
})

test('a storm that gathers goes out in its own time, however long what failed before it waits', async () => {
  const channelId = await addChannel('hook')
  const add = (dedupeKey: string, nextTryAt: Date) =>
    insertMessage(it.catalog, {
      channelId,
      dedupeKey,
      topic: 'alert',
      severity: null,
      content: contentOf(dedupeKey),
      at: start,
      nextTryAt,
    })
  await add('alerts:1', start)
  await add('alerts:2', later(1))
  await add('storm:3', later(2))
  sink.mood = { status: 410 }
  await deliver(start)
  const due = await it.catalog.selectFrom('messages').select('next_try_at').orderBy('id').execute()
  expect(due.map((one) => one.next_try_at)).toEqual([later(60), later(60), later(2)])
})

test('a catalogue that breaks in the middle of a round fails the round, once every message on its way has ended', async () => {
  for (const name of ['one', 'two']) {
    const channelId = await addChannel(name)
    const content = { title: name, tone: 'critical' as const, lead: '', parts: [], href: null, at: start.toISOString(), data: {} }
    await insertMessage(it.catalog, { channelId, dedupeKey: name, topic: 'alert', severity: 'critical', content, at: start })
  }
  const unheard: unknown[] = []
  const hear = (reason: unknown) => unheard.push(reason)
  process.on('unhandledRejection', hear)
  let asked = 0
  const clock = async () => {
    asked += 1
    if (asked > 1) throw new Error('the catalogue is gone')
    return start
  }
  await expect(deliver(start, { clock })).rejects.toThrow('the catalogue is gone')
  await new Promise((resolve) => setTimeout(resolve, 50))
  process.off('unhandledRejection', hear)
  expect(unheard).toEqual([])
  // what was claimed is tried again when its claim is over
  await deliver(later(5))
  expect(new Set(titles())).toEqual(new Set(['one', 'two']))
})

test('a round whose next claim fails ends when what is on its way has arrived', async () => {
  const channelId = await addChannel('one')
  await insertMessage(it.catalog, { channelId, dedupeKey: 'x', topic: 'alert', severity: null, content: contentOf('one'), at: start })
  const order: string[] = []
  let asked = 0
  const clock = async () => {
    asked += 1
    if (asked === 2) throw new Error('the catalogue is gone')
    if (asked > 2) order.push('it arrived')
    return start
  }
  await deliver(start, { clock }).catch((error: Error) => order.push(error.message))
  expect(order[0]).toBe('it arrived')
  expect(order.at(-1)).toBe('the catalogue is gone')
  expect(await it.catalog.selectFrom('messages').select('state').execute()).toEqual([{ state: 'sent' }])
})

test('a channel for what is critical hears of the end of an alert that had eased before', async () => {
  await addChannel('critical', { severities: ['critical'] })
  const shop = await addDatabase()
  for (const [status, minute] of [
    ['critical', 0],
    ['warning', 1],
    ['ok', 2],
  ] as const) {
    await see(shop, status, later(minute))
    await tellNews(it.catalog, later(minute))
    await deliver(later(minute))
  }
  expect(titles()).toEqual([expect.stringContaining('Critical: Certificate'), expect.stringContaining('Recovered')])
})

test('what was given up counts as undelivered for a day, what was dropped with its channel never', async () => {
  const id = await addChannel('hook')
  const add = (key: string, at: Date) => {
    const content = { title: key, tone: 'critical' as const, lead: '', parts: [], href: null, at: at.toISOString(), data: {} }
    return insertMessage(it.catalog, { channelId: id, dedupeKey: key, topic: 'alert', severity: 'critical', content, at })
  }
  await add('first', start)
  sink.mood = { status: 500 }
  for (let hour = 0; hour <= 74; hour += 1) await deliver(later(hour * 60))
  expect(await it.catalog.selectFrom('messages').select('state').execute()).toEqual([{ state: 'given_up' }])
  expect(await oldestUndelivered(it.catalog, later(75 * 60))).toEqual(start)
  expect(await oldestUndelivered(it.catalog, later(97 * 60))).toBe(null)
  await add('second', later(98 * 60))
  await dropMessages(it.catalog, id, 'paused')
  expect(await oldestUndelivered(it.catalog, later(99 * 60))).toBe(null)
})
