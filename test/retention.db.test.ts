import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readRetentionInput } from '#lib/catalog/retention-history.ts'
import type { KeptView, RetentionRuleView, RetentionView, SimulationView } from '#lib/domain/keeping-views.ts'
import type { Keep } from '#lib/domain/keep.ts'
import { planRetention } from '#lib/domain/retention/plan.ts'
import type { Tier } from '#lib/domain/states.ts'
import { ask, type Console, sender, startConsole } from './support/console-users.ts'

// it throws outside of Next's server build
vi.mock('server-only', () => ({}))

const { routes } = await import('../app/api/v1/routes.ts')
const send = sender(routes)

let web: Console
let admin: { id: string; cookie: string; email: string }
const billing = randomUUID()
const shop = randomUUID()
const near = randomUUID()
const far = randomUUID()
const days = (count: number): Keep => ({ unit: 'days', count })

/** A verified backup so many days old, 1000 bytes a copy. */
async function addBackup(databaseId: string, tier: Tier, daysAgo: number, storages = [near, far]): Promise<string> {
  const id = randomUUID()
  const at = sql<Date>`date_trunc('day', now()) - ${daysAgo}::int * interval '1 day'`
  const name = `backup_${tier}_${daysAgo}`
  await web.catalog
    .insertInto('backups')
    .values({ id, name, path: id, database_id: databaseId, tier, attempt: '00000000', created_at: at, finished_at: at, stored_bytes: 1000 })
    .execute()
  for (const storage_id of storages)
    await web.catalog.insertInto('copies').values({ backup_id: id, storage_id, state: 'verified', verified_at: at, stored_bytes: 1000 }).execute()
  return id
}

beforeAll(async () => {
  web = await startConsole()
  admin = await web.person('admin', 'admin@example.com')
  for (const [id, name] of [
    [billing, 'billing'],
    [shop, 'shop'],
  ] as const)
    await web.catalog
      .insertInto('databases')
      .values({ id, name, host: '127.0.0.1', port: 5432, dbname: name, username: 'u', ssl_mode: 'disable' })
      .execute()
  for (const [id, name] of [
    [near, 'near'],
    [far, 'far'],
  ] as const)
    await web.catalog
      .insertInto('storages')
      .values({ id, name, kind: 'local', config: JSON.stringify({ path: `/srv/${name}` }) })
      .execute()
  for (let day = 0; day < 20; day += 1) await addBackup(billing, 'daily', day)
})
afterAll(() => web.close())

const get = async <T>(path: string): Promise<T> => (await (await send('GET', path, { cookie: admin.cookie })).json()) as T
const keptOf = async (backupId: string): Promise<KeptView> => {
  const answer = await routes['/retention/kept']?.GET?.(ask('GET', `/api/v1/retention/kept?backupId=${backupId}`, { cookie: admin.cookie }))
  return (await answer?.json()) as KeptView
}
const put = (path: string, body: unknown) => send('PUT', path, { cookie: admin.cookie, body })
const setRule = async (body: Record<string, unknown>): Promise<RetentionRuleView> =>
  (await (await put('/retention/rules', { tier: 'daily', ...body })).json()) as RetentionRuleView
const drop = (path: string, id: string) => send('DELETE', path, { cookie: admin.cookie, params: { id } })
const simulate = async (body: unknown): Promise<SimulationView> =>
  (await (await send('POST', '/retention/simulate', { cookie: admin.cookie, body })).json()) as SimulationView
const everywhere = async (): Promise<RetentionRuleView | undefined> =>
  (await get<RetentionView>('/retention')).rules.find((rule) => rule.tier === 'daily' && rule.database === null && rule.storage === null)
/** How many copies a run would delete now. */
const going = async (): Promise<number> => planRetention(await readRetentionInput(web.catalog)).deletions.length

test('an empty rule, a rule of nothing and an empty set of rules are refused, and the rule for everything cannot be taken away', async () => {
  for (const keep of [days(0), { unit: 'days' }, null, {}, { unit: 'hours', count: 5 }, days(1.5), days(-30)])
    expect((await put('/retention/rules', { tier: 'daily', keep })).status).toBe(400)
  expect((await send('POST', '/retention/simulate', { cookie: admin.cookie, body: { rules: [] } })).status).toBe(400)
  for (const settings of [{ shrinkDelayHours: 0 }, { deletionsPerRun: 0 }, { unlookedDays: 0 }, { safetyDays: 0 }])
    expect((await put('/retention/settings', settings)).status).toBe(400)
  const refused = await drop('/retention/rules/{id}', (await everywhere())?.id ?? '')
  expect(refused.status).toBe(409)
  expect((await get<RetentionView>('/retention')).rules).toHaveLength(3)
})

test('from 30 days to 1: what will go is shown, nothing goes for 72 hours by the catalogue’s clock, and it can be withdrawn', async () => {
  const tried = await simulate({ rules: [{ tier: 'daily', keep: days(1) }] })
  expect(tried.totals).toEqual({ kept: 2, deleted: 38, waiting: 0, freedBytes: 38_000 })
  expect(tried.storages.map(({ name, deleted, freedBytes }) => ({ name, deleted, freedBytes }))).toEqual([
    { name: 'far', deleted: 19, freedBytes: 19_000 },
    { name: 'near', deleted: 19, freedBytes: 19_000 },
  ])
  expect(tried.backups).toHaveLength(20)
  expect(tried.backups[19]).toMatchObject({ now: { action: 'keep' }, tried: { action: 'delete', words: 'goes by rule: past daily, 1 day' } })
  const rule = await setRule({ keep: days(1) })
  expect(rule).toMatchObject({ keep: days(30), pending: { keep: days(1) } })
  const hours = (Date.parse(rule.pending?.from ?? '') - Date.parse(tried.at)) / 3_600_000
  expect(Math.round(hours)).toBe(72)
  expect(Math.round((Date.parse(tried.actsFrom ?? '') - Date.parse(tried.at)) / 3_600_000)).toBe(72)
  expect(await going()).toBe(0)
  expect(await setRule({ keep: days(30) })).toMatchObject({ keep: days(30), pending: null })
  expect(await going()).toBe(0)
})

test('a shorter rule that has waited its time acts, the oldest first and no more than one run may', async () => {
  await setRule({ keep: days(5) })
  await put('/retention/settings', { deletionsPerRun: 12 })
  await sql`update retention_rules set pending = jsonb_set(pending, '{from}', to_jsonb(now() - interval '2 days')) where pending is not null`.execute(
    web.catalog,
  )
  expect(await everywhere()).toMatchObject({ keep: days(5), pending: null })
  const plan = planRetention(await readRetentionInput(web.catalog))
  expect(plan.deletions).toHaveLength(12)
  expect(plan.copies.filter((fate) => fate.action === 'wait')).toHaveLength(18)
  expect(plan.copies.filter((fate) => fate.action === 'keep')).toHaveLength(10)
  expect(Math.max(...plan.deletions.map((fate) => fate.createdAt.getTime()))).toBeLessThan(
    Math.min(...plan.copies.filter((fate) => fate.action === 'keep').map((fate) => fate.createdAt.getTime())),
  )
  await put('/retention/settings', { deletionsPerRun: 200 })
})

test('a longer rule acts at once', async () => {
  expect(await setRule({ keep: days(30) })).toMatchObject({ keep: days(30), pending: null, changedName: 'admin@example.com' })
  expect(await going()).toBe(0)
})

test('the most precise rule decides, and to take away one that keeps longer waits too', async () => {
  await setRule({ keep: days(3), storageId: near })
  expect(
    (
      await simulate({
        rules: [
          { tier: 'daily', keep: days(30) },
          { tier: 'daily', keep: days(3), storageId: near },
        ],
      })
    ).storages,
  ).toMatchObject([
    { name: 'far', deleted: 0, kept: 20 },
    { name: 'near', deleted: 17, kept: 3 },
  ])
  const longer = await setRule({ keep: days(60), databaseId: billing, storageId: near })
  expect(longer.pending).toBeNull()
  const removed = await drop('/retention/rules/{id}', longer.id)
  expect(await removed.json()).toMatchObject({ removed: false, from: expect.any(String) })
  expect((await get<RetentionView>('/retention')).rules.find((rule) => rule.id === longer.id)).toMatchObject({
    keep: days(60),
    pending: { keep: null },
  })
  const shorter = (await get<RetentionView>('/retention')).rules.find((rule) => rule.storage?.id === near && rule.database === null)
  expect(shorter).toMatchObject({ keep: days(30), pending: { keep: days(3) } })
  expect(await (await drop('/retention/rules/{id}', shorter?.id ?? '')).json()).toMatchObject({ removed: true })
  expect((await put('/retention/rules', { tier: 'daily', keep: days(9), databaseId: randomUUID() })).status).toBe(404)
})

test('a database that was taken off the list keeps its rule as long: to take that away waits, and can be withdrawn', async () => {
  // without a copy nothing hangs on a rule
  for (const [id, removed] of [
    [billing, false],
    [shop, true],
  ] as const) {
    const rule = await setRule({ keep: days(365), databaseId: id })
    expect(rule.pending).toBeNull()
    await web.catalog.updateTable('databases').set({ removed_at: sql<Date>`now()` }).where('id', '=', id).execute()
    expect(await (await drop('/retention/rules/{id}', rule.id)).json()).toMatchObject({ removed })
    if (removed) continue
    expect(await setRule({ keep: days(365), databaseId: id })).toMatchObject({ id: rule.id, pending: null })
    expect(await setRule({ keep: days(1), databaseId: id })).toMatchObject({
      id: rule.id,
      keep: days(365),
      pending: { keep: days(1) },
    })
    expect(await going()).toBe(0)
    await web.catalog.deleteFrom('retention_rules').where('id', '=', rule.id).execute()
  }
  expect((await put('/retention/rules', { tier: 'daily', keep: days(9), databaseId: shop })).status).toBe(404)
  await web.catalog.updateTable('databases').set({ removed_at: null }).execute()
})

test('a duty goes on for a database that lost its tag until the delay is over, and the tag, set again, takes that back', async () => {
  const tagged = (tags: string[]) => send('PATCH', '/databases/{id}', { cookie: admin.cookie, params: { id: shop }, body: { tags } })
  expect((await tagged(['financial'])).status).toBe(200)
  const old = await addBackup(shop, 'monthly', 700, [near])
  for (let month = 0; month < 13; month += 1) await addBackup(shop, 'monthly', month * 31, [near])
  expect(await going()).toBe(0)
  expect((await tagged([])).status).toBe(200)
  expect(await going()).toBe(0)
  expect((await keptOf(old)).words).toMatch(/^kept until \d+ \w+ 20\d\d by SOX, 7 years$/)
  // as if it had been two days longer ago than the delay
  await sql`update settings set value = jsonb_set(value, '{0,endsAt}', to_jsonb(now() - interval '2 days')) where key like 'ending_tags/%'`.execute(
    web.catalog,
  )
  expect((await keptOf(old)).words).toBe('goes by rule: past monthly, 12 months')
  expect((await tagged(['financial'])).status).toBe(200)
  expect((await tagged(['financial', 'other'])).status).toBe(200)
  expect(await going()).toBe(0)
  expect(await web.catalog.selectFrom('settings').select('key').where('key', 'like', 'ending_tags/%').execute()).toEqual([])
  await web.catalog.deleteFrom('backups').where('database_id', '=', shop).execute()
  await web.catalog.updateTable('databases').set({ tags: [] }).where('id', '=', shop).execute()
})

test('a rule that contradicts a duty, and a duty that no schedule meets, are said; the duty keeps, also for a time after it was taken away', async () => {
  await web.catalog
    .updateTable('databases')
    .set({ tags: ['financial'] })
    .where('id', '=', billing)
    .execute()
  const old = await addBackup(billing, 'monthly', 700, [near])
  for (const day of [1, 40, 80]) await addBackup(billing, 'monthly', day, [near])
  await sql`update retention_rules set keep = '{"unit": "months", "count": 2}' where tier = 'monthly'`.execute(web.catalog)
  const view = await get<RetentionView>('/retention')
  expect(view.findings.map((one) => one.code)).toEqual(['duty_contradicts_rule', 'duty_unmet'])
  expect(view.duties).toMatchObject([{ name: 'SOX', databases: [{ name: 'billing' }], endsAt: null }])
  const kept = await keptOf(old)
  expect(kept.words).toMatch(/^kept until \d+ \w+ 20\d\d by SOX, 7 years$/)
  const detail = (await (await send('GET', '/backups/{id}', { cookie: admin.cookie, params: { id: old } })).json()) as { kept: KeptView }
  expect(detail.kept).toEqual(kept)
  const list = (databaseId: string) =>
    routes['/databases/{id}/kept']?.GET?.(
      ask('GET', `/api/v1/databases/${databaseId}/kept?backupIds=${old},${randomUUID()}`, { cookie: admin.cookie }),
      { params: Promise.resolve({ id: databaseId }) },
    )
  expect(await (await list(billing))?.json()).toEqual([{ backupId: old, words: kept.words, until: kept.until }])
  expect(await (await list(shop))?.json()).toEqual([])
  const months = { unit: 'months', count: 3 } as const
  expect((await simulate({ rules: [{ tier: 'monthly', keep: months }] })).dutiesBroken.map((one) => one.code)).toEqual(['duty_contradicts_rule'])
  const sox = view.duties[0]?.id ?? ''
  expect(await (await drop('/retention/duties/{id}', sox)).json()).toMatchObject({ endsAt: expect.any(String) })
  const again = { name: 'SOX', tag: 'financial', tier: 'monthly', keep: { unit: 'years', count: 7 } }
  expect(await (await send('POST', '/retention/duties', { cookie: admin.cookie, body: again })).json()).toMatchObject({ id: sox, endsAt: null })
  expect((await send('POST', '/retention/duties', { cookie: admin.cookie, body: again })).status).toBe(409)
  await drop('/retention/duties/{id}', sox)
  expect(await going()).toBe(0)
  await web.catalog.updateTable('retention_duties').set({ removed_at: sql<Date>`now() - interval '2 days'` }).execute()
  expect(await going()).toBe(2)
  expect((await keptOf(old)).words).toBe('goes by rule: past monthly, 2 months')
})

test('after a rebuild deleting is paused until an admin ends it; the trail says what would have gone', async () => {
  const value = JSON.stringify({ since: new Date().toISOString(), operationId: null, reason: 'catalogue rebuilt from a storage' })
  await web.catalog.insertInto('settings').values({ key: 'pruning_paused', value }).execute()
  expect((await get<RetentionView>('/retention')).paused).toMatchObject({ reason: 'catalogue rebuilt from a storage' })
  const resume = () => send('POST', '/retention/resume', { cookie: admin.cookie })
  expect(await (await resume()).json()).toMatchObject({ paused: null })
  expect((await resume()).status).toBe(409)
  const rows = await web.catalog.selectFrom('audit').select(['action', 'detail']).where('action', 'like', 'retention%').orderBy('seq').execute()
  expect(rows.at(-1)).toMatchObject({ action: 'retention.resume', detail: { wouldDelete: 2, bytes: 2000 } })
  expect(new Set(rows.map((row) => row.action))).toEqual(
    new Set(['retention.rule', 'retention.settings', 'retention.rule_removed', 'retention.duty', 'retention.duty_removed', 'retention.resume']),
  )
})
