import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { takeSafety } from '#test/support/behind-safety.ts'
import { asOwner, makeHosted, registerAs } from '#test/support/hosted.ts'
import { randomKills, runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { requestBackup } from '../../backup/request.ts'
import { type FullRequest, requestRestore } from '../request.ts'

const schema = `
  CREATE TYPE mood AS ENUM ('calm', 'cross');
  CREATE FUNCTION greet(who text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'hello; ' || who $$;
  CREATE FUNCTION on_user() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
  CREATE TABLE customer (id serial PRIMARY KEY, name text NOT NULL CHECK (name <> ''), mood mood DEFAULT 'calm');
  CREATE TABLE sale (id int PRIMARY KEY, customer int REFERENCES customer, user_id int REFERENCES auth.users, amount numeric);
  CREATE VIEW total AS SELECT customer, sum(amount) AS amount, greet('x') AS word FROM sale GROUP BY customer;
  CREATE MATERIALIZED VIEW best AS SELECT id, name FROM customer WHERE id < 10; CREATE INDEX ON best (name);
  CREATE TABLE event (at date, what text) PARTITION BY RANGE (at);
  CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
  ALTER TABLE customer ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON customer TO authenticated USING (id > 0);
  GRANT SELECT ON total TO anon; COMMENT ON TABLE sale IS 'what was sold';
  INSERT INTO customer (name) SELECT 'customer ' || i FROM generate_series(1, 500) i;
  INSERT INTO sale SELECT i, 1 + i % 500, 1 + i % 50, i FROM generate_series(1, 2000) i;
  INSERT INTO event SELECT date '2026-01-01' + i % 30, 'e' || i FROM generate_series(1, 300) i;
  REFRESH MATERIALIZED VIEW best;
  SELECT lo_from_bytea(90001, 'first'), lo_from_bytea(90002, 'second');
`
/** What went wrong since, and what people made since. */
const later = `
  DELETE FROM sale WHERE id > 100; UPDATE customer SET name = 'spoilt'; DROP TABLE event_1; DROP VIEW total;
  SELECT lo_put(90001, 0, 'FIRST'), lo_unlink(90002);
  CREATE TABLE note (id int PRIMARY KEY, text text); INSERT INTO note VALUES (1, 'kept');
  CREATE OR REPLACE FUNCTION on_user() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
  CREATE INDEX since ON customer (name); SELECT lo_from_bytea(90003, 'a third');
`
const dependents = `
  CREATE VIEW names AS SELECT id, upper(name) AS name FROM customer; GRANT SELECT ON names TO anon; COMMENT ON VIEW names IS 'loud';
  CREATE VIEW shorter AS SELECT name FROM names;
  CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS count FROM sale; CREATE UNIQUE INDEX counted_once ON counted (count);
  CREATE TABLE loyalty (customer int REFERENCES customer, points int); INSERT INTO loyalty VALUES (1, 5);
`

let world: Operating
let databaseId: string
let backupId: string
beforeAll(async () => {
  world = await startOperating()
  await world.addStorage('disk')
  await makeHosted(world.cluster, 'hosted', 'app')
  await asOwner(world.cluster, 'hosted', 'app', schema)
  await world.cluster.query('hosted', 'CREATE TRIGGER welcome AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.on_user()')
  await world.cluster.query('postgres', 'CREATE DATABASE pristine TEMPLATE hosted OWNER app')
  databaseId = await registerAs(world, world.cluster, 'hosted', 'app')
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId, via: 'cli' }))
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  backupId = ended.backup_id ?? ''
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.cluster.query('postgres', 'DROP DATABASE IF EXISTS hosted')
  await world.cluster.query('postgres', 'CREATE DATABASE hosted TEMPLATE pristine OWNER app')
  await asOwner(world.cluster, 'hosted', 'app', later)
})

const ask = (how: Partial<FullRequest> = {}) =>
  requestRestore(world.catalog, admin, { backupId, way: 'in_place', confirmation: 'hosted', via: 'cli', ...how })
async function restore(how: Partial<FullRequest> = {}): Promise<OperationRow> {
  return world.operate(await takeSafety(world, await ask(how)))
}
async function plan(how: Partial<FullRequest> = {}): Promise<Plan> {
  const ended = await world.operate(await ask({ dryRun: true, ...how }))
  expect(ended.error).toBe(null)
  return (ended.result as { plan: Plan }).plan
}
const query = (sql: string) => world.cluster.query('hosted', sql)
/** Everything that a restore could change in the database, in one value. */
async function everything(dbname = 'hosted'): Promise<unknown> {
  return world.cluster.query(
    dbname,
    `SELECT (SELECT string_agg(md5(query_to_xml(format('SELECT * FROM %s ORDER BY 1', c.oid::regclass), true, true, '')::text), ',' ORDER BY c.oid)
             FROM pg_class c WHERE c.relkind IN ('r', 'm') AND c.relnamespace::regnamespace::text IN ('public', 'auth')) AS rows,
            (SELECT md5(string_agg(c::text, ',' ORDER BY c.oid)) FROM (SELECT oid, relname, relkind, relowner, relacl FROM pg_class WHERE oid >= 16384) c) AS relations,
            (SELECT md5(string_agg(l::text, ',' ORDER BY l)) FROM pg_largeobject l) AS objects`,
  )
}
const finding = (planned: Plan, code: string) => planned.findings.find((one) => one.code === code)

/** As the backup has it: rows, definitions, sequences and large objects. */
async function expectRestored(): Promise<void> {
  expect(
    await query(`SELECT (SELECT count(*)::int FROM sale) AS sales, (SELECT count(*)::int FROM customer WHERE name LIKE 'customer %') AS customers,
    (SELECT count(*)::int FROM event) AS events, (SELECT count(*)::int FROM total) AS totals, nextval('customer_id_seq')::int AS next,
    convert_from(lo_get(90001), 'UTF8') || convert_from(lo_get(90002), 'UTF8') AS objects, obj_description('sale'::regclass) AS said,
    has_table_privilege('anon', 'total', 'SELECT') AS granted, (SELECT count(*)::int FROM pg_policy) AS policies`),
  ).toEqual([
    { sales: 2000, customers: 500, events: 300, totals: 500, next: 501, objects: 'firstsecond', said: 'what was sold', granted: true, policies: 1 },
  ])
}

test('a dry run of a restore in place writes nothing, and tells what is replaced, what stays, what goes and what is left alone', async () => {
  const counters = () =>
    world.cluster.query('postgres', 'SELECT datname, tup_inserted, tup_updated, tup_deleted, temp_files FROM pg_stat_database ORDER BY 1')
  await plan()
  const before = [await everything(), await counters()]
  const planned = await plan()
  expect([await everything(), await counters()]).toEqual(before)
  expect(planned.blocked).toBe(false)
  expect(planned.target).toMatchObject({ dbname: 'hosted', oid: expect.any(Number) })
  expect(planned.safety).toMatchObject({ database: expect.stringContaining('hosted'), storages: ['disk'], bytes: expect.any(Number) })
  expect(planned.steps[0]).toContain('safety backup')
  expect(Object.fromEntries(planned.tables.map((one) => [`${one.schema}.${one.table}`, one.action]))).toEqual({
    'auth.users': 'leave out',
    'public.customer': 'replace',
    'public.event_1': 'create',
    'public.sale': 'replace',
  })
  expect(planned.dependencies).toEqual(
    expect.arrayContaining([
      { object: 'TABLE public.note', what: expect.stringMatching(/^stays/) },
      { object: 'INDEX public.since', what: expect.stringMatching(/^goes with/) },
    ]),
  )
  expect(finding(planned, 'left_out')?.message).toContain('TABLE auth.users')
  expect(finding(planned, 'locks')).toMatchObject({ severity: 'info' })
  expect(finding(planned, 'target_space')?.message).toContain('more on the target server than')
})

test('a role that may not create databases restores in place: everything comes back, and what is not in the backup stays', async () => {
  const ended = await restore()
  expect([ended.state, ended.error]).toEqual(['succeeded_with_findings', null])
  const { restore: result } = ended.result as { restore: { outcome: string; losses: { object: string }[]; safetyBackupId: string } }
  expect(result.outcome).toBe('completed_with_losses')
  expect(result.losses.map((one) => one.object).filter((one) => !/auth|extensions/.test(one))).toEqual([])
  const safety = await world.catalog.selectFrom('backups').selectAll().where('id', '=', result.safetyBackupId).executeTakeFirstOrThrow()
  expect([safety.tier, safety.database_id]).toEqual(['safety', databaseId])
  await expectRestored()
  expect(await query(`SELECT text, convert_from(lo_get(90003), 'UTF8') AS object FROM note`)).toEqual([{ text: 'kept', object: 'a third' }])
  expect(
    await query(`SELECT count(*)::int AS users, (SELECT count(*)::int FROM pg_trigger WHERE tgname = 'welcome') AS triggers,
    (SELECT prosrc FROM pg_proc WHERE proname = 'on_user') AS body FROM auth.users`),
  ).toEqual([{ users: 50, triggers: 1, body: ' BEGIN RETURN NEW; END ' }])
  const stages = await world.catalog.selectFrom('restore_stages').select('stage').where('operation_id', '=', ended.id).execute()
  expect(stages.map((one) => one.stage).sort()).toEqual(['comparing', 'data', 'fetching', 'indexes', 'pre_data'])
})

test('live objects that depend on replaced ones block the restore, each by name, until somebody chooses that they are made again', async () => {
  await asOwner(world.cluster, 'hosted', 'app', dependents)
  const blocked = await plan()
  expect(blocked.blocked).toBe(true)
  for (const name of [
    'VIEW public.names',
    'VIEW public.shorter',
    'MATERIALIZED VIEW public.counted',
    'FK CONSTRAINT public.loyalty loyalty_customer_fkey',
  ])
    expect(finding(blocked, 'dependents')?.message).toContain(name)
  const before = await everything()
  expect(await restore({ force: true })).toMatchObject({ state: 'failed', error: { code: 'blocked' } })
  expect(await everything()).toEqual(before)

  const chosen = await plan({ dropDependents: true })
  expect(chosen.blocked).toBe(false)
  expect(chosen.dependencies).toEqual(expect.arrayContaining([{ object: 'VIEW public.names', what: 'dropped and made again as it is now' }]))
  expect(await restore({ dropDependents: true })).toMatchObject({ error: null })
  await expectRestored()
  expect(
    await query(`SELECT (SELECT name FROM shorter LIMIT 1) LIKE 'CUSTOMER %' AS loud, has_table_privilege('anon', 'names', 'SELECT') AS granted,
      obj_description('names'::regclass) AS said, (SELECT count::int FROM counted) AS counted, (SELECT points FROM loyalty) AS points,
      (SELECT convalidated FROM pg_constraint WHERE conname = 'loyalty_customer_fkey') AS valid, to_regclass('counted_once') IS NOT NULL AS indexed`),
  ).toEqual([{ loud: true, granted: true, said: 'loud', counted: 2000, points: 5, valid: true, indexed: true }])
})

test('roles are mapped in place as elsewhere: what the backup grants to one goes to the one that takes its place', async () => {
  const ended = await restore({ roleMap: { anon: 'authenticated' } })
  expect([ended.error, ended.result]).toMatchObject([null, { restore: { outcome: 'completed_with_losses' } }])
  expect((ended.result as { restore: { losses: { object: string }[] } }).restore.losses.filter((one) => !/auth|extensions/.test(one.object))).toEqual(
    [],
  )
  expect(
    await query(`SELECT has_table_privilege('anon', 'total', 'SELECT') AS anon, has_table_privilege('authenticated', 'total', 'SELECT') AS other`),
  ).toEqual([{ anon: false, other: true }])
})

test('what depends on replaced objects and cannot be made again stays a blocker: a column of a type, a partition with rows, a child table', async () => {
  await asOwner(
    world.cluster,
    'hosted',
    'app',
    `ALTER TYPE mood ADD VALUE 'glad'; CREATE TABLE diary (mood mood);
     CREATE TABLE event_9 PARTITION OF event FOR VALUES FROM ('2026-09-01') TO ('2026-10-01'); INSERT INTO event VALUES ('2026-09-02', 'new');
     CREATE TABLE vip (since date) INHERITS (customer); CREATE TABLE ticket (id int DEFAULT nextval('customer_id_seq'))`,
  )
  const planned = await plan({ dropDependents: true })
  const message = finding(planned, 'dependents_stuck')?.message ?? ''
  for (const name of ['public.diary', 'public.event_9', 'public.vip', 'ticket']) expect(message).toContain(name)
  expect(planned.blocked).toBe(true)
})

test('an SQL error in the middle rolls everything back: rows that would have no counterpart, with the cause named', async () => {
  await asOwner(
    world.cluster,
    'hosted',
    'app',
    `INSERT INTO customer VALUES (9999, 'new'); CREATE TABLE loyalty (customer int REFERENCES customer); INSERT INTO loyalty VALUES (9999)`,
  )
  const before = await everything()
  const ended = await restore({ dropDependents: true })
  expect(ended).toMatchObject({
    state: 'failed',
    error: { code: 'failed', message: /loyalty/ },
    result: { restore: { outcome: 'failed', safetyBackupId: expect.any(String) } },
  })
  expect(await everything()).toEqual(before)
})

/** Starts a restore and resolves when its first drop waits for the lock of another session, which ends with the returned promise. */
async function untilItWaits(shutdown?: AbortSignal): Promise<{ running: Promise<OperationRow>; holder: Promise<unknown> }> {
  const asked = await takeSafety(world, await ask())
  const holder = world.cluster.query('hosted', 'BEGIN; LOCK TABLE sale IN ROW EXCLUSIVE MODE; SELECT pg_sleep(3); ROLLBACK').catch(() => null)
  const running = world.operate(asked, shutdown === undefined ? {} : { shutdown })
  const waits = `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'lifeboat/%'`
  for (let waiting = 0; waiting === 0; ) waiting = Number((await query(waits))[0]?.['waiting'])
  return { running, holder }
}

test('a restore that waits for a lock of another session can be ended, and leaves everything as it was', async () => {
  const before = await everything()
  const stop = new AbortController()
  const { running, holder } = await untilItWaits(stop.signal)
  stop.abort()
  expect(await running).toMatchObject({ state: 'interrupted', result: { restore: { outcome: 'failed' } } })
  await holder
  expect(await everything()).toEqual(before)
})

test('a database that is dropped during a restore in place is said to be gone, and not to be as it was', async () => {
  const { running, holder } = await untilItWaits()
  await world.cluster.query('postgres', 'DROP DATABASE hosted WITH (FORCE)')
  const ended = await running
  expect(ended).toMatchObject({ state: 'failed', error: { message: /not there any more/ }, result: { restore: { outcome: 'failed' } } })
  expect(ended.error?.hint).not.toContain('hosted is as it was')
  await holder
})

test.each(['in_place.begun', 'in_place.pre_data', 'in_place.table:2', 'in_place.before_commit'])(
  'a restore in place that is killed at %s leaves the database as it was, and says so',
  async (failPoint) => {
    const before = await everything()
    const { killed, ended } = await runAndKill(world, await takeSafety(world, await ask()), { failPoint })
    expect([killed, ended.state, ended.result]).toMatchObject([true, 'interrupted', { restore: { outcome: 'failed' } }])
    expect(ended.error?.hint).toContain('as it was')
    expect(await everything()).toEqual(before)
  },
)

test('a restore in place that is killed after its commit is known to be complete, and that nobody compared it', async () => {
  const { killed, ended } = await runAndKill(world, await takeSafety(world, await ask()), { failPoint: 'in_place.committed' })
  expect([killed, ended.state]).toEqual([true, 'interrupted'])
  expect(ended.result).toMatchObject({
    restore: { outcome: 'completed_with_losses', losses: [{ object: 'the comparison' }], safetyBackupId: expect.any(String) },
  })
  await expectRestored()
})

test('a restore in place that is killed at any moment is untouched or complete, and knows which', async () => {
  const { seed, moments } = randomKills('restore in place')
  let before = await everything()
  let seconds = 1.5
  for (const moment of moments) {
    const killed = await runAndKill(world, await takeSafety(world, await ask()), { afterMs: moment * seconds * 1000 })
    const outcome = (killed.ended.result as { restore?: { outcome?: string } } | null)?.restore?.outcome
    const at = `seed ${seed}, killed at ${moment}`
    if (!killed.killed) seconds = killed.seconds
    if (outcome === 'failed') expect(await everything(), at).toEqual(before)
    else {
      expect(outcome, at).toBe('completed_with_losses')
      await expectRestored()
      await world.cluster.query('postgres', 'DROP DATABASE hosted')
      await world.cluster.query('postgres', 'CREATE DATABASE hosted TEMPLATE pristine OWNER app')
      await asOwner(world.cluster, 'hosted', 'app', later)
      before = await everything()
    }
  }
})

test('without a safety backup that was read back the restore does not start', async () => {
  const asked = await takeSafety(world, await ask())
  const safety = (await getOperation(world.catalog, asked.id))?.input as { safety: { operationId: string } }
  const backup = await world.catalog
    .selectFrom('backups')
    .select('id')
    .where('operation_id', '=', safety.safety.operationId)
    .executeTakeFirstOrThrow()
  await world.catalog.updateTable('copies').set({ state: 'stored' }).where('backup_id', '=', backup.id).execute()
  const before = await everything()
  expect(await world.operate(asked)).toMatchObject({ state: 'failed', error: { code: 'refused' } })
  expect(await everything()).toEqual(before)
})
