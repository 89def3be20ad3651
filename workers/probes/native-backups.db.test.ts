import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { listNativeBackups } from '#lib/catalog/views/native-backups.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { useEnv } from '#lib/env.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type HttpSink, type SinkMood, startHttpSink } from '#test/support/http-sink.ts'
import { probeNativeBackups } from './native-backups.ts'

let it: TestCatalog
let sink: HttpSink
const ref = 'abcdefghijklmnopqrst'
beforeAll(async () => {
  sink = await startHttpSink()
  it = await createTestCatalog()
})
beforeEach(() => {
  useEnv({ SUPABASE_ACCESS_TOKEN: 'canary-token', SUPABASE_PROJECT_REF: ref, SUPABASE_API_URL: sink.url })
  sink.requests.length = 0
})
afterEach(() => useEnv({ SUPABASE_ACCESS_TOKEN: undefined, SUPABASE_PROJECT_REF: undefined, SUPABASE_API_URL: undefined }))
afterAll(async () => {
  await sink.close()
  await it.close()
})

const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000)
const body = (backups: unknown[], more: object = {}) =>
  JSON.stringify({ region: 'eu', walg_enabled: true, pitr_enabled: false, backups, physical_backup_data: {}, ...more })
const daily = (hours: number, status = 'COMPLETED', id = hours) => ({ id, is_physical_backup: true, status, inserted_at: ago(hours).toISOString() })

async function look(mood: SinkMood): Promise<{ status: string; words: string }> {
  sink.mood = mood
  await it.catalog.deleteFrom('probes').execute()
  await probeNativeBackups(it.catalog, AbortSignal.timeout(400))
  return it.catalog.selectFrom('checks').select(['status', 'words']).where('kind', '=', 'native_backups').executeTakeFirstOrThrow()
}

test('what Supabase keeps is asked with the token, kept, and shown for the database that it belongs to', async () => {
  expect(await look({ status: 200, body: body([daily(3), daily(27)]) })).toMatchObject({
    status: 'ok',
    words: expect.stringMatching(/^The newest recovery point at Supabase is 3 h/),
  })
  expect(sink.requests).toMatchObject([
    { method: 'GET', path: `/v1/projects/${ref}/database/backups`, headers: { authorization: 'Bearer canary-token' } },
  ])
  const database = await insertDatabase(it.catalog, {
    name: 'ours',
    host: `db.${ref}.supabase.co`,
    port: 5432,
    dbname: 'postgres',
    username: 'postgres',
  })
  const other = await insertDatabase(it.catalog, { name: 'other', host: 'db', port: 5432, dbname: 'd', username: 'u' })
  const admin: Actor = { kind: 'cli', id: null, name: 'Ada', role: 'admin', databaseIds: null }
  expect(await listNativeBackups(it.catalog, admin, { databaseId: database?.id })).toHaveLength(2)
  expect(await listNativeBackups(it.catalog, admin, { databaseId: other?.id })).toEqual([])
  expect(await listNativeBackups(it.catalog, { ...admin, databaseIds: [other?.id ?? ''] })).toEqual([])
})

test.each<[string, SinkMood, string, RegExp]>([
  ['an old one', { status: 200, body: body([daily(30)]) }, 'warning', /30 h|1 d/],
  ['none', { status: 200, body: body([]) }, 'warning', /keeps no backup/],
  ['a failed one after a whole one', { status: 200, body: body([daily(1, 'FAILED'), daily(20)]) }, 'warning', /^The last backup at Supabase failed/],
  [
    'recovery to a point in time that stopped',
    {
      status: 200,
      body: body([], { pitr_enabled: true, physical_backup_data: { latest_physical_backup_date_unix: Math.floor(ago(4).getTime() / 1000) } }),
    },
    'warning',
    /4 h/,
  ],
  ['a refused token', { status: 401, body: 'canary-token is wrong' }, 'warning', /refuses the access token \(401\)/],
  ['a pause that is asked for', { status: 429 }, 'unknown', /answered 429/],
  ['an answer that is no list', { status: 200, body: '{"message":"paused"}' }, 'unknown', /not a list of backups/],
  ['a moment that cannot be read', { status: 200, body: body([{ ...daily(1), inserted_at: 'soon' }]) }, 'unknown', /not a list of backups/],
  ['a moment that is yet to come', { status: 200, body: body([daily(-5), daily(3)]) }, 'unknown', /in the future/],
  ['something else', { status: 200, body: '<html>' }, 'unknown', /not a list of backups/],
  ['nothing', 'hang', 'unknown', /was not reached/],
])('%s', async (_what, mood, status, words) => {
  const seen = await look(mood)
  expect(seen).toMatchObject({ status, words: expect.stringMatching(words) })
  expect(seen.words).not.toContain('canary')
})

test('what nobody asks about any more is shown for a day, and then no more', async () => {
  await look({ status: 200, body: body([daily(3)]) })
  useEnv({ SUPABASE_ACCESS_TOKEN: undefined, SUPABASE_PROJECT_REF: undefined })
  const kept = async () => {
    await probeNativeBackups(it.catalog, AbortSignal.timeout(400))
    const checks = await it.catalog.selectFrom('checks').select('kind').where('kind', '=', 'native_backups').execute()
    return [checks.length, (await it.catalog.selectFrom('native_backups').select('id').execute()).length]
  }
  expect(await kept()).toEqual([1, 1])
  await it.catalog
    .updateTable('checks')
    .set({ checked_at: ago(25) })
    .where('kind', '=', 'native_backups')
    .execute()
  expect(await kept()).toEqual([0, 0])
})
