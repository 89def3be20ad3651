import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { derivedName } from '#lib/domain/derived-name.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { hostileSql } from '#test/support/hostile.ts'
import { type RawBackup, rawBackup, readPieces } from '#test/support/raw-backup.ts'
import { backupTable } from './backup-table.ts'
import { besideStatements } from './beside-statements.ts'
import { restoreBeside } from './table-beside.ts'

let cluster: Cluster
let dir: string
let staging: string
beforeAll(async () => {
  cluster = await startCluster()
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-raw-'))
  staging = await mkdtemp(join(tmpdir(), 'lifeboat-staging-'))
})
afterAll(async () => {
  await cluster?.stop()
  await rm(dir, { recursive: true })
  await rm(staging, { recursive: true })
})

const signal = new AbortController().signal
const suffix = '_restored_20261122_220000'
const buildSchema = 'lifeboat_0a1b2c3d'

async function backUp(dbname: string): Promise<RawBackup> {
  return await rawBackup(cluster.connection(dbname), await mkdtemp(join(dir, 'backup-')), staging)
}
async function bringBeside(backup: RawBackup, schema: string, table: string, dbname: string) {
  const found = backup.tables.find((one) => one.schema === schema && one.table === table)
  if (found === undefined) throw new Error(`no ${schema}.${table} in the backup`)
  const { dumpId, rows, rawSha256 } = found
  const open = () => readPieces(backup.files.get(dumpId) ?? '')
  const from = backupTable(backup.result.toc, dumpId, { rows, rawSha256, settings: {}, open })
  const statements = await besideStatements(backup.result.toc, { schema, table }, buildSchema)
  const name = derivedName(table, suffix)
  const xids: string[] = []
  const onTransaction = async (xid: string) => void xids.push(xid)
  const result = await restoreBeside(cluster.connection(dbname), { backup: from, statements, buildSchema, name, suffix, signal }, { onTransaction })
  return { name, result, statements, xids }
}
/** Everything a database holds but the tables beside, in the words of its catalogues. */
function everything(dbname: string) {
  return cluster.query(
    dbname,
    `SELECT n.nspname, c.relname, c.relkind, c.relacl::text, pg_get_userbyid(c.relowner) AS owner, c.oid::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname !~ '^(pg_|information_schema)' AND c.relname NOT LIKE '%\\_restored\\_%' ORDER BY 1, 2, 3`,
  )
}

test('every table of a hostile database comes back beside itself, to the row, and nothing else is touched', async () => {
  await cluster.createDatabase('hostile')
  for (const sql of hostileSql) await cluster.query('hostile', sql)
  const backup = await backUp('hostile')
  const before = await everything('hostile')
  const names = new Set<string>()
  for (const { schema, table, rows } of backup.tables) {
    const { name, result } = await bringBeside(backup, schema, table, 'hostile')
    expect(['same', 'same_rows'], `${schema}.${table}`).toContain(result.verdict)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
    names.add(`${schema}.${name}`)
    const quoted = `"${schema.replaceAll('"', '""')}"."${name.replaceAll('"', '""')}"`
    expect(await cluster.query('hostile', `SELECT count(*)::int AS rows FROM ONLY ${quoted}`), `${schema}.${table}`).toEqual([{ rows }])
  }
  expect(names.size).toBe(backup.tables.length)
  expect(await everything('hostile')).toEqual(before)
  expect(await cluster.query('hostile', `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'lifeboat%'`)).toEqual([])
}, 120_000)

const till = `
  CREATE SCHEMA till;
  CREATE TYPE till.mood AS ENUM ('calm', 'cross');
  CREATE DOMAIN till.price AS numeric(10,2) CHECK (VALUE >= 0);
  CREATE ROLE clerk; CREATE ROLE guest;
  CREATE TABLE till.customer (id int PRIMARY KEY, name text);
  CREATE TABLE till.sale (
    id serial PRIMARY KEY, nr bigint GENERATED ALWAYS AS IDENTITY (START 100) UNIQUE, customer int REFERENCES till.customer,
    mood till.mood NOT NULL DEFAULT 'calm', amount till.price, doubled numeric GENERATED ALWAYS AS (amount * 2) STORED,
    during int4range, note text DEFAULT 'it''s till.sale', CONSTRAINT "amount, positive" CHECK (amount < 1000000),
    EXCLUDE USING gist (during WITH &&));
  CREATE INDEX sale_note ON till.sale (lower(note)) WHERE amount > 1;
  CREATE FUNCTION till.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'stamped'; RETURN NEW; END $$;
  CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON till.sale FOR EACH ROW EXECUTE FUNCTION till.stamp();
  ALTER TABLE till.sale DISABLE TRIGGER stamp;
  COMMENT ON TABLE till.sale IS 'what was sold'; COMMENT ON COLUMN till.sale.note IS 'in words';
  ALTER TABLE till.sale ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON till.sale USING (true);
  GRANT SELECT ON till.sale TO clerk;
  INSERT INTO till.customer SELECT n, 'c' || n FROM generate_series(1, 10) n;
  INSERT INTO till.sale (customer, mood, amount, during) SELECT 1 + n % 10, 'cross', n, int4range(n * 2, n * 2 + 1) FROM generate_series(1, 500) n;
  ALTER TABLE till.sale ENABLE TRIGGER stamp;
  CREATE TABLE till.log (at int NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE till.log_1 PARTITION OF till.log FOR VALUES FROM (0) TO (100);
  CREATE INDEX log_at ON till.log (at);
  INSERT INTO till.log SELECT n, 'x' FROM generate_series(1, 99) n;
  CREATE TABLE till.base (a int); CREATE TABLE till.child (b int) INHERITS (till.base); INSERT INTO till.child VALUES (1, 2);
  ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO guest; ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO PUBLIC`

test('columns, defaults, sequences, indexes and constraints come along under names of their own; what ties or acts is left out by name', async () => {
  await cluster.createDatabase('till')
  await cluster.query('till', till)
  const backup = await backUp('till')
  await cluster.query('till', 'DELETE FROM till.sale WHERE id > 100')
  const before = await everything('till')
  const { name, result, statements, xids } = await bringBeside(backup, 'till', 'sale', 'till')
  expect(result.verdict).toBe('same')
  expect(xids).toEqual([result.xid])
  expect(await everything('till')).toEqual(before)

  const table = `till."${name}"`
  const [row] = await cluster.query('till', `INSERT INTO ${table} (amount) VALUES (3) RETURNING id, nr::int, mood, doubled::int, note`)
  expect(row).toEqual({ id: 501, nr: 600, mood: 'calm', doubled: 6, note: "it's till.sale" })
  const objects = await cluster.query(
    'till',
    `SELECT conname AS name FROM pg_constraint WHERE conrelid = '${table}'::regclass UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = '${table}'::regclass
     UNION SELECT pg_get_serial_sequence('${table}', c) FROM (VALUES ('id'), ('nr')) v (c) ORDER BY 1`,
  )
  expect(objects.map((one) => one.name)).toEqual(
    [
      `amount, positive${suffix}`,
      `sale_during_excl${suffix}`,
      `sale_nr_key${suffix}`,
      `sale_pkey${suffix}`,
      `till.sale_during_excl${suffix}`,
      `till.sale_id_seq${suffix}`,
      `till.sale_note${suffix}`,
      `till.sale_nr_key${suffix}`,
      `till.sale_nr_seq${suffix}`,
      `till.sale_pkey${suffix}`,
    ].sort(),
  )
  expect(
    await cluster.query(
      'till',
      `SELECT obj_description('${table}'::regclass) AS said, relacl::text AS acl, relrowsecurity AS secured FROM pg_class WHERE oid = '${table}'::regclass`,
    ),
  ).toEqual([{ said: 'what was sold', acl: expect.not.stringMatching(/guest|clerk/), secured: false }])
  expect(await cluster.query('till', `SELECT tgname FROM pg_trigger WHERE tgrelid = '${table}'::regclass`)).toEqual([])
  const leftOut = statements.leftOut.map((one) => one.object)
  for (const object of ['fk constraint sale sale_customer_fkey', 'trigger sale stamp', 'policy sale own', 'row security sale', 'acl TABLE sale'])
    expect(leftOut).toContain(object)
})

test('a partition and a child of inheritance come back as tables of their own, whose rows do not show in the live ones', async () => {
  const backup = await backUp('till')
  for (const [table, live] of [
    ['log_1', 'log'],
    ['child', 'base'],
  ] as const) {
    const count = () => cluster.query('till', `SELECT count(*)::int AS rows FROM till.${live}`)
    const before = await count()
    const { name, result } = await bringBeside(backup, 'till', table, 'till')
    expect(result.verdict).toBe('same')
    expect(await count()).toEqual(before)
    expect(await cluster.query('till', `SELECT FROM pg_inherits WHERE inhrelid = 'till."${name}"'::regclass`)).toEqual([])
  }
})

test('what cannot be built leaves nothing behind: a type that is gone, a name that is taken', async () => {
  const backup = await backUp('till')
  const before = await everything('till')
  await expect(bringBeside(backup, 'till', 'sale', 'till')).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringContaining('already exists'),
  })
  await cluster.createDatabase('empty')
  await cluster.query('empty', 'CREATE SCHEMA till')
  await expect(bringBeside(backup, 'till', 'sale', 'empty')).rejects.toMatchObject({ hint: expect.stringContaining('Nothing was created') })
  expect(await everything('till')).toEqual(before)
  expect(await everything('empty')).toEqual([])
  expect(await cluster.query('empty', `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'lifeboat%'`)).toEqual([])
  expect(await readdir(staging)).toEqual([])
})
