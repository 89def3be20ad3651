import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { getSwap } from '#lib/catalog/swaps.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { killTimeout, randomKills, reapNow, runAndFreeze, runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { lookAfterSwaps } from '#workers/look-after-swaps.ts'
import { smallTablespace } from '#test/support/tablespace.ts'
import { requestBackup } from '../../backup/request.ts'
import { requestUndo } from '../../undo/request.ts'
import { type FullRequest, requestRestore } from '../request.ts'

const sql = `
  CREATE TABLE item (id serial PRIMARY KEY, name text);
  INSERT INTO item (name) SELECT md5(i::text) FROM generate_series(1, 2000) i;
  CREATE TABLE which AS SELECT 'backup'::text AS is_it;
  COMMENT ON DATABASE shop IS 'as of then';
  ALTER DATABASE shop SET work_mem = '5MB';
`

let world: Operating
let databaseId: string
let backupId: string
beforeAll(async () => {
  world = await startOperating({ settings: { max_prepared_transactions: '4', wal_level: 'logical' } })
  await world.cluster.query('postgres', 'CREATE ROLE clerk LOGIN; CREATE ROLE keeper')
  databaseId = (await world.addDatabase('shop', sql)).id
  await world.addStorage('only')
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId, via: 'cli' }))
  backupId = ended.backup_id ?? ''
  // the backup's template, from which each test gets its live database
  await world.cluster.query('postgres', 'ALTER DATABASE shop RENAME TO shop_template')
})
afterAll(() => world.close())
beforeEach(async () => {
  const others = await world.cluster.query('postgres', `SELECT datname FROM pg_database WHERE datname ~ '^shop' AND datname <> 'shop_template'`)
  for (const { datname } of others) await world.cluster.query('postgres', `DROP DATABASE "${String(datname)}" WITH (FORCE)`)
  await world.cluster.query('postgres', 'CREATE DATABASE shop TEMPLATE shop_template')
  await world.cluster.query('shop', `UPDATE which SET is_it = 'live'; DELETE FROM item WHERE id > 10`)
  await world.cluster.query(
    'postgres',
    `ALTER DATABASE shop OWNER TO keeper; ALTER DATABASE shop SET work_mem = '7MB'; ALTER DATABASE shop CONNECTION LIMIT 50`,
  )
  await world.cluster.query(
    'postgres',
    `ALTER ROLE clerk IN DATABASE shop SET statement_timeout = '9s'; REVOKE TEMPORARY ON DATABASE shop FROM PUBLIC; COMMENT ON DATABASE shop IS 'as of now'`,
  )
})

const query = (statement: string, dbname = 'shop') => world.cluster.query(dbname, statement)
const databases = async () =>
  (
    await query(
      `SELECT datname || CASE WHEN datallowconn THEN '' ELSE ' (closed)' END AS name FROM pg_database WHERE datname ~ '^shop' AND datname <> 'shop_template' ORDER BY 1`,
      'postgres',
    )
  ).map((row) => String(row['name']).replace(/\d{8}_\d{6}/, 'TIME'))
/** What an application sees that connects by the live name: whole, or an error. */
const live = async () => (await query(`SELECT (SELECT is_it FROM which) AS is_it, (SELECT count(*)::int FROM item) AS items`))[0]
const asLive = { is_it: 'live', items: 10 }
const asBackup = { is_it: 'backup', items: 2000 }

/** The safety backup and its verification run first, as a worker would run them. */
async function replace(how: Partial<FullRequest> = {}): Promise<{ id: string }> {
  const requested = await requestRestore(world.catalog, admin, { backupId, way: 'replace', confirmation: 'shop', via: 'cli', ...how })
  if (how.dryRun) return requested
  for (;;) {
    const { after } = await world.catalog.selectFrom('operations').select('after').where('id', '=', requested.id).executeTakeFirstOrThrow()
    const before = await world.catalog
      .selectFrom('operations')
      .select(['id', 'state'])
      .where('id', '=', after ?? '')
      .executeTakeFirst()
    if (before === undefined || before.state !== 'queued') return requested
    await world.operate(before)
  }
}
const plan = async (how: Partial<FullRequest> = {}): Promise<Plan> => {
  const ended = await world.operate(await replace({ dryRun: true, ...how }))
  expect(ended.error).toBeNull()
  return (ended.result as { plan: Plan }).plan
}
const codes = (one: Plan, severity: string) => one.findings.filter((finding) => finding.severity === severity).map((finding) => finding.code)

test('a dry run of a replace writes nothing: no database, no setting, no row, and nothing in the storage', async () => {
  const written = async () => [
    await query(`SELECT md5(string_agg(d::text, ',' ORDER BY oid)) AS databases FROM pg_database d`, 'postgres'),
    await query(`SELECT md5(string_agg(s::text, ',' ORDER BY s::text)) AS settings FROM pg_db_role_setting s`, 'postgres'),
    await query('SELECT datname, tup_inserted, tup_updated, tup_deleted, temp_files FROM pg_stat_database ORDER BY 1', 'postgres'),
    await world.catalog.selectFrom('swaps').select('operation_id').execute(),
    await world.catalog.selectFrom('backups').select('id').orderBy('id').execute(),
  ]
  await plan()
  const before = await written()
  expect((await plan()).blocked).toBe(false)
  expect(await written()).toEqual(before)
})

test('a database is restored beside, compared and swapped; what it has as a whole comes along, and the old one is kept closed', async () => {
  const app = new Client({ host: world.cluster.host, port: world.cluster.port, database: 'shop', user: 'clerk', application_name: 'till 3' })
  app.on('error', () => undefined)
  await app.connect()
  const planned = await plan()
  expect(planned).toMatchObject({
    blocked: false,
    target: { dbname: 'shop', oid: expect.any(Number), inRecovery: false },
    safety: { database: 'shop' },
  })
  expect(planned.findings.find((one) => one.code === 'sessions')?.message).toContain('till 3')
  const ended = await world.operate(await replace({ fingerprint: planned.target, undoHours: 5 }))
  expect([ended.error, ended.result]).toEqual([
    null,
    expect.objectContaining({ restore: expect.objectContaining({ outcome: 'completed', losses: [], undoUntil: expect.any(String), rows: 2001 }) }),
  ])
  expect(ended.findings.find((one) => one.code === 'settings_differ')?.message).toMatch(/Live: .*work_mem=7MB.*In the backup: work_mem=5MB/)
  await expect(app.query('SELECT 1')).rejects.toThrow()
  expect(await live()).toEqual(asBackup)
  expect(await databases()).toEqual(['shop', 'shop_kept_TIME (closed)'])
  expect(
    await query(`SELECT current_setting('work_mem') AS mem, pg_get_userbyid(datdba) AS owner, datconnlimit AS limit, shobj_description(oid, 'pg_database') AS comment,
      has_database_privilege('clerk', oid, 'TEMPORARY') AS temp, (SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid AND setrole = 'clerk'::regrole) AS clerk
    FROM pg_database d WHERE datname = current_database()`),
  ).toEqual([{ mem: '7MB', owner: 'keeper', limit: 50, comment: 'as of now', temp: false, clerk: ['statement_timeout=9s'] }])
  const swap = await getSwap(world.catalog, ended.id)
  expect(swap).toMatchObject({ state: 'kept', step: 'opened', live_name: 'shop' })
  expect(Math.round(((swap?.undo_until?.getTime() ?? 0) - Date.now()) / 3_600_000)).toBe(5)
  await app.end().catch(() => undefined)
})

test('what is bound to the live database, or may not be ended, blocks the plan before anything is restored, each with its remedy', async () => {
  await query(`SELECT pg_create_logical_replication_slot('to_bi', 'pgoutput')`)
  await query(`CREATE SUBSCRIPTION from_hq CONNECTION 'dbname=nowhere' PUBLICATION all_of_it WITH (connect = false)`)
  await query(`BEGIN; INSERT INTO which VALUES ('later'); PREPARE TRANSACTION 'payment 7'`)
  try {
    const planned = await plan()
    expect(planned.blocked).toBe(true)
    expect(codes(planned, 'blocker')).toEqual(['prepared_transactions', 'replication_slots', 'subscriptions'])
    for (const finding of planned.findings.filter((one) => one.severity === 'blocker')) expect(finding.remedy).not.toBe('')
    const before = await databases()
    expect(await world.operate(await replace({ force: true }))).toMatchObject({ state: 'failed', error: { code: 'blocked' } })
    expect(await databases()).toEqual(before)
  } finally {
    await query(`ROLLBACK PREPARED 'payment 7'`)
    await query('ALTER SUBSCRIPTION from_hq SET (slot_name = NONE)')
    await query('DROP SUBSCRIPTION from_hq')
    await query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots')
  }
  expect(await live()).toEqual(asLive)
})

test('a role that may not rename the database, and a superuser’s session that it may not end, block the plan', async () => {
  await query('CREATE ROLE renamer LOGIN CREATEDB', 'postgres')
  await world.catalog.updateTable('databases').set({ username: 'renamer' }).where('id', '=', databaseId).execute()
  const boss = new Client({ host: world.cluster.host, port: world.cluster.port, database: 'shop', user: 'postgres', application_name: 'pager' })
  await boss.connect()
  try {
    expect(codes(await plan(), 'blocker')).toEqual(['may_not_rename', 'sessions'])
    await query('GRANT keeper TO renamer', 'postgres')
    const planned = await plan()
    expect(codes(planned, 'blocker')).toEqual(['sessions'])
    expect(planned.findings.find((one) => one.code === 'sessions')?.message).toMatch(/pager.*postgres, a superuser/)
  } finally {
    await boss.end()
    await world.catalog.updateTable('databases').set({ username: 'postgres' }).where('id', '=', databaseId).execute()
    await query('DROP ROLE renamer', 'postgres')
  }
})

test('a role that owns the database and may create others replaces it without being a superuser', async () => {
  await query('CREATE ROLE shopkeeper LOGIN CREATEDB; GRANT pg_signal_backend TO shopkeeper', 'postgres')
  await query('CREATE DATABASE large OWNER shopkeeper', 'postgres')
  await query(
    'CREATE TABLE big AS SELECT 1 AS n; ALTER TABLE big OWNER TO shopkeeper; REVOKE CONNECT ON DATABASE large FROM PUBLIC; GRANT CONNECT ON DATABASE large TO clerk',
    'large',
  )
  const { host, port } = world.cluster
  const row = await insertDatabase(world.catalog, { name: 'large', host, port, dbname: 'large', username: 'shopkeeper', ssl_mode: 'disable' })
  const app = new Client({ host, port, database: 'large', user: 'clerk', application_name: 'till 4' })
  app.on('error', () => undefined)
  await app.connect()
  try {
    const taken = await world.operate(await requestBackup(world.catalog, admin, { databaseId: row?.id ?? '', via: 'cli' }))
    await query('TRUNCATE big', 'large')
    const ended = await world.operate(await replace({ backupId: taken.backup_id ?? '', confirmation: 'large' }))
    expect([ended.error, ended.result]).toEqual([null, expect.objectContaining({ restore: expect.objectContaining({ outcome: 'completed' }) })])
    expect(await query('SELECT n FROM big', 'large')).toEqual([{ n: 1 }])
    const back = await world.operate(
      await requestUndo(world.catalog, admin, { swapOperationId: ended.id, act: 'swap_back', confirmation: 'large', via: 'cli' }),
    )
    expect([back.error, await query('SELECT n FROM big', 'large')]).toEqual([null, []])
  } finally {
    await app.end().catch(() => undefined)
    for (const { name } of await query(`SELECT datname AS name FROM pg_database WHERE datname ~ '^large_'`, 'postgres'))
      await query(`DROP DATABASE "${String(name)}" WITH (FORCE)`, 'postgres')
    await dropLarge()
    await query('DROP ROLE shopkeeper', 'postgres')
  }
})

test('a live database that is another one than was confirmed is refused, and so is one that is gone', async () => {
  const { target } = await plan()
  await query('DROP DATABASE shop WITH (FORCE)', 'postgres')
  await query('CREATE DATABASE shop TEMPLATE shop_template', 'postgres')
  const ended = await world.operate(await replace({ fingerprint: target }))
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'target_changed' } })
  expect(await databases()).toEqual(['shop'])
  await query('DROP DATABASE shop WITH (FORCE)', 'postgres')
  expect(codes(await plan(), 'blocker')).toEqual(['target_absent'])
})

test('with anything lost nothing is swapped: the live database is as it was, and the restored one stays beside it; force swaps', async () => {
  // what belongs to a role that is left out is lost
  const lossy = { missingRoles: 'drop_grants' as const }
  expect(codes(await plan(lossy), 'warning')).toContain('no_swap_with_losses')
  const ended = await world.operate(await replace(lossy))
  expect(ended).toMatchObject({ state: 'succeeded_with_findings', result: { restore: { outcome: 'completed_with_losses', undoUntil: null } } })
  expect(ended.findings[0]?.code).toBe('not_swapped')
  expect(await databases()).toEqual(['shop', 'shop_restored_TIME'])
  expect(await live()).toEqual(asLive)
  await query(`DROP DATABASE "${String(ended.result?.['beside'])}"`, 'postgres')
  const forced = await world.operate(await replace({ ...lossy, force: true }))
  expect(forced).toMatchObject({ result: { restore: { outcome: 'completed_with_losses', undoUntil: expect.any(String) } } })
  expect(await live()).toEqual(asBackup)
})

const untouched = (row: OperationRow) => row.result?.['restore'] !== undefined && (row.result['restore'] as { outcome: string }).outcome === 'failed'

test.each([
  ['table.loaded', asLive, ['shop']],
  ['restore.compared', asLive, ['shop']],
  ['swap.prepared', asLive, ['shop', 'shop_restored_TIME']],
  ['swap.closing', asLive, ['shop', 'shop_restored_TIME']],
  ['swap.closed', asLive, ['shop', 'shop_restored_TIME']],
  ['swap.renaming', asLive, ['shop', 'shop_restored_TIME']],
  ['swap.renamed', asBackup, ['shop', 'shop_kept_TIME (closed)']],
  ['swap.opening', asBackup, ['shop', 'shop_kept_TIME (closed)']],
  ['swap.kept', asBackup, ['shop', 'shop_kept_TIME (closed)']],
])('a worker killed at %s leaves the live name open and whole, and the operation says which database it is', async (failPoint, is, left) => {
  const { killed, ended } = await runAndKill(world, await replace(), { failPoint })
  expect([killed, ended.state]).toEqual([true, 'interrupted'])
  expect(await live()).toEqual(is)
  expect(await databases()).toEqual(left)
  const swap = await getSwap(world.catalog, ended.id)
  if (is === asLive) {
    expect(ended).toMatchObject({ error: { hint: expect.stringContaining('shop is open and as it was') } })
    expect([untouched(ended), swap?.state ?? 'failed']).toEqual([true, 'failed'])
  } else {
    expect(ended).toMatchObject({
      error: { message: expect.stringContaining('whole, and open') },
      result: { restore: { outcome: 'completed', rows: 2001, undoUntil: expect.any(String) } },
    })
    expect(swap?.state).toBe('kept')
  }
})

test('a worker killed at any moment of a replace leaves the live name open and whole', { timeout: killTimeout }, async () => {
  const { seconds } = await runAndKill(world, await replace(), { afterMs: 60_000 })
  const { seed, moments } = randomKills('replace')
  for (const moment of moments) {
    const requested = await replace()
    const before = await live()
    const { ended } = await runAndKill(world, requested, { afterMs: moment * seconds * 1000 })
    const what = `seed ${seed}, killed at ${moment}: ${ended.state}, ${ended.error?.message}`
    const complete = ended.state === 'succeeded_with_findings' || /whole, and open/.test(ended.error?.message ?? '')
    expect(await live(), what).toEqual(complete ? asBackup : before)
    expect(complete || untouched(ended), what).toBe(true)
    expect(
      (await databases()).filter((name) => name === 'shop'),
      what,
    ).toHaveLength(1)
    expect(await query(`SELECT datname FROM pg_database WHERE datname ~ '^lifeboat_'`, 'postgres'), what).toEqual([])
  }
})

test('a server that is away when the dead worker is looked after is asked again, until the live name is open', async () => {
  const moveTo = (port: number) => world.catalog.updateTable('databases').set({ port }).where('id', '=', databaseId).execute()
  const { ended } = await runAndKill(world, await replace(), { failPoint: 'swap.renamed' }, async () => void (await moveTo(1)))
  // nothing is said while nothing is known, and not for ever
  expect(ended.state).toBe('running')
  await reapNow(world, ended.id, 180)
  const letGo = await getOperation(world.catalog, ended.id)
  expect(letGo).toMatchObject({ state: 'interrupted', error: { code: 'indeterminate' } })
  await moveTo(world.cluster.port)
  await expect(live()).rejects.toThrow(/not currently accepting/)
  await lookAfterSwaps(world.catalog, { keys: world.keys, tools: [] })
  expect(await live()).toEqual(asBackup)
  expect(await getOperation(world.catalog, ended.id)).toMatchObject({
    error: { message: expect.stringContaining('whole, and open') },
    result: { restore: { outcome: 'completed' } },
  })
})

test.each(['swap.prepared', 'swap.closing', 'swap.renaming'])(
  'a worker that froze at %s and wakes up after it was given up renames nothing, and the live name stays open',
  async (failPoint) => {
    const ended = await runAndFreeze(world, await replace(), failPoint)
    expect(ended).toMatchObject({ state: 'interrupted', error: { hint: expect.stringContaining('shop is open and as it was') } })
    expect(await live()).toEqual(asLive)
    expect(await databases()).toEqual(['shop', 'shop_restored_TIME'])
  },
)

/** A live database of 8 MB, so that a restore of it takes a moment, and a backup of it. */
async function large(tablespace: string): Promise<{ id: string; backupId: string; request: Partial<FullRequest> }> {
  const { id } = await world.addDatabase(
    'large',
    `CREATE TABLE big TABLESPACE ${tablespace} AS SELECT n, repeat('x', 900) AS t FROM generate_series(1, 8000) n`,
  )
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: id, via: 'cli' }))
  const taken = ended.backup_id ?? ''
  return { id, backupId: taken, request: { backupId: taken, confirmation: 'large' } }
}
const dropLarge = async () => {
  await query('DROP DATABASE IF EXISTS large WITH (FORCE)', 'postgres')
  await world.catalog.updateTable('databases').set({ removed_at: new Date() }).where('name', '=', 'large').execute()
}
const besideLarge = () => query(`SELECT datname AS name FROM pg_database WHERE datname ~ '^large_restored'`, 'postgres')

test('a disk that fills up while the backup is restored beside fails the replace: what was created is gone, the live database is whole', async ({
  skip,
}) => {
  if (process.getuid?.() !== 0) skip('needs a disk of its own: run as root')
  const remove = await smallTablespace(world.cluster, 'roomy', '12m')
  try {
    const { request } = await large('roomy')
    expect(await world.operate(await replace(request))).toMatchObject({
      state: 'failed',
      error: { code: 'disk_full' },
      result: { restore: { outcome: 'failed' } },
    })
    expect(await besideLarge()).toEqual([])
    expect(await query('SELECT count(*)::int AS n FROM big', 'large')).toEqual([{ n: 8000 }])
  } finally {
    await dropLarge()
    await query('DROP TABLESPACE roomy', 'postgres')
    await remove()
  }
})

test('a restored database that somebody drops meanwhile fails the replace, and the live one is as it was', async () => {
  const { request } = await large('pg_default')
  try {
    const running = world.operate(await replace(request))
    await expect.poll(besideLarge, { timeout: 30_000, interval: 5 }).toHaveLength(1)
    const [beside] = await besideLarge()
    await query(`DROP DATABASE "${String(beside?.['name'])}" WITH (FORCE)`, 'postgres')
    expect(await running).toMatchObject({
      state: 'failed',
      error: { hint: expect.stringContaining('somebody dropped it') },
      result: { restore: { outcome: 'failed' } },
    })
    expect(await besideLarge()).toEqual([])
    expect(await query('SELECT count(*)::int AS n FROM big', 'large')).toEqual([{ n: 8000 }])
  } finally {
    await dropLarge()
  }
})
