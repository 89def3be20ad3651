import { randomUUID } from 'node:crypto'
import { sql as catalogSql } from 'kysely'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { insertDatabase } from '#lib/catalog/databases.ts'
import type { Plan } from '#lib/domain/plan.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { lockTarget } from '#lib/engine/postgres/target-lock.ts'
import { onDatabase, withAdmin } from '#test/support/admin.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { type FullRequest, requestRestore } from './request.ts'

const sql = `
  CREATE ROLE clerk; CREATE ROLE keeper;
  CREATE EXTENSION pgcrypto;
  CREATE TABLE item (id serial PRIMARY KEY, name text);
  ALTER TABLE item OWNER TO keeper;
  GRANT SELECT ON item TO clerk;
  INSERT INTO item (name) SELECT 'item ' || i FROM generate_series(1, 3000) i;
`

let world: Operating
let other: Cluster
let otherId: string
let backupId: string
beforeAll(async () => {
  ;[world, other] = await Promise.all([startOperating(), startCluster()])
  const database = await world.addDatabase('shop', sql)
  await world.addStorage('only')
  const { host, port } = other
  const row = await insertDatabase(world.catalog, { name: 'elsewhere', host, port, dbname: 'postgres', username: 'postgres', ssl_mode: 'disable' })
  otherId = row?.id ?? ''
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, via: 'cli' }))
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  backupId = ended.backup_id ?? ''
})
afterAll(async () => {
  await world.close()
  await other.stop()
})

async function restore(targetDbname: string, how: Partial<FullRequest> = {}): Promise<OperationRow> {
  return world.operate(await requestRestore(world.catalog, admin, { backupId, targetDbname, via: 'cli', ...how }))
}

async function plan(targetDbname: string, how: Partial<FullRequest> = {}): Promise<Plan> {
  const ended = await restore(targetDbname, { dryRun: true, ...how })
  expect(ended.error).toBe(null)
  return (ended.result as { plan: Plan }).plan
}

const databasesOf = async (cluster: Cluster) =>
  (await cluster.query('postgres', 'SELECT datname FROM pg_database ORDER BY 1')).map((row) => row['datname'])

/** Everything that a write on a server would change: the shared catalogues, and what each database counted as written. */
async function writtenTo(cluster: Cluster): Promise<unknown> {
  const shared = `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS hash FROM (SELECT oid, * FROM`
  return [
    await cluster.query('postgres', `${shared} pg_authid) t`),
    await cluster.query('postgres', `${shared} pg_database) t`),
    await cluster.query('postgres', 'SELECT datname, tup_inserted, tup_updated, tup_deleted, temp_files FROM pg_stat_database ORDER BY 1'),
  ]
}

test('a dry run writes nothing: not on the source, not on the target, not in the storage', async () => {
  const database = await world.catalog.selectFrom('databases').select('id').where('name', '=', 'shop').executeTakeFirstOrThrow()
  await plan('first_look', { serverDatabaseId: otherId })
  const before = [await writtenTo(world.cluster), await writtenTo(other)]
  await plan('never', { serverDatabaseId: otherId, missingRoles: 'create' })
  await plan('never')
  const dump = await requestBackup(world.catalog, admin, { databaseId: database.id, dryRun: true, via: 'cli' })
  expect(await world.operate(dump)).toMatchObject({ error: null, result: { plan: { blocked: false } } })
  expect([await writtenTo(world.cluster), await writtenTo(other)]).toEqual(before)
})

test('roles that the target server lacks block the restore, are named, and nothing is created', async () => {
  const planned = await plan('blocked', { serverDatabaseId: otherId })
  expect(planned.blocked).toBe(true)
  const finding = planned.findings.find((one) => one.code === 'roles_missing')
  expect(finding?.message).toContain('clerk')
  expect(finding?.message).toContain('keeper')
  const before = await databasesOf(other)
  expect(await restore('blocked', { serverDatabaseId: otherId, force: true })).toMatchObject({ state: 'failed', error: { code: 'blocked' } })
  expect(await databasesOf(other)).toEqual(before)
})

test('leaving owners and privileges out is a loss that the result lists', async () => {
  const ended = await restore('no_grants', { serverDatabaseId: otherId, missingRoles: 'drop_grants' })
  expect([ended.state, ended.error]).toEqual(['succeeded_with_findings', null])
  expect(ended.result).toMatchObject({ restore: { outcome: 'completed_with_losses', rows: 3000, losses: [{ object: 'owners and privileges' }] } })
  expect(await other.query('no_grants', 'SELECT count(*)::int AS rows FROM item')).toEqual([{ rows: 3000 }])
})

test('roles can be created without a password, and then owners and privileges come back', async () => {
  const ended = await restore('with_roles', { serverDatabaseId: otherId, missingRoles: 'create' })
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const found = await other.query(
    'with_roles',
    `SELECT tableowner, has_table_privilege('clerk', 'item', 'SELECT') AS may, (SELECT bool_or(rolcanlogin) FROM pg_roles WHERE rolname IN ('clerk', 'keeper')) AS login
     FROM pg_tables WHERE tablename = 'item'`,
  )
  expect(found).toEqual([{ tableowner: 'keeper', may: true, login: false }])
  expect(await other.query('with_roles', `SELECT nextval('item_id_seq')::int AS next`)).toEqual([{ next: 3001 }])
})

test('the plan of the first restore has no evidence; the next one has the stages of the first', async () => {
  await world.catalog.deleteFrom('operations').where('kind', '=', 'restore').execute()
  expect(await plan('timed')).toMatchObject({ estimatedSeconds: null, estimateFrom: '' })
  const ended = await restore('timed')
  const stages = await world.catalog.selectFrom('restore_stages').selectAll().where('operation_id', '=', ended.id).execute()
  expect(stages.map((stage) => stage.stage).sort()).toEqual(['comparing', 'data', 'fetching', 'indexes', 'pre_data'])
  expect((await plan('timed_again')).estimatedSeconds).toBeGreaterThan(0)
})

test('a target that is not the server that was confirmed is refused before anything is created', async () => {
  const before = await databasesOf(world.cluster)
  const { host, port } = world.cluster
  const ended = await restore('moved', { fingerprint: { host, port, systemIdentifier: '1' } })
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'target_changed' } })
  expect(await databasesOf(world.cluster)).toEqual(before)
  const { target } = await plan('moved')
  const same = { host, port, systemIdentifier: target?.systemIdentifier ?? null }
  expect(await restore('moved', { fingerprint: same })).toMatchObject({ state: 'succeeded' })
})

test('a restore that is stopped while the server works drops only the database that it created', async () => {
  const before = await databasesOf(world.cluster)
  const stop = new AbortController()
  const requested = await requestRestore(world.catalog, admin, { backupId, targetDbname: 'stopped', via: 'cli' })
  const running = world.operate(requested, { shutdown: stop.signal })
  await expect.poll(() => databasesOf(world.cluster), { timeout: 20_000, interval: 5 }).toContain('stopped')
  stop.abort()
  expect(await running).toMatchObject({ state: 'interrupted', result: { restore: { outcome: 'failed' } } })
  expect(await databasesOf(world.cluster)).toEqual(before)
  const left = await world.cluster.query(
    'postgres',
    `SELECT count(*)::int AS backends FROM pg_stat_activity WHERE application_name LIKE 'lifeboat/%'`,
  )
  expect(left).toEqual([{ backends: 0 }])
})

test('a database whose creation the catalogue did not take down is dropped again', async () => {
  const before = await databasesOf(world.cluster)
  const { rows } = await catalogSql<{ name: string }>`SELECT current_database() AS name`.execute(world.catalog)
  const asOwner = (statement: string) =>
    withAdmin(onDatabase(inject('catalogServer').adminUrl, rows[0]?.name ?? ''), (owner) => owner.query(statement))
  await asOwner(`CREATE FUNCTION lifeboat.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$`)
  await asOwner(`CREATE TRIGGER refuse BEFORE UPDATE ON lifeboat.operations FOR EACH ROW
    WHEN (new.state = 'running' AND new.result IS NOT NULL) EXECUTE FUNCTION lifeboat.refuse()`)
  try {
    expect(await restore('unrecorded')).toMatchObject({ state: 'failed', result: { restore: { outcome: 'failed' } } })
  } finally {
    await asOwner('DROP FUNCTION lifeboat.refuse CASCADE')
  }
  expect(await databasesOf(world.cluster)).toEqual(before)
})

test('two restores into the same target: the second is refused while the first is open', async () => {
  const request = { backupId, targetDbname: 'twice', via: 'cli' as const }
  const first = await requestRestore(world.catalog, admin, request)
  await expect(requestRestore(world.catalog, admin, request)).rejects.toMatchObject({ code: 'conflict' })
  await expect(requestRestore(world.catalog, admin, { ...request, dryRun: true })).resolves.toMatchObject({ existing: false })
  expect(await world.operate(first)).toMatchObject({ state: 'succeeded' })
})

test('a restore that another Lifeboat has begun into the same name is told by the dry run, and refuses ours before anything is touched', async () => {
  const theirs = await lockTarget(world.cluster.connection('postgres', { applicationName: 'lifeboat/theirs/1' }), 'wanted')
  try {
    const planned = await plan('wanted')
    expect(planned.blocked).toBe(true)
    expect(planned.findings.find((one) => one.code === 'target_held')?.message).toContain('lifeboat/theirs/1')
    const before = await writtenTo(world.cluster)
    const refused = await restore('wanted', { force: true })
    expect(refused).toMatchObject({ state: 'failed', error: { code: 'conflict', message: expect.stringContaining('lifeboat/theirs/1') } })
    expect(await writtenTo(world.cluster)).toEqual(before)
    expect(await restore('wanted_too')).toMatchObject({ state: 'succeeded' })
  } finally {
    await theirs.release()
  }
  expect(await restore('wanted')).toMatchObject({ state: 'succeeded' })
  expect(await world.cluster.query('postgres', `SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([])
})

test('a restore that loses its lock on the way does not go on: it fails, and drops what it had created', async () => {
  const before = await databasesOf(world.cluster)
  const running = restore('not_alone')
  await expect.poll(() => databasesOf(world.cluster), { timeout: 20_000, interval: 5 }).toContain('not_alone')
  const ended = await world.cluster.query('postgres', `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`)
  expect(ended).toHaveLength(1)
  expect(await running).toMatchObject({ state: 'failed', error: { code: 'unreachable' }, result: { restore: { outcome: 'failed' } } })
  expect(await databasesOf(world.cluster)).toEqual(before)
})

test('names that would mean another database, and people who may not, are refused', async () => {
  const ask = (how: Partial<FullRequest>, actor = admin) => requestRestore(world.catalog, actor, { backupId, targetDbname: 'x', via: 'web', ...how })
  await expect(ask({ targetDbname: 'postgres' })).rejects.toMatchObject({ code: 'usage' })
  await expect(ask({ targetDbname: 'x'.repeat(64) })).rejects.toThrow()
  await expect(ask({ backupId: randomUUID() })).rejects.toMatchObject({ code: 'not_found' })
  await expect(ask({ serverDatabaseId: otherId }, { ...admin, role: 'operator' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(ask({}, { ...admin, role: 'viewer' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(ask({}, { ...admin, role: 'operator', databaseIds: [randomUUID()] })).rejects.toMatchObject({ code: 'not_found' })
})

test('a database that is there is never restored over; one that is gone comes back under its own name', async () => {
  const planned = await plan('shop')
  expect([planned.blocked, planned.findings.find((one) => one.severity === 'blocker')?.code]).toEqual([true, 'target_exists'])
  await world.cluster.query('postgres', 'DROP DATABASE shop WITH (FORCE)')
  expect(await restore('shop')).toMatchObject({ state: 'succeeded', result: { restore: { outcome: 'completed' } } })
  expect(await world.cluster.query('shop', 'SELECT count(*)::int AS rows FROM item')).toEqual([{ rows: 3000 }])
})
