import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { hostileSql } from '#test/support/hostile.ts'
import { type RawBackup, rawBackup, readPieces } from '#test/support/raw-backup.ts'
import { backupTable } from './backup-table.ts'
import { type BesideTable, besideTable } from './beside-definitions.ts'
import { readLiveFacts } from './beside-facts.ts'
import { transactionStatus } from './transaction-status.ts'
import { quoteName } from './quote-name.ts'
import { type BesideResult, restoreBeside } from './restore-beside.ts'

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
  expect(await readdir(staging), 'nothing stays in the staging directory').toEqual([])
  await rm(staging, { recursive: true })
})

const signal = new AbortController().signal
const settings = { TimeZone: 'UTC', bytea_output: 'hex', lc_monetary: 'C' }

async function backUp(dbname: string): Promise<RawBackup> {
  return await rawBackup(cluster.connection(dbname), await mkdtemp(join(dir, 'backup-')), staging, { settings })
}

async function restore(
  dbname: string,
  backup: RawBackup,
  beside: BesideTable,
  change: { damaged?: boolean } = {},
): Promise<BesideResult & { told: string }> {
  let told = ''
  const tables = beside.data.map((dumpId) => {
    const { rows, rawSha256 } = backup.tables.find((one) => one.dumpId === dumpId) ?? { rows: -1, rawSha256: '' }
    const expected = change.damaged ? 'f'.repeat(64) : rawSha256
    return backupTable(backup.result.toc, dumpId, { rows, rawSha256: expected, settings, open: () => readPieces(backup.files.get(dumpId) ?? '') })
  })
  const onTransaction = async (xid: string) => {
    told = xid
  }
  const result = await restoreBeside(cluster.connection(dbname), { beside, tables, signal }, { onTransaction, beforeCommit: async () => undefined })
  return { ...result, told }
}

/** Everything a database holds but the tables beside, in the words of its catalogues. */
function everything(dbname: string) {
  return cluster.query(
    dbname,
    `SELECT n.nspname, c.relname, c.relkind, c.relacl::text, pg_get_userbyid(c.relowner) AS owner, c.oid::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname !~ '^(pg_|information_schema)' AND c.relname NOT LIKE '%\\_restored\\_%' ORDER BY 1, 2, 3`,
  )
}

/** What a table is made of, with its name and those of what belongs to it written as `~`. */
async function described(dbname: string, schema: string, table: string, suffix: string): Promise<unknown> {
  const rows = await cluster.query(
    dbname,
    `SELECT json_build_object(
       'columns', (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage, a.attstattarget,
            pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)) ORDER BY a.attnum)
          FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       'constraints', (SELECT json_agg(json_build_array(k.conname, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint')) ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x', 'c')),
       'indexes', (SELECT json_agg(json_build_array(pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class')) ORDER BY pg_get_indexdef(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid),
       'statistics', (SELECT json_agg(pg_get_statisticsobjdef(s.oid) ORDER BY s.stxname) FROM pg_statistic_ext s WHERE s.stxrelid = c.oid),
       'comment', obj_description(c.oid, 'pg_class')) AS found
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $n$${schema}$n$ AND c.relname = $n$${table}$n$`,
  )
  const { found } = rows[0] as { found: object }
  return JSON.parse(JSON.stringify(found).replaceAll(suffix, '').replaceAll('\\"', '')) as unknown
}

test('every table of a hostile database comes back beside itself, to the byte, with its definitions, and nothing else is touched', async () => {
  await cluster.createDatabase('hostile')
  for (const sql of hostileSql) await cluster.query('hostile', sql)
  const backup = await backUp('hostile')
  const before = await everything('hostile')
  const tables = backup.tables.filter((one) => !one.viaPartitionRoot)
  expect(tables.length).toBeGreaterThan(30)
  for (const { schema, table, rows } of tables) {
    const beside = besideTable(backup.result.toc, { schema, table }, '_restored_1')
    const target = await readLiveFacts(cluster.connection('hostile'), beside, signal)
    expect([target.taken, target.missing, target.mayBuild], table).toEqual([[], [], true])
    expect(await restore('hostile', backup, beside), table).toMatchObject({ verdict: 'same' })
    const [count] = await cluster.query('hostile', `SELECT count(*)::int AS rows FROM ONLY ${quoteName(schema)}.${quoteName(beside.name)}`)
    expect(count, table).toEqual({ rows })
    expect(Buffer.byteLength(beside.name)).toBeLessThanOrEqual(63)
    if (beside.name === `${table}_restored_1`) {
      expect(await described('hostile', schema, beside.name, '_restored_1'), table).toEqual(await described('hostile', schema, table, '_restored_1'))
    }
  }
  expect(await everything('hostile')).toEqual(before)
  expect(await cluster.query('hostile', 'SELECT count(*)::int AS rows FROM parent')).toEqual([{ rows: 2 }])
  for (const root of ['by_range', 'by_hash']) {
    const beside = besideTable(backup.result.toc, { schema: 'public', table: root }, '_restored_1')
    const [live] = (await cluster.query('hostile', `SELECT count(*)::int AS rows FROM ${root}`)) as { rows: number }[]
    expect(await restore('hostile', backup, beside)).toMatchObject({ verdict: 'same_rows' })
    expect(await cluster.query('hostile', `SELECT count(*)::int AS rows FROM ${quoteName(beside.name)}`)).toEqual([live])
    expect(beside.leftOut.map((one) => one.object)).toContain('partitioning')
  }
}, 120_000)

test('sequences, defaults, keys, checks and comments come along; what ties it to others is named and left out', async () => {
  await cluster.createDatabase('shop')
  await cluster.query(
    'shop',
    `CREATE SCHEMA "s""h op"; CREATE EXTENSION btree_gist; CREATE ROLE reader; ALTER DEFAULT PRIVILEGES IN SCHEMA "s""h op" GRANT ALL ON TABLES TO reader;
     CREATE FUNCTION public.price(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
     CREATE TABLE "s""h op".customer (id int PRIMARY KEY);
     CREATE TABLE "s""h op"."or'der" (
       id serial PRIMARY KEY, "no" int GENERATED BY DEFAULT AS IDENTITY (START 50), customer int REFERENCES "s""h op".customer, during tsrange,
       twice int GENERATED ALWAYS AS (public.price(4)) STORED, note text DEFAULT E'it''s \\\\ "s""h op"."or''der"',
       CONSTRAINT "ch""eck" CHECK (id > 0 OR note = 'CREATE TABLE "s""h op"."or''der"'), CONSTRAINT apart EXCLUDE USING gist (during WITH &&), UNIQUE (note, "no"));
     CREATE TABLE "s""h op".line (o int REFERENCES "s""h op"."or'der");
     CREATE INDEX "by ""note" ON "s""h op"."or'der" (lower(note)) WHERE note <> 'or''der'; ALTER TABLE "s""h op"."or'der" CLUSTER ON "or'der_pkey";
     ALTER TABLE "s""h op"."or'der" ALTER note SET STORAGE EXTERNAL, ALTER note SET STATISTICS 7, REPLICA IDENTITY FULL, ENABLE ROW LEVEL SECURITY;
     CREATE POLICY own ON "s""h op"."or'der" USING (true); GRANT SELECT ON "s""h op"."or'der" TO reader;
     CREATE STATISTICS "s""h op".pair (ndistinct) ON id, note FROM "s""h op"."or'der";
     CREATE FUNCTION public.quiet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
     CREATE TRIGGER swallow BEFORE INSERT ON "s""h op"."or'der" FOR EACH ROW EXECUTE FUNCTION public.quiet(); ALTER TABLE "s""h op"."or'der" DISABLE TRIGGER swallow;
     COMMENT ON TABLE "s""h op"."or'der" IS 'it''s'; COMMENT ON COLUMN "s""h op"."or'der".note IS 'a
     note'; COMMENT ON INDEX "s""h op"."by ""note" IS 'found by'; COMMENT ON CONSTRAINT apart ON "s""h op"."or'der" IS 'never twice';
     COMMENT ON CONSTRAINT "ch""eck" ON "s""h op"."or'der" IS 'checked';
     INSERT INTO "s""h op".customer SELECT generate_series(1, 9);
     INSERT INTO "s""h op"."or'der" (customer, during, note) SELECT 1 + n % 9, tsrange('2026-01-01'::timestamp + n * interval '1 day', '2026-01-01'::timestamp + (n + 1) * interval '1 day'), 'n' || n FROM generate_series(1, 200) n`,
  )
  const backup = await backUp('shop')
  await cluster.query('shop', `DELETE FROM "s""h op"."or'der"; ALTER SEQUENCE "s""h op"."or'der_id_seq" RESTART`)
  const wanted = { schema: 's"h op', table: "or'der" }
  const beside = besideTable(backup.result.toc, wanted, '_restored_1')
  const result = await restore('shop', backup, beside)
  expect(result.verdict).toBe('same')
  expect(await transactionStatus(cluster.connection('shop'), result.told)).toBe('committed')
  expect(await described('shop', wanted.schema, beside.name, '_restored_1')).toEqual(
    await described('shop', wanted.schema, wanted.table, '_restored_1'),
  )
  const added = await cluster.query('shop', `INSERT INTO "s""h op"."or'der_restored_1" (during) VALUES (NULL) RETURNING id, "no"`)
  expect(added, 'its own sequences go on where they were').toEqual([{ id: 201, no: 250 }])
  expect(await cluster.query('shop', `SELECT last_value::int FROM "s""h op"."or'der_id_seq"`)).toEqual([{ last_value: 1 }])
  const kept = await cluster.query('shop', `SELECT has_table_privilege('reader', '"s""h op"."or''der_restored_1"', 'SELECT') AS may`)
  expect(kept, 'default privileges open it to nobody').toEqual([{ may: false }])
  expect(beside.leftOut.map((one) => one.object).sort()).toEqual([
    'foreign key line line_o_fkey',
    "foreign key or'der or'der_customer_fkey",
    'owner postgres',
    "policy or'der own",
    `privileges TABLE "or'der"`,
    "row security or'der",
    "trigger or'der swallow",
  ])
  // the next one finds every name taken
  expect((await readLiveFacts(cluster.connection('shop'), beside, signal)).taken).toEqual([...new Set(beside.names)].sort())
})

test('what a table needs and the target has not is told by name, and an error in the middle leaves nothing', async () => {
  await cluster.createDatabase('needy')
  await cluster.query(
    'needy',
    `CREATE TYPE mood AS ENUM ('calm', 'cross'); CREATE DOMAIN grade AS int CHECK (VALUE < 10); CREATE FUNCTION same(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
     CREATE TABLE t (id int PRIMARY KEY DEFAULT same(3), m mood, g grade); INSERT INTO t VALUES (1, 'calm', 2), (2, 'cross', 3)`,
  )
  const backup = await backUp('needy')
  await cluster.createDatabase('other')
  const beside = besideTable(backup.result.toc, { schema: 'public', table: 't' }, '_restored_1')
  const target = await readLiveFacts(cluster.connection('other'), beside, signal)
  expect(target.missing.toSorted()).toEqual(['function public.same', 'type public.grade', 'type public.mood'])
  const relations = () =>
    cluster.query('other', `SELECT count(*)::int AS n FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'`)
  await expect(restore('other', backup, beside)).rejects.toMatchObject({ code: 'failed', hint: expect.stringContaining('rolled back') })
  expect(await relations()).toEqual([{ n: 0 }])
  await expect(restore('needy', backup, beside, { damaged: true })).rejects.toMatchObject({ code: 'corrupt' })
  expect(await cluster.query('needy', `SELECT to_regclass('public.t_restored_1') AS there`)).toEqual([{ there: null }])
})

async function bringBeside(backup: RawBackup, table: string, dbname: string) {
  const beside = besideTable(backup.result.toc, { schema: 'till', table }, '_restored_1')
  return { beside, ...(await restore(dbname, backup, beside)) }
}

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
  const { beside, ...result } = await bringBeside(backup, 'sale', 'till')
  expect(result.verdict).toBe('same')
  expect(result.told).toBe(result.xid)
  expect(await everything('till')).toEqual(before)

  const table = `till."${beside.name}"`
  const [row] = await cluster.query('till', `INSERT INTO ${table} (amount) VALUES (3) RETURNING id, nr::int, mood, doubled::int, note`)
  expect(row).toEqual({ id: 501, nr: 600, mood: 'calm', doubled: 6, note: "it's till.sale" })
  const objects = await cluster.query(
    'till',
    `SELECT conname AS name FROM pg_constraint WHERE conrelid = '${table}'::regclass UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = '${table}'::regclass
     UNION SELECT pg_get_serial_sequence('${table}', c) FROM (VALUES ('id'), ('nr')) v (c) ORDER BY 1`,
  )
  expect(objects.map((one) => one.name)).toEqual(
    [
      'amount, positive',
      `sale_during_excl_restored_1`,
      `sale_nr_key_restored_1`,
      `sale_pkey_restored_1`,
      `till.sale_during_excl_restored_1`,
      `till.sale_id_seq_restored_1`,
      `till.sale_note_restored_1`,
      `till.sale_nr_key_restored_1`,
      `till.sale_nr_seq_restored_1`,
      `till.sale_pkey_restored_1`,
    ].sort(),
  )
  expect(
    await cluster.query(
      'till',
      `SELECT obj_description('${table}'::regclass) AS said, relacl::text AS acl, relrowsecurity AS secured FROM pg_class WHERE oid = '${table}'::regclass`,
    ),
  ).toEqual([{ said: 'what was sold', acl: expect.not.stringMatching(/guest|clerk/), secured: false }])
  expect(await cluster.query('till', `SELECT tgname FROM pg_trigger WHERE tgrelid = '${table}'::regclass`)).toEqual([])
  const leftOut = beside.leftOut.map((one) => one.object)
  for (const object of ['foreign key sale sale_customer_fkey', 'trigger sale stamp', 'policy sale own', 'row security sale', 'privileges TABLE sale'])
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
    const { beside, ...result } = await bringBeside(backup, table, 'till')
    expect(result.verdict).toBe('same')
    expect(await count()).toEqual(before)
    expect(await cluster.query('till', `SELECT FROM pg_inherits WHERE inhrelid = 'till."${beside.name}"'::regclass`)).toEqual([])
  }
})

test('what cannot be built leaves nothing behind: a type that is gone, a name that is taken', async () => {
  const backup = await backUp('till')
  const before = await everything('till')
  await expect(bringBeside(backup, 'sale', 'till')).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringContaining('already exists'),
  })
  await cluster.createDatabase('empty')
  await cluster.query('empty', 'CREATE SCHEMA till')
  await expect(bringBeside(backup, 'sale', 'empty')).rejects.toMatchObject({ hint: expect.stringContaining('Nothing was created') })
  expect(await everything('till')).toEqual(before)
  expect(await everything('empty')).toEqual([])
})

test('long names keep apart, and are cut between characters', () => {
  const names = ['é'.repeat(31), `${'é'.repeat(30)}e`]
  const toc = {
    archiveVersion: '1.14',
    dbname: 'd',
    serverVersion: '15',
    toolVersion: '15',
    encoding: 'UTF8',
    largeObjects: { objects: function* () {} },
    entries: names.map((tag, index) => entryOf(index + 1, tag)),
  } as unknown as Parameters<typeof besideTable>[0]
  const [one, other] = names.map((table) => besideTable(toc, { schema: 'public', table }, '_restored_20261122_2315').name)
  expect(one).toMatch(/^é+_[0-9a-f]{8}_restored_20261122_2315$/)
  expect(one).not.toBe(other)
})

function entryOf(dumpId: number, tag: string) {
  return {
    dumpId,
    desc: 'TABLE',
    schema: 'public',
    tag,
    owner: null,
    section: 2,
    defn: `CREATE TABLE public.${quoteName(tag)} (\n);\n`,
    copyStatement: null,
    dependencies: [],
    filename: null,
    viaPartitionRoot: false,
  }
}
