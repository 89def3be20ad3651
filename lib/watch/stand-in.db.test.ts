import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertMessage } from '#lib/catalog/messages.ts'
import { endWorker, registerWorker } from '#lib/catalog/workers.ts'
import { endWeb, secondsWithoutWorker, webHeartbeat } from '#lib/catalog/webs.ts'
import { sealForWeb } from '#lib/secrets/for-web.ts'
import { channelSecretForWebPlace } from '#lib/secrets/places.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type HttpSink, startHttpSink } from '#test/support/http-sink.ts'
import { standIn } from './stand-in.ts'

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

const webSecret = 'a secret of the web'

async function addChannel(name: string, sealedWith: string | null): Promise<string> {
  const id = randomUUID()
  const secret = JSON.stringify({ url: `${sink.url}/${name}`, signingKey: 'k'.repeat(32) })
  const forWeb = sealedWith === null ? null : sealForWeb(secret, sealedWith, channelSecretForWebPlace(id))
  const values = {
    id,
    name,
    kind: 'webhook' as const,
    config: JSON.stringify({ host: '127.0.0.1' }),
    private_allowed: true,
    secret_sealed: 'x',
    secret_for_web: forWeb,
  }
  await it.catalog.insertInto('channels').values(values).execute()
  return id
}

test('the web tells that no worker lives, through the channels that it can open, and is silent while one does', async () => {
  const start = Date.now()
  const at = (seconds: number) => ({
    webSecret: () => webSecret,
    baseUrl: null,
    clock: async () => new Date(start + seconds * 1_000),
    chance: () => 0.5,
  })
  await addChannel('opens', webSecret)
  await addChannel('sealed', null)
  // of another installation, or of a secret that was changed
  await addChannel('other', 'another secret')
  // nobody misses what never was
  expect(await standIn(it.catalog, at(0))).toBe(false)
  const facts = { toolMajors: [15], tools: [], keyIds: [], storageIds: [], sealingKey: null }
  const id = randomUUID()
  await registerWorker(it.catalog, { id, host: 'here', pid: 7, version: '1', schemaVersion: '1', ...facts })
  expect(await standIn(it.catalog, at(5))).toBe(false)
  expect(await standIn(it.catalog, at(50))).toBe(false)
  expect(await standIn(it.catalog, at(70))).toBe(true)
  expect(await standIn(it.catalog, at(85))).toBe(true)
  const [told] = sink.requests.map((one) => JSON.parse(one.body) as { title: string; lead: string })
  expect(told?.title).toBe('Critical: Workers')
  expect(sink.requests.map((one) => one.path)).toEqual(['/opens'])
  const waiting = await it.catalog
    .selectFrom('messages')
    .innerJoin('channels', 'channels.id', 'channel_id')
    .select(['channels.name', 'messages.state'])
    .execute()
  expect(waiting).toEqual(
    expect.arrayContaining([
      { name: 'sealed', state: 'waiting' },
      { name: 'opens', state: 'sent' },
    ]),
  )
  const history = await it.catalog.selectFrom('alert_events').select('words').execute()
  expect(history.filter((one) => one.words.startsWith('The console stands in'))).toEqual([
    { words: 'The console stands in, and tells through opens. What is for other and sealed waits for a worker: the console cannot open it.' },
  ])
  // nothing was tried that must fail: the worker that comes back sends it at once
  expect(await it.catalog.selectFrom('channels').select('name').where('failing_since', 'is not', null).execute()).toEqual([])
  // a night without any worker: what was not backed up is told all the same
  await insertDatabase(it.catalog, { name: 'shop', host: 'db', port: 5432, dbname: 'shop', username: 'lifeboat' })
  expect(await standIn(it.catalog, at(24 * 3_600))).toBe(true)
  const late = 'There is no restorable point, 25 h 30 min after it was registered; its objective is 25 h.'
  const toldOf = (words: string) => sink.requests.filter((one) => one.body.includes(words)).length
  // by now the channels that it cannot open are told by the one that it can
  expect([toldOf('Nobody has tried to send its messages'), toldOf('no restorable point')]).toEqual([1, 0])
  expect(await standIn(it.catalog, at(25.5 * 3_600))).toBe(true)
  expect(toldOf(late)).toBe(1)
  await endWorker(it.catalog, id)
  expect(await secondsWithoutWorker(it.catalog, new Date(start + 26 * 3_600_000))).toBeGreaterThan(90)
})

test('while no worker that lives holds a key, the web tells what the workers put into the outbox', async () => {
  const id = await addChannel('heard', webSecret)
  const add = async (sealingKey: string | null) => {
    const facts = { toolMajors: [15], tools: [], keyIds: [], storageIds: [], sealingKey }
    await registerWorker(it.catalog, { id: randomUUID(), host: 'here', pid: 7, version: '1', schemaVersion: '1', ...facts })
  }
  const tell = async (title: string) => {
    const content = { title, tone: 'critical' as const, lead: '', parts: [], href: null, at: new Date().toISOString(), data: {} }
    await insertMessage(it.catalog, {
      channelId: id,
      dedupeKey: title,
      topic: 'alert',
      severity: 'critical',
      content,
      at: new Date(Date.now() - 1_000),
    })
    expect(await standIn(it.catalog, { webSecret: () => webSecret, baseUrl: null })).toBe(false)
    return sink.requests.filter((one) => one.path === '/heard').map((one) => (JSON.parse(one.body) as { title: string }).title)
  }
  await add(null)
  expect(await tell('first')).toEqual(['first'])
  await add('a public key')
  expect(await tell('second')).toEqual(['first'])
})

test('a web writes that it lives, and says goodbye', async () => {
  const web = { id: randomUUID(), host: 'here', pid: 9 }
  await webHeartbeat(it.catalog, web)
  await webHeartbeat(it.catalog, web)
  await endWeb(it.catalog, web.id)
  expect(await it.catalog.selectFrom('webs').select(['host', 'pid', 'ended_at']).execute()).toEqual([
    { host: 'here', pid: 9, ended_at: expect.any(Date) },
  ])
})
