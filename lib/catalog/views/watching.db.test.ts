import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordChecks } from '#lib/catalog/checks.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { writeWatchState } from '#lib/catalog/watch-state.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { seenOfDatabase, seenOfInstallation } from '#lib/domain/watch/result.ts'
import { acknowledgeAlert, silenceAlert } from '#lib/operations/alerts.ts'
import { settleAlerts } from '#lib/watch/settle-alerts.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { listAlerts, readAlert } from './alerts.ts'
import { readCheckHistory, readChecks } from './checks.ts'
import { readWatch } from './watch.ts'

let it: TestCatalog
let shop: { id: string; name: string }
let other: { id: string; name: string }
beforeAll(async () => {
  it = await createTestCatalog()
  shop = await addDatabase('shop')
  other = await addDatabase('other')
})
afterAll(() => it.close())

const admin: Actor = { kind: 'cli', id: null, name: 'Ada', role: 'admin', databaseIds: null }
const limited = (): Actor => ({ ...admin, databaseIds: [other.id] })
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000)

async function addDatabase(name: string) {
  const row = await insertDatabase(it.catalog, { name, host: 'db', port: 5432, dbname: name, username: 'lifeboat' })
  if (row === null) throw new Error('it is there already')
  return { id: row.id, name }
}

test('a check that was not renewed in time is unknown, and so is what was never looked at; who sees one database sees its checks alone', async () => {
  expect(await readWatch(it.catalog, admin)).toMatchObject({ lastRoundAt: null, stale: true, channels: 0 })
  await recordChecks(it.catalog, ago(10), [seenOfDatabase('database_connections', shop, { status: 'ok', words: '3 of 100 are taken.', value: 0.03 })])
  await recordChecks(it.catalog, ago(0), [
    seenOfDatabase('database_reachable', shop, { status: 'critical', words: 'It does not answer.' }),
    seenOfDatabase('database_reachable', other, { status: 'ok', words: 'It answers.', value: 3 }),
    seenOfInstallation('workers', { status: 'ok', words: '1 worker is alive.', value: 1 }),
  ])
  const checks = await readChecks(it.catalog, admin)
  expect(checks.map((one) => [one.kind, one.subjectName, one.status, one.stale])).toEqual([
    ['database_reachable', 'other', 'ok', false],
    ['database_reachable', 'shop', 'critical', false],
    ['database_connections', 'shop', 'unknown', true],
    ['workers', '', 'ok', false],
  ])
  expect((await readChecks(it.catalog, limited())).map((one) => one.subjectName)).toEqual(['other'])
  await expect(readCheckHistory(it.catalog, limited(), { kind: 'database_reachable', subject: shop.id, hours: 1 })).rejects.toMatchObject({
    code: 'not_found',
  })
})

test('an alert tells what it means, what to do first and who comes next; a round that is long ago makes the whole unknown', async () => {
  await it.catalog.transaction().execute((trx) => settleAlerts(trx, new Date()))
  await it.catalog.insertInto('contacts').values({ level: 'devops', name: 'Grace', email: 'grace@example.com' }).execute()
  const { rows } = await listAlerts(it.catalog, admin, { state: 'open' })
  expect(rows).toMatchObject([
    { kind: 'database_reachable', state: 'open', severity: 'critical', database: shop, firstStep: { href: `/databases/${shop.id}` } },
  ])
  expect(await readAlert(it.catalog, admin, rows[0]?.id ?? '')).toMatchObject({
    runbook: { href: '/runbooks/database' },
    events: [{ kind: 'opened', words: 'It does not answer.' }],
    nextEscalation: { level: 'devops', names: ['Grace'] },
  })
  expect((await listAlerts(it.catalog, limited())).rows).toEqual([])
  await expect(readAlert(it.catalog, limited(), rows[0]?.id ?? '')).rejects.toMatchObject({ code: 'not_found' })
  await writeWatchState(it.catalog, { lastRoundAt: ago(1), runningSince: ago(60) })
  expect(await readWatch(it.catalog, admin)).toMatchObject({ stale: false, openCritical: 1, openWarning: 0, unknown: 1 })
  expect(await readWatch(it.catalog, limited())).toMatchObject({ openCritical: 0, unknown: 0 })
  await writeWatchState(it.catalog, { lastRoundAt: ago(4), runningSince: ago(60) })
  expect(await readWatch(it.catalog, admin)).toMatchObject({ stale: true })
})

test('of an alert that comes and goes for weeks the newest lines are shown, and how many there are before them', async () => {
  const { id } = (await listAlerts(it.catalog, admin, { state: 'open' })).rows[0] ?? { id: '' }
  expect(await readAlert(it.catalog, admin, id)).toMatchObject({ olderEvents: 0 })
  await sql`INSERT INTO alert_events (alert_id, at, kind, words) SELECT ${id}, now(), 'returned', n::text FROM generate_series(1, 450) AS n`.execute(
    it.catalog,
  )
  const { events, olderEvents } = await readAlert(it.catalog, admin, id)
  expect([events.length, olderEvents, events[0]?.words, events.at(-1)?.words]).toEqual([200, 251, '251', '450'])
  await sql`DELETE FROM alert_events WHERE alert_id = ${id} AND kind = 'returned'`.execute(it.catalog)
})

test('the history shows where nothing was looked at', async () => {
  for (const [minutes, value] of [
    [180, 5],
    [175, 6],
    [90, 7],
    [3, 8],
  ] as const) {
    await recordChecks(it.catalog, ago(minutes), [seenOfDatabase('database_replication', shop, { status: 'ok', words: 'They keep up.', value })])
  }
  const history = await readCheckHistory(it.catalog, admin, { kind: 'database_replication', subject: shop.id, hours: 24 })
  expect(history.points.map((one) => one.value)).toEqual([5, 6, 7, 8])
  const minutes = history.gaps.map((gap) => Math.round((Date.parse(gap.to) - Date.parse(gap.from)) / 60_000))
  expect(minutes).toEqual([85, 87])
})

test('who takes an alert on says what is done; who may not see it finds nothing, and what is over is not taken on', async () => {
  const [{ id } = { id: '' }] = (await listAlerts(it.catalog, admin, { state: 'open' })).rows
  const operator: Actor = { ...admin, role: 'operator', name: 'Grace' }
  await expect(acknowledgeAlert(it.catalog, { ...operator, databaseIds: [other.id] }, id, { note: 'x' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(acknowledgeAlert(it.catalog, { ...admin, role: 'viewer' }, id, { note: 'x' })).rejects.toMatchObject({ code: 'forbidden' })
  await acknowledgeAlert(it.catalog, operator, id, { note: 'The server is being restarted.' })
  await silenceAlert(it.catalog, operator, id, { minutes: 60, reason: 'known' })
  expect(await readAlert(it.catalog, admin, id)).toMatchObject({
    state: 'acknowledged',
    acknowledged: { name: 'Grace', note: 'The server is being restarted.' },
    silenced: { name: 'Grace', reason: 'known' },
    nextEscalation: null,
    events: [{ kind: 'opened' }, { kind: 'acknowledged', name: 'Grace' }, { kind: 'silenced' }],
  })
  await silenceAlert(it.catalog, operator, id, { minutes: 0, reason: '' })
  expect(await readAlert(it.catalog, admin, id)).toMatchObject({ silenced: null })
  await it.catalog.updateTable('alerts').set({ resolved_at: new Date() }).where('id', '=', id).execute()
  await expect(acknowledgeAlert(it.catalog, operator, id, { note: 'late' })).rejects.toMatchObject({ code: 'conflict' })
  const trail = await it.catalog.selectFrom('audit').select('action').orderBy('seq').execute()
  expect(trail.map((row) => row.action)).toEqual(['alert.acknowledge', 'alert.silence', 'alert.silence'])
})

test('a month of a check is thinned, but how long it had each status stays exact, and so do the gaps', async () => {
  await sql`DELETE FROM check_results WHERE kind = 'database_reachable' AND subject = ${shop.id}`.execute(it.catalog)
  await sql`INSERT INTO check_results (kind, subject, at, status, words, value)
    SELECT 'database_reachable', ${shop.id}, at, CASE WHEN n = 4000 THEN 'critical' ELSE 'ok' END, '', CASE WHEN n = 5000 THEN 900 ELSE n % 7 END
    FROM (SELECT n, now() - make_interval(mins => n * 5) AS at FROM generate_series(0, 9000) AS n) AS looks WHERE n NOT BETWEEN 6000 AND 6099`.execute(
    it.catalog,
  )
  const { points, gaps } = await readCheckHistory(it.catalog, admin, { kind: 'database_reachable', subject: shop.id, hours: 720 })
  expect(points.length).toBeLessThan(620)
  expect(Math.max(...points.map((one) => one.value ?? 0))).toBe(900)
  const bad = points.findIndex((one) => one.status === 'critical')
  expect(Date.parse(points[bad + 1]?.at ?? '') - Date.parse(points[bad]?.at ?? '')).toBe(300_000)
  expect(gaps.map((one) => (Date.parse(one.to) - Date.parse(one.from)) / 60_000)).toEqual([505])
  // what was before the period says how it began
  expect(Date.parse(points[0]?.at ?? '')).toBeLessThanOrEqual(Date.now() - 720 * 3_600_000)
})
