import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { takeSafety } from '#test/support/behind-safety.ts'
import { type Kill, randomKills, runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { requestBackup } from '../../backup/request.ts'
import { requestRestore } from '../request.ts'

/** A table that others refer to, with a sequence, a trigger in a state of its own and a view. */
const bank = `
  CREATE TABLE account (id serial PRIMARY KEY, owner text UNIQUE, parent int REFERENCES account, note text);
  CREATE TABLE entry (account int CONSTRAINT "of account" REFERENCES account ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, delta int);
  CREATE TABLE seen (what text);
  CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.seen VALUES (TG_OP); RETURN NULL; END $$;
  INSERT INTO account (owner, parent, note) SELECT 'o' || n, NULLIF(n / 2, 0), md5(n::text) FROM generate_series(1, 3000) n;
  INSERT INTO entry SELECT 1 + n % 3000, n FROM generate_series(1, 6000) n;
  CREATE TRIGGER always AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON account FOR EACH STATEMENT EXECUTE FUNCTION see();
  ALTER TABLE account ENABLE ALWAYS TRIGGER always;
  CREATE VIEW owners AS SELECT owner FROM account;`
const damage = `
  SET session_replication_role = replica;
  DELETE FROM account WHERE id > 2900; UPDATE account SET note = 'damaged' WHERE id % 10 = 0; SELECT setval('account_id_seq', 17); DELETE FROM seen;`

let world: Operating
let backupId: string
beforeAll(async () => {
  world = await startOperating()
  const { id: databaseId } = await world.addDatabase('bank', bank)
  await world.addStorage('only')
  backupId = (await world.operate(await requestBackup(world.catalog, admin, { databaseId, via: 'cli' }))).backup_id ?? ''
  await world.cluster.query('bank', damage)
  await world.cluster.query('bank', 'DELETE FROM seen')
  await world.cluster.query('postgres', 'ALTER DATABASE bank RENAME TO damaged')
})
afterAll(() => world.close())

/** Everything that a restore of the table could have left in between: rows, sequence, keys, triggers, objects and their identities. */
async function state(): Promise<{ rows: unknown; objects: unknown }> {
  const rows = await world.cluster.query(
    'bank',
    `SELECT (SELECT md5(string_agg(a::text, ',' ORDER BY id)) FROM account a) AS account, (SELECT md5(string_agg(e::text, ',' ORDER BY delta)) FROM entry e) AS entry,
       (SELECT count(*)::int FROM seen) AS fired, (SELECT last_value::int FROM account_id_seq) AS sequence`,
  )
  const objects = await world.cluster.query(
    'bank',
    `SELECT relname AS name, oid::int8 AS oid, relkind::text AS what FROM pg_class WHERE relnamespace = 'public'::regnamespace
     UNION ALL SELECT conname, CASE contype WHEN 'f' THEN 0 ELSE oid::int8 END, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION ALL SELECT tgname, oid::int8, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL SELECT nspname, 0, 'temporary' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relpersistence = 't' ORDER BY 1, 3`,
  )
  return { rows: rows[0], objects }
}

const ways = ['all', 'missing_and_changed'] as const
type Rows = (typeof ways)[number]

/** In a database of its own, damaged as the others; what the table was, is, and is said to be. */
async function replaceAndKill(
  rows: Rows,
  kill: Kill,
): Promise<{ ended: OperationRow; seconds: number; outcome: unknown; before: unknown; after: unknown }> {
  await world.cluster.query('postgres', 'DROP DATABASE IF EXISTS bank WITH (FORCE)')
  await world.cluster.query('postgres', 'CREATE DATABASE bank TEMPLATE damaged')
  const before = await state()
  const request = { backupId, scope: 'table', schema: 'public', table: 'account', way: 'replace', rows, confirmation: 'bank', via: 'cli' } as const
  const { ended, seconds } = await runAndKill(world, await takeSafety(world, await requestRestore(world.catalog, admin, request)), kill)
  const after = await state()
  expect(after.objects).toEqual(before.objects)
  return {
    ended,
    seconds,
    outcome: (ended.result as { restore?: { outcome: string } } | null)?.restore?.outcome,
    before: before.rows,
    after: after.rows,
  }
}

test('a replace that is killed at any point or moment leaves the table and all that hangs on it untouched or whole, and says which', async () => {
  const usual = await replaceAndKill('all', { afterMs: 600_000 })
  expect([usual.ended.error, usual.ended.state, usual.outcome]).toEqual([null, 'succeeded', 'completed'])
  const whole = usual.after
  expect(whole).not.toEqual(usual.before)
  expect(whole).toMatchObject({ sequence: 3000, fired: 0 })
  const points = ['table.emptied', 'table.loaded', 'table.keys_made', 'table.before_commit', 'table.committed']
  for (const [index, failPoint] of points.entries()) {
    // only the whole replace empties the table
    const rows: Rows = failPoint === 'table.emptied' ? 'all' : (ways[index % 2] ?? 'all')
    const { ended, outcome, before, after } = await replaceAndKill(rows, { failPoint })
    const committed = failPoint === 'table.committed'
    expect([failPoint, ended.state, outcome, after]).toEqual([
      failPoint,
      'interrupted',
      committed ? 'completed' : 'failed',
      committed ? whole : before,
    ])
  }
  const { seed, moments } = randomKills('replace of one table')
  for (const [index, moment] of moments.entries()) {
    const { outcome, before, after } = await replaceAndKill(ways[index % 2] ?? 'all', { afterMs: moment * usual.seconds * 1000 })
    const where = `seed ${seed}, killed at ${moment}`
    expect(['completed', 'failed'], where).toContain(outcome)
    expect(after, where).toEqual(outcome === 'completed' ? whole : before)
  }
}, 3_600_000)
