import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { takeSafety } from '#test/support/behind-safety.ts'
import { randomKills, runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { requestBackup } from '../../backup/request.ts'
import { requestRestore, type TableRequest } from '../request.ts'
import type { TableRestoreResult } from './report.ts'

const sql = `
  CREATE TABLE customer (id int PRIMARY KEY, name text);
  CREATE TABLE sale (id serial PRIMARY KEY, customer int REFERENCES customer, note text);
  CREATE INDEX sale_note ON sale (note);
  CREATE TABLE big (filler text); INSERT INTO big SELECT repeat(md5(n::text), 40) FROM generate_series(1, 4000) n;
  INSERT INTO customer SELECT n, 'c' || n FROM generate_series(1, 20) n;
  INSERT INTO sale (customer, note) SELECT 1 + n % 20, md5(n::text) FROM generate_series(1, 1000) n;
  CREATE VIEW notes AS SELECT note FROM sale;
  CREATE TABLE event (at int NOT NULL, what text, PRIMARY KEY (at)) PARTITION BY RANGE (at);
  CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (100); CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (100) TO (300);
  INSERT INTO event SELECT n, 'e' || n FROM generate_series(1, 250) n;
`
let world: Operating
let backupId: string
let databaseId: string
beforeAll(async () => {
  world = await startOperating()
  databaseId = (await world.addDatabase('shop', sql)).id
  await world.addStorage('only')
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId, via: 'cli' }))
  backupId = ended.backup_id ?? ''
  await world.cluster.query('postgres', 'ALTER DATABASE shop RENAME TO shop_template')
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.cluster.query('postgres', 'DROP DATABASE IF EXISTS shop WITH (FORCE)')
  await world.cluster.query('postgres', 'CREATE DATABASE shop TEMPLATE shop_template')
  await world.cluster.query(
    'shop',
    `DELETE FROM sale WHERE id > 900; UPDATE sale SET note = 'changed' WHERE id <= 10; INSERT INTO sale VALUES (5000, 1, 'new')`,
  )
})

const query = (statement: string) => world.cluster.query('shop', statement)
async function ask(how: Partial<TableRequest> = {}): Promise<{ id: string }> {
  const request: TableRequest = { backupId, scope: 'table', schema: 'public', table: 'sale', via: 'cli', confirmation: 'shop', ...how }
  return takeSafety(world, await requestRestore(world.catalog, admin, request))
}
async function restore(how: Partial<TableRequest> = {}): Promise<OperationRow> {
  return world.operate(await ask(how))
}
async function plan(how: Partial<TableRequest> = {}): Promise<Plan> {
  const ended = await restore({ dryRun: true, ...how })
  expect(ended.error).toBe(null)
  return (ended.result as { plan: Plan }).plan
}
const resultOf = (row: OperationRow) => (row.result as { restore: TableRestoreResult }).restore
const sales = async () => (await query('SELECT count(*)::int AS rows, md5(string_agg(s::text, $$,$$ ORDER BY id)) AS hash FROM sale s'))[0]
const tables = async () =>
  (await query(`SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`)).map((one) => one['relname'])
/** What a write would change: the catalogues and what was counted as written. */
const written = async () => [
  await tables(),
  await world.cluster.query('postgres', `SELECT tup_inserted, tup_updated, tup_deleted, temp_files FROM pg_stat_database WHERE datname = 'shop'`),
  await query(`SELECT md5(string_agg(c::text, ',' ORDER BY c.oid)) AS hash FROM pg_class c WHERE relnamespace = 'public'::regnamespace`),
]

test('beside: the table comes back under a name of its own, whole, and the live one stays; only its entry and the table of contents are read', async () => {
  const before = await sales()
  const planned = await plan()
  expect(planned).toMatchObject({ blocked: false, safety: null, tables: [{ table: 'sale', rows: 1000, action: 'beside' }] })
  expect(planned.dependencies.map((one) => one.object)).toContain('foreign key sale sale_customer_fkey')
  const ended = await restore({ fingerprint: planned.target })
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const { table, outcome } = resultOf(ended)
  expect([outcome, ended.result?.tables]).toEqual(['completed', [{ schema: 'public', table: 'sale', rows: 1000, verdict: 'same' }]])
  expect(await query(`SELECT count(*)::int AS rows, max(id) AS last FROM "${table.name}"`)).toEqual([{ rows: 1000, last: 1000 }])
  expect(await sales()).toEqual(before)
  const entries = await world.catalog.selectFrom('backup_tables').select(['kind', 'name', 'stored_bytes']).where('backup_id', '=', backupId).execute()
  const bytesOf = (name: string) => entries.find((one) => one.name === name || (one.name === null && one.kind === name))?.stored_bytes ?? 0
  const { bytes } = await world.catalog
    .selectFrom('restore_stages')
    .select('bytes')
    .where('operation_id', '=', ended.id)
    .where('stage', '=', 'fetching')
    .executeTakeFirstOrThrow()
  // key and manifest come on top
  expect(bytes).toBeGreaterThan(bytesOf('sale'))
  expect(bytes).toBeLessThan(bytesOf('sale') + bytesOf('toc') + 20_000)
  expect(bytesOf('big')).toBeGreaterThan(50_000)
})

test('a dry run of either way writes nothing', async () => {
  await plan()
  await plan({ way: 'replace' })
  const before = await written()
  await plan()
  const planned = await plan({ way: 'replace' })
  expect(await written()).toEqual(before)
  expect(planned.rows).toMatchObject({ onlyBackup: 100, onlyLive: 1, different: 10, same: 890, key: ['id'] })
  expect(planned.safety).toMatchObject({ database: 'shop', storages: ['only'] })
  expect(planned.dependencies.length).toBeGreaterThan(0)
})

test('replace: the live table holds the backup’s rows, behind a verified safety backup; or only what was missing or changed', async () => {
  const template = (
    await world.cluster.query('shop_template', 'SELECT count(*)::int AS rows, md5(string_agg(s::text, $$,$$ ORDER BY id)) AS hash FROM sale s')
  )[0]
  const missing = await restore({ way: 'replace', rows: 'missing' })
  expect([missing.state, resultOf(missing).rowsWritten]).toEqual(['succeeded', { inserted: 100, updated: 0, skipped: 0, before: null }])
  const changed = await restore({ way: 'replace', rows: 'changed' })
  expect(resultOf(changed)).toMatchObject({ outcome: 'completed', rowsWritten: { inserted: 0, updated: 10 } })
  expect(await query('SELECT count(*)::int AS rows FROM sale')).toEqual([{ rows: 1001 }])
  const planned = await plan({ way: 'replace' })
  const ended = await restore({ way: 'replace', fingerprint: planned.target })
  expect([ended.state, ended.error, resultOf(ended).rowsWritten?.before]).toEqual(['succeeded', null, 1001])
  expect(resultOf(ended).safetyBackupId).toMatch(/^[0-9a-f-]{36}$/)
  expect(await sales()).toEqual(template)
  expect(await query('SELECT count(*)::int AS rows FROM notes')).toEqual([{ rows: 1000 }])
})

test('nothing is enqueued without the target’s typed name, for a table that the backup has not, or by who may not', async () => {
  const ask = (how: Partial<TableRequest>, actor = admin) =>
    requestRestore(world.catalog, actor, { backupId, scope: 'table', schema: 'public', table: 'sale', way: 'replace', via: 'web', ...how })
  await expect(ask({})).rejects.toMatchObject({ code: 'usage' })
  await expect(ask({ confirmation: 'shopp' })).rejects.toMatchObject({ code: 'usage' })
  await expect(ask({ table: 'sales', confirmation: 'shop' })).rejects.toMatchObject({ code: 'not_found' })
  await expect(ask({ confirmation: 'shop' }, { ...admin, role: 'operator' })).rejects.toMatchObject({ code: 'forbidden' })
})

test('a partitioned table comes back beside as one table with the rows of all its partitions; one that is nowhere is said not to be there', async () => {
  await query('DELETE FROM event')
  const planned = await plan({ table: 'event' })
  expect(planned).toMatchObject({ blocked: false, tables: [{ table: 'event', rows: 250 }] })
  expect(planned.steps[0]).toContain('3 entries')
  const ended = await restore({ table: 'event', fingerprint: planned.target })
  expect([ended.state, ended.error, resultOf(ended).rows]).toEqual(['succeeded', null, 250])
  const name = `"${resultOf(ended).table.name}"`
  expect(await query(`SELECT count(*)::int AS rows, max(at) AS last FROM ${name}`)).toEqual([{ rows: 250, last: 250 }])
  expect(
    await query(`SELECT conname LIKE 'event_pkey_restored_%' AS named FROM pg_constraint WHERE conrelid = '${name}'::regclass AND contype = 'p'`),
  ).toEqual([{ named: true }])
  expect(await query('SELECT count(*)::int AS rows FROM event')).toEqual([{ rows: 0 }])
  expect(await restore({ table: 'nowhere' })).toMatchObject({ state: 'failed', error: { code: 'not_found' } })
})

test('a database that was made anew since the dry run is another one: refused, and nothing is touched', async () => {
  const planned = await plan({ way: 'beside' })
  await world.cluster.query('postgres', 'DROP DATABASE shop WITH (FORCE)')
  await world.cluster.query('postgres', 'CREATE DATABASE shop TEMPLATE shop_template')
  const before = await tables()
  expect(await restore({ fingerprint: planned.target })).toMatchObject({ state: 'failed', error: { code: 'target_changed' } })
  expect(await tables()).toEqual(before)
})

test('a table whose rows other tables need is not replaced by fewer: the plan counts the rows that would be left alone', async () => {
  await query(`INSERT INTO customer VALUES (99, 'new'); INSERT INTO sale VALUES (6000, 99, 'theirs')`)
  const planned = await plan({ table: 'customer', way: 'replace' })
  expect(planned.blocked).toBe(true)
  expect(
    planned.findings
      .filter((one) => one.severity === 'blocker')
      .map((one) => one.message)
      .join(),
  ).toMatch(/\b1 row/)
  const ended = await restore({ table: 'customer', way: 'replace' })
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'blocked' } })
  expect(await query('SELECT count(*)::int AS rows FROM customer')).toEqual([{ rows: 21 }])
})

// a replace that is killed: killed.db.test.ts
test('killed at any point: the table is untouched or whole, and the operation says which', async () => {
  const before = await sales()
  const beside = async () => (await tables()).filter((name) => String(name).includes('_restored_'))
  for (const failPoint of ['table.loaded', 'table.before_commit', 'table.committed']) {
    const { killed, ended } = await runAndKill(world, await ask(), { failPoint })
    expect([failPoint, killed, ended.state]).toEqual([failPoint, true, 'interrupted'])
    const committed = failPoint === 'table.committed'
    expect([failPoint, resultOf(ended).outcome]).toEqual([failPoint, committed ? 'completed' : 'failed'])
    expect([failPoint, await sales(), (await beside()).length]).toEqual([failPoint, before, committed ? 1 : 0])
  }
  const usual = await runAndKill(world, await ask(), { afterMs: 60_000 })
  const { seed, moments } = randomKills('one table beside')
  for (const moment of moments) {
    const held = (await beside()).length
    const { ended } = await runAndKill(world, await ask(), { afterMs: moment * usual.seconds * 1000 })
    const outcome = resultOf(ended).outcome
    const where = `seed ${seed}, killed at ${moment}`
    expect([where, await sales(), (await beside()).length]).toEqual([where, before, held + (outcome === 'failed' ? 0 : 1)])
  }
}, 3_600_000)
