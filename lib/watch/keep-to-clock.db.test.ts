import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordChecks } from '#lib/catalog/checks.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { keepProbes, takeDueProbe } from '#lib/catalog/probes.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { readWatch } from '#lib/catalog/views/watch.ts'
import { registerWorker } from '#lib/catalog/workers.ts'
import { isStale } from '#lib/domain/watch/check-kinds.ts'
import { seenOfDatabase } from '#lib/domain/watch/result.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { keepToClock } from './keep-to-clock.ts'
import { watchRound } from './round.ts'
import { standIn } from './stand-in.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

const start = new Date(Date.now() - 5_000)
const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
const hours = (count: number) => later(count * 3_600)

async function addDatabase() {
  const values = { name: 'shop', host: 'db', port: 5432, dbname: 'shop', username: 'u', created_at: hours(-100), server_version_num: 150020 }
  const row = await insertDatabase(it.catalog, values)
  if (row === null) throw new Error('it is there already')
  return row
}

async function addWorker(heartbeatAt: Date): Promise<string> {
  const id = randomUUID()
  const facts = { toolMajors: [15], tools: [], keyIds: [], storageIds: [], sealingKey: null }
  await registerWorker(it.catalog, { id, host: 'here', pid: 7, version: '1', schemaVersion: '1', ...facts })
  await it.catalog.updateTable('workers').set({ heartbeat_at: heartbeatAt }).where('id', '=', id).execute()
  return id
}

const checkOf = (kind: 'database_reachable' | 'restorable_point' | 'workers') =>
  it.catalog.selectFrom('checks').select(['status', 'words', 'checked_at', 'since']).where('kind', '=', kind).executeTakeFirstOrThrow()

test('what was seen before the clock of the catalogue was set back is unknown until it is seen anew, and everything is looked at at once', async () => {
  const database = await addDatabase()
  await addWorker(hours(2))
  await keepProbes(it.catalog, 'database', [database.id], hours(2))
  await takeDueProbe(it.catalog, 'database', { among: [database.id], now: hours(2), nextAt: hours(2.02) })
  await recordChecks(it.catalog, hours(2), [seenOfDatabase('database_reachable', database, { status: 'ok', words: 'It answers.' })])
  await watchRound(it.catalog, hours(2))

  // until somebody has noticed: not one result of the time to come is taken for one of now
  const { checked_at: seenAt } = await checkOf('database_reachable')
  expect(isStale('database_reachable', seenAt, start)).toBe(true)
  await keepToClock(it.catalog, later(0))
  expect(await checkOf('database_reachable')).toMatchObject({
    status: 'unknown',
    words: expect.stringContaining('set back by 2 h'),
    checked_at: later(0),
  })
  await expect(takeDueProbe(it.catalog, 'database', { among: [database.id], now: later(0), nextAt: later(60) })).resolves.toBe(database.id)

  expect(await watchRound(it.catalog, later(0))).not.toBeNull()
  expect(await checkOf('restorable_point')).toMatchObject({ status: 'critical', checked_at: later(0) })
  await recordChecks(it.catalog, later(1), [seenOfDatabase('database_reachable', database, { status: 'critical', words: 'It does not.' })])
  expect(await checkOf('database_reachable')).toMatchObject({ status: 'critical', since: later(1) })
  const { n } = await it.catalog
    .selectFrom('check_results')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('at', '>', later(1))
    .executeTakeFirstOrThrow()
  expect(Number(n)).toBe(0)
  // it was set back once, and is not taken for set back again
  await keepToClock(it.catalog, later(2))
  expect(await checkOf('database_reachable')).toMatchObject({ status: 'critical' })
})

test('alerts, messages, leases and retries do not wait until the clock has caught up', async () => {
  await addWorker(hours(2))
  await watchRound(it.catalog, hours(2))
  const alert = await it.catalog.selectFrom('alerts').select(['id', 'opened_at']).executeTakeFirstOrThrow()
  expect(alert.opened_at).toEqual(hours(2))
  const channel = await it.catalog
    .insertInto('channels')
    .values({ name: 'c', kind: 'slack', config: JSON.stringify({ host: 'x' }), failing_since: hours(1.9) })
    .returning('id')
    .executeTakeFirstOrThrow()
  await it.catalog
    .insertInto('messages')
    .values({
      channel_id: channel.id,
      dedupe_key: 'k',
      topic: 'alert',
      content: JSON.stringify({}) as never,
      created_at: hours(1.9),
      next_try_at: hours(2.1),
      claimed_until: hours(2.01),
    })
    .execute()
  await it.catalog
    .insertInto('operations')
    .values({ kind: 'backup', title: 't', input: '{}', requested_name: 'x', requested_via: 'cli', state: 'running', lease_until: hours(2.01) })
    .execute()
  await keepToClock(it.catalog, later(0))
  expect(await it.catalog.selectFrom('alerts').select('opened_at').execute()).toContainEqual({ opened_at: later(0) })
  const message = await it.catalog.selectFrom('messages').selectAll().executeTakeFirstOrThrow()
  expect(message).toMatchObject({ created_at: later(0), next_try_at: later(360), claimed_until: later(120) })
  expect((await it.catalog.selectFrom('operations').select('lease_until').executeTakeFirstOrThrow()).lease_until).toEqual(later(30))
  expect((await it.catalog.selectFrom('channels').select('failing_since').executeTakeFirstOrThrow()).failing_since).toEqual(later(0))
})

test('a worker that died before the clock was set back is missed after it, by the web too', async () => {
  await addDatabase()
  await addWorker(hours(2))
  await watchRound(it.catalog, hours(2))
  expect((await readWatch(it.catalog, { kind: 'cli', id: null, name: 'Ada', role: 'admin', databaseIds: null })).stale).toBe(true)
  const at = (seconds: number) => ({ webSecret: () => 'secret', baseUrl: null, clock: async () => later(seconds) })
  expect(await standIn(it.catalog, at(0))).toBe(false)
  expect(await standIn(it.catalog, at(70))).toBe(true)
  expect(await checkOf('workers')).toMatchObject({ status: 'critical', checked_at: later(70) })
})

test('a process that was held up for minutes after it asked for the time takes no clock for one that was set back', async () => {
  await addDatabase()
  await watchRound(it.catalog, start)
  await keepToClock(it.catalog, later(-300))
  expect(await checkOf('restorable_point')).toMatchObject({ status: 'critical', checked_at: start })
})

test('a restorable point of the time to come is neither fresh nor late', async () => {
  const database = await addDatabase()
  const storage = await insertStorage(it.catalog, { name: 'disk', kind: 'local', config: JSON.stringify({ path: '/mnt' }) })
  const add = async (at: Date, attempt: string) => {
    const id = randomUUID()
    const values = { id, name: attempt, path: attempt, database_id: database.id, tier: 'daily' as const, attempt, created_at: at, finished_at: at }
    await it.catalog.insertInto('backups').values(values).execute()
    await it.catalog
      .insertInto('copies')
      .values({ backup_id: id, storage_id: storage?.id ?? '', state: 'verified' })
      .execute()
  }
  await add(hours(-30), 'aaaaaaaa')
  await add(hours(2), 'bbbbbbbb')
  await watchRound(it.catalog, later(0))
  expect(await checkOf('restorable_point')).toMatchObject({ status: 'unknown', words: expect.stringContaining('yet to come') })
  await add(hours(-1), 'cccccccc')
  await watchRound(it.catalog, later(30))
  expect(await checkOf('restorable_point')).toMatchObject({ status: 'ok' })
})
