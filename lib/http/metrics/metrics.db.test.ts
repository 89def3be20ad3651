import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordChecks } from '#lib/catalog/checks.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { writeWatchState } from '#lib/catalog/watch-state.ts'
import { seenOfDatabase } from '#lib/domain/watch/result.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { metricsText } from './metrics-text.ts'

let it: TestCatalog
let lines: string[]
const at = new Date('2026-03-10T12:00:00Z')
beforeAll(async () => {
  it = await createTestCatalog()
  const named = async (name: string) => {
    const row = await insertDatabase(it.catalog, { name, host: 'db', port: 5432, dbname: 'd', username: 'u' })
    return { id: row?.id ?? '', name }
  }
  const shop = await named('shop "north"\\')
  await named('empty')
  const storageId = '6b1f0a52-1111-4111-8111-000000000001'
  await insertStorage(it.catalog, {
    id: storageId,
    name: 'disk',
    kind: 'local',
    config: JSON.stringify({ path: '/b' }),
    total_bytes: 100,
    free_bytes: 40,
  })
  const id = '6b1f0a52-1111-4111-8111-000000000002'
  const times = { created_at: at, finished_at: new Date(at.getTime() + 90_000), verified_at: at }
  const backup = { id, name: 'b', path: 'p', database_id: shop.id, tier: 'daily' as const, attempt: '00000000', stored_bytes: 7, raw_bytes: 9 }
  await it.catalog
    .insertInto('backups')
    .values({ ...backup, ...times })
    .execute()
  await it.catalog.insertInto('copies').values({ backup_id: id, storage_id: storageId, state: 'verified', verified_at: at }).execute()
  await recordChecks(it.catalog, new Date(), [seenOfDatabase('database_connections', shop, { status: 'warning', words: 'Many.', value: 0.8 })])
  await recordChecks(it.catalog, at, [seenOfDatabase('database_reachable', shop, { status: 'ok', words: 'It answers.', value: 4 })])
  await it.catalog
    .insertInto('channels')
    .values({ name: 'hook', kind: 'webhook', config: JSON.stringify({ host: 'x' }), last_tried_at: at, failing_since: at })
    .execute()
  await writeWatchState(it.catalog, { lastRoundAt: at, runningSince: at })
  lines = (await metricsText(it.catalog)).text.split('\n')
})
afterAll(() => it.close())

const of = (name: string) => lines.filter((line) => line.startsWith(`lifeboat_${name}{`) || line.startsWith(`lifeboat_${name} `))
const north = 'database="shop \\"north\\"\\\\"'

test('when each database was last safe is told, and what never was has no sample', () => {
  const seconds = at.getTime() / 1_000
  expect(of('restorable_point_timestamp_seconds')).toEqual([`lifeboat_restorable_point_timestamp_seconds{${north}} ${seconds}`])
  expect(of('last_verified_timestamp_seconds')).toEqual([`lifeboat_last_verified_timestamp_seconds{${north}} ${seconds}`])
  expect(of('last_proven_timestamp_seconds')).toEqual([])
  expect(of('restorable_point_objective_seconds')).toHaveLength(2)
  expect(of('backup_last_duration_seconds')).toEqual([`lifeboat_backup_last_duration_seconds{${north},tier="daily"} 90`])
  expect(of('backup_last_stored_bytes')).toEqual([`lifeboat_backup_last_stored_bytes{${north},tier="daily"} 7`])
})

test('what is dated ahead, since the clock was set back, is no restorable point of now: the age is that of the one before it, or absent', async () => {
  const ahead = new Date(Date.now() + 3_600_000)
  const databases = await it.catalog.selectFrom('databases').select(['id', 'name']).orderBy('name').execute()
  const ids = ['6b1f0a52-1111-4111-8111-000000000003', '6b1f0a52-1111-4111-8111-000000000004']
  for (const [index, { id: database_id }] of databases.entries()) {
    const backup = { id: ids[index] ?? '', name: 'ahead', path: `ahead ${index}`, database_id, tier: 'daily' as const, attempt: '00000001' }
    await it.catalog
      .insertInto('backups')
      .values({ ...backup, created_at: ahead, finished_at: ahead, verified_at: ahead, proven_at: ahead })
      .execute()
  }
  const before = of('restorable_point_timestamp_seconds')
  const kept = lines
  lines = (await metricsText(it.catalog)).text.split('\n')
  expect(before).toHaveLength(1)
  expect(of('restorable_point_timestamp_seconds')).toEqual(before)
  const [age, ...others] = of('restorable_point_age_seconds')
  expect([Number(age?.split(' ').at(-1)) > 0, others]).toEqual([true, []])
  expect(of('last_verified_timestamp_seconds')).toEqual([`lifeboat_last_verified_timestamp_seconds{${north}} ${at.getTime() / 1_000}`])
  expect(of('last_proven_timestamp_seconds')).toEqual([])
  expect(of('backup_last_success_timestamp_seconds')).toHaveLength(1)
  await it.catalog.deleteFrom('backups').where('name', '=', 'ahead').execute()
  lines = kept
})

test('a check that was not made in time is unknown, and its number is not told', () => {
  const status = (kind: string) => of('check_status').filter((line) => line.includes(`kind="${kind}"`) && line.endsWith(' 1'))
  expect(status('database_connections')).toEqual([expect.stringContaining('status="warning"')])
  expect(status('database_reachable')).toEqual([expect.stringContaining('status="unknown"')])
  expect(of('check_value')).toEqual([expect.stringContaining('database_connections')])
  expect(of('alerts_open')).toHaveLength(4)
  expect(of('channel_works')).toEqual(['lifeboat_channel_works{channel="hook"} 0'])
  expect(of('watch_round_timestamp_seconds')).toEqual([`lifeboat_watch_round_timestamp_seconds ${at.getTime() / 1_000}`])
})

test('every metric that the rules and the page name is there, and none is there that the page does not name', () => {
  const there = new Set(lines.flatMap((line) => /^# TYPE (\S+) /.exec(line)?.[1] ?? []))
  const named = (file: string) => new Set(readFileSync(file, 'utf8').match(/lifeboat_[a-z_]+/g) ?? [])
  for (const name of named('docs/monitoring/lifeboat-rules.yml')) expect(there, name).toContain(name)
  expect([...named('docs/monitoring.md')].toSorted()).toEqual([...there].toSorted())
})
