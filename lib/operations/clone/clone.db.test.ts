import { execFile } from 'node:child_process'
import { chown, mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { lockTarget } from '#lib/engine/postgres/target-lock.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { eventually } from '#test/support/eventually.ts'
import { randomKills, runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { type CloneRequest, requestClone } from './request.ts'

const run = promisify(execFile)
const sql = `
  CREATE ROLE clerk; CREATE ROLE keeper;
  CREATE EXTENSION pgcrypto;
  CREATE TABLE item (id serial PRIMARY KEY, name text);
  ALTER TABLE item OWNER TO keeper;
  GRANT SELECT ON item TO clerk;
  INSERT INTO item (name) SELECT 'item ' || i FROM generate_series(1, 20000) i;
  CREATE TABLE state (s varchar CHECK (s IN ('open', 'paid')));
  INSERT INTO state VALUES ('open'), ('paid');
  CREATE MATERIALIZED VIEW items AS SELECT count(*) AS n FROM item;
  SELECT lo_from_bytea(0, 'a large object');
  ALTER DATABASE shop SET work_mem = '7MB'; COMMENT ON DATABASE shop IS 'the shop'; ALTER DATABASE shop OWNER TO keeper;
`

let world: Operating
let other: Cluster
let shopId: string
let otherId: string
beforeAll(async () => {
  ;[world, other] = await Promise.all([startOperating(), startCluster()])
  shopId = (await world.addDatabase('shop', sql)).id
  const { host, port } = other
  const row = await insertDatabase(world.catalog, { name: 'elsewhere', host, port, dbname: 'postgres', username: 'postgres', ssl_mode: 'disable' })
  otherId = row?.id ?? ''
})
afterAll(async () => {
  await world.close()
  await other.stop()
})

const request = (targetDbname: string, how: Partial<CloneRequest> = {}) =>
  requestClone(world.catalog, admin, { databaseId: shopId, targetDbname, via: 'cli', ...how })
const clone = async (targetDbname: string, how: Partial<CloneRequest> = {}): Promise<OperationRow> => world.operate(await request(targetDbname, how))

async function plan(targetDbname: string, how: Partial<CloneRequest> = {}): Promise<Plan> {
  const ended = await clone(targetDbname, { dryRun: true, ...how })
  expect(ended.error).toBe(null)
  return (ended.result as { plan: Plan }).plan
}
const codesOf = (found: Plan, severity: string) => found.findings.filter((one) => one.severity === severity).map((one) => one.code)
const databasesOf = async (cluster: Cluster) =>
  (await cluster.query('postgres', 'SELECT datname FROM pg_database ORDER BY 1')).map((row) => row['datname'])

test('a clone needs no storage and no backup: it comes back complete, on the same server and on another', async () => {
  const here = await clone('shop_again')
  expect([here.error, here.findings.filter((one) => one.severity !== 'info'), here.state]).toEqual([null, [], 'succeeded'])
  expect(here.result).toMatchObject({ restore: { outcome: 'completed', tables: 2, rows: 20_002, losses: [] } })
  const there = await clone('shop', { serverDatabaseId: otherId, missingRoles: 'create', jobs: 4 })
  expect([there.error, there.state, there.result]).toEqual([
    null,
    'succeeded',
    expect.objectContaining({ restore: expect.objectContaining({ outcome: 'completed', losses: [] }) }),
  ])
  for (const [cluster, name] of [
    [world.cluster, 'shop_again'],
    [other, 'shop'],
  ] as const) {
    expect(await cluster.query(name, "SELECT n::int, (SELECT nextval('item_id_seq')::int) AS next FROM items")).toEqual([{ n: 20_000, next: 20_001 }])
    const of = `SELECT pg_get_userbyid(datdba) AS owner, shobj_description(oid, 'pg_database') AS comment, (SELECT setconfig FROM pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0) AS settings FROM pg_database d WHERE datname = '${name}'`
    expect(await cluster.query('postgres', of)).toEqual([{ owner: 'keeper', comment: 'the shop', settings: ['work_mem=7MB'] }])
  }
  const stages = await world.catalog.selectFrom('restore_stages').select('stage').execute()
  expect(new Set(stages.map((one) => one.stage))).toEqual(new Set(['pre_data', 'data', 'indexes', 'comparing']))
  expect((await plan('next')).estimateFrom).toContain('median of 2')
  await world.cluster.query('postgres', 'DROP DATABASE shop_again')
})

test('the dry run of a clone names what stands in the way and writes nothing on either server', async () => {
  const writtenTo = async (cluster: Cluster) => [
    await cluster.query('postgres', `SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS hash FROM (SELECT oid, * FROM pg_authid) t`),
    await cluster.query('postgres', `SELECT oid, datname FROM pg_database ORDER BY 1`),
    await cluster.query('postgres', 'SELECT datname, tup_inserted, tup_updated, tup_deleted, temp_files FROM pg_stat_database ORDER BY 1'),
  ]
  await plan('never')
  const before = [await writtenTo(world.cluster), await writtenTo(other)]
  const possible = await plan('never', { serverDatabaseId: otherId })
  expect(codesOf(possible, 'blocker')).toEqual([])
  expect(possible.findings.map((one) => one.message).filter((text) => text.includes('backup'))).toEqual([])
  expect([await writtenTo(world.cluster), await writtenTo(other)]).toEqual(before)

  const taken = await plan('shop', { serverDatabaseId: otherId })
  expect([taken.blocked, codesOf(taken, 'blocker')]).toEqual([true, ['target_exists']])
  const refused = await clone('shop', { serverDatabaseId: otherId, force: true })
  expect(refused.error).toMatchObject({ code: 'blocked' })

  await world.cluster.query(
    'shop',
    `CREATE ROLE only_here; CREATE TABLE theirs (id int); ALTER TABLE theirs OWNER TO only_here; CREATE ROLE plain LOGIN`,
  )
  expect(codesOf(await plan('never', { serverDatabaseId: otherId }), 'blocker')).toEqual(['roles_missing'])
  const lock = await lockTarget(other.connection('postgres', { applicationName: 'somebody' }), 'never')
  expect(codesOf(await plan('never', { serverDatabaseId: otherId, missingRoles: 'create' }), 'blocker')).toEqual(['target_held'])
  await lock.release()
  await world.catalog.updateTable('databases').set({ username: 'plain' }).where('id', '=', shopId).execute()
  expect(codesOf(await plan('never'), 'blocker')).toEqual(expect.arrayContaining(['privileges']))
  await world.catalog.updateTable('databases').set({ username: 'postgres' }).where('id', '=', shopId).execute()
  await world.cluster.query('shop', 'DROP TABLE theirs; DROP ROLE only_here')

  const seen = (await plan('never')).target
  if (seen === null) throw new Error('the target was seen')
  const changed = await clone('never', { fingerprint: { ...seen, systemIdentifier: '1', dbname: 'never' } })
  expect(changed.error).toMatchObject({ code: 'target_changed' })
  expect(await databasesOf(world.cluster)).not.toContain('never')
})

test('owners and privileges that are left out by choice stand in the ledger of the clone', async () => {
  await other.query('postgres', 'DROP DATABASE shop')
  await other.query('postgres', 'DROP ROLE keeper; DROP ROLE clerk')
  const ended = await clone('shop', { serverDatabaseId: otherId, missingRoles: 'drop_grants' })
  expect(ended.result).toMatchObject({
    restore: { outcome: 'completed_with_losses', losses: [{ object: 'owners and privileges', cause: 'Left out, as the confirmed plan said.' }] },
  })
})

test('roles that the target lacks are mapped: tables, large objects and the database itself belong to the others, and nothing is lost', async () => {
  await other.query('postgres', 'CREATE ROLE here')
  await world.cluster.query(
    'shop',
    'CREATE ROLE afar; CREATE TABLE theirs (id int); ALTER TABLE theirs OWNER TO afar; GRANT SELECT ON theirs TO PUBLIC',
  )
  await world.cluster.query(
    'shop',
    `SELECT lo_from_bytea(4712, 'picture'); ALTER LARGE OBJECT 4712 OWNER TO afar; GRANT SELECT ON LARGE OBJECT 4712 TO afar`,
  )
  try {
    const roleMap = { afar: 'here', keeper: 'here', clerk: 'here' }
    const planned = await plan('mapped', { serverDatabaseId: otherId, roleMap })
    expect([planned.blocked, codesOf(planned, 'info').filter((code) => code === 'role_mapped').length]).toEqual([false, 3])
    const ended = await clone('mapped', { serverDatabaseId: otherId, roleMap })
    expect([ended.error, ended.result]).toMatchObject([null, { restore: { outcome: 'completed', losses: [] } }])
    expect(await other.query('mapped', `SELECT tableowner FROM pg_tables WHERE tablename = 'theirs'`)).toEqual([{ tableowner: 'here' }])
    expect(await other.query('mapped', 'SELECT lomowner::regrole::text AS owner FROM pg_largeobject_metadata WHERE oid = 4712')).toEqual([
      { owner: 'here' },
    ])
    expect(await other.query('postgres', `SELECT FROM pg_roles WHERE rolname = 'afar'`)).toEqual([])
  } finally {
    await world.cluster.query('shop', 'DROP TABLE theirs; SELECT lo_unlink(4712)')
    await world.cluster.query('shop', 'DROP ROLE afar')
  }
})

/** A tablespace of that name in a directory of its own; `size`: on a disk that holds no more. Returns what takes the disk away again. */
async function addTablespace(cluster: Cluster, name: string, size: string | null): Promise<() => Promise<unknown>> {
  const directory = path.join(path.dirname(cluster.dataDir), name)
  const { uid, gid } = await stat(cluster.dataDir)
  await mkdir(directory)
  if (size !== null) await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory])
  await chown(directory, uid, gid)
  await cluster.query('postgres', `CREATE TABLESPACE ${name} LOCATION '${directory}'`)
  return async () => (size === null ? undefined : run('umount', ['-l', directory]))
}

test('a target without room fails the clone, and what it had created is gone', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('needs a disk of its own: run as root')
  await addTablespace(world.cluster, 'roomy', null)
  const remove = await addTablespace(other, 'roomy', '6m')
  try {
    const { id } = await world.addDatabase(
      'large',
      `CREATE TABLE big TABLESPACE roomy AS SELECT n, repeat('x', 900) AS t FROM generate_series(1, 20000) n`,
    )
    const ended = await clone('no_room', { databaseId: id, serverDatabaseId: otherId })
    expect([ended.state, ended.error]).toEqual(['failed', expect.objectContaining({ code: 'disk_full' })])
    expect(ended.error).toMatchObject({ hint: expect.stringContaining('What this attempt had created was removed again') })
    expect(await databasesOf(other)).not.toContain('no_room')
  } finally {
    await remove()
  }
})

test('a source that crashes in the middle fails the clone, and the target is gone', async () => {
  const { id } = await world.addDatabase('crashing', `CREATE TABLE big AS SELECT n, repeat('x', 900) AS t FROM generate_series(1, 100000) n`)
  const begun = clone('half', { databaseId: id, serverDatabaseId: otherId })
  await eventually(async () => (await databasesOf(other)).includes('half'))
  await world.cluster.crash()
  const ended = await begun
  await world.cluster.start()
  expect([ended.state, ended.error]).toEqual(['failed', expect.objectContaining({ code: 'unreachable' })])
  expect(await databasesOf(other)).not.toContain('half')
})

test.each(['database.recorded', 'clone.table:2'])('a clone that is killed at %s leaves no database behind, and says so', async (failPoint) => {
  const before = await databasesOf(world.cluster)
  const { killed, ended } = await runAndKill(world, await request('again'), { failPoint })
  expect([killed, ended.state, ended.result]).toEqual([
    true,
    'interrupted',
    expect.objectContaining({ restore: expect.objectContaining({ outcome: 'failed' }) }),
  ])
  expect(await databasesOf(world.cluster)).toEqual(before)
})

test('a clone that is killed at any moment leaves nothing, or is complete', async () => {
  const before = await databasesOf(world.cluster)
  const { ended, seconds } = await runAndKill(world, await request('unharmed'), { afterMs: 60_000 })
  expect(ended).toMatchObject({ state: 'succeeded', result: { restore: { outcome: 'completed' } } })
  await world.cluster.query('postgres', 'DROP DATABASE unharmed')
  const { seed, moments } = randomKills('clone')
  for (const moment of moments) {
    const { ended: row } = await runAndKill(world, await request('any'), { afterMs: moment * seconds * 1000 })
    const complete = row.state === 'succeeded'
    expect(await databasesOf(world.cluster), `seed ${seed}, killed at ${moment}`).toEqual(complete ? ['any', ...before].sort() : before)
    if (complete) await world.cluster.query('postgres', 'DROP DATABASE "any"')
  }
})
