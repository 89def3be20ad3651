import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { hostileSql } from '#test/support/hostile.ts'
import { type RawBackup, rawBackup, readPieces } from '#test/support/raw-backup.ts'
import { backupTable } from './backup-table.ts'
import { type BesideTable, besideTable } from './beside-definitions.ts'
import { lookBeside } from './beside-target.ts'
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
  const result = await restoreBeside(cluster.connection(dbname), {
    beside,
    tables,
    signal,
    async onTransaction(xid) {
      told = xid
    },
  })
  return { ...result, told }
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

test('every table of a hostile database comes back beside itself, to the byte, with its definitions', async () => {
  await cluster.createDatabase('hostile')
  for (const sql of hostileSql) await cluster.query('hostile', sql)
  const backup = await backUp('hostile')
  const tables = backup.tables.filter((one) => !one.viaPartitionRoot)
  expect(tables.length).toBeGreaterThan(30)
  for (const { schema, table, rows } of tables) {
    const beside = besideTable(backup.result.toc, { schema, table }, '_restored_1')
    const target = await lookBeside(cluster.connection('hostile'), beside, signal)
    expect([target.taken, target.missing, target.mayCreate], table).toEqual([[], [], true])
    expect(await restore('hostile', backup, beside), table).toMatchObject({ rows, verdict: 'same' })
    expect(Buffer.byteLength(beside.name)).toBeLessThanOrEqual(63)
    if (beside.name === `${table}_restored_1`) {
      expect(await described('hostile', schema, beside.name, '_restored_1'), table).toEqual(await described('hostile', schema, table, '_restored_1'))
    }
  }
  expect(await cluster.query('hostile', 'SELECT count(*)::int AS rows FROM parent')).toEqual([{ rows: 2 }])
  for (const root of ['by_range', 'by_hash']) {
    const beside = besideTable(backup.result.toc, { schema: 'public', table: root }, '_restored_1')
    const [live] = (await cluster.query('hostile', `SELECT count(*)::int AS rows FROM ${root}`)) as { rows: number }[]
    expect(await restore('hostile', backup, beside)).toMatchObject({ rows: live?.rows, verdict: 'same_rows' })
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
  expect(result).toMatchObject({ rows: 200, verdict: 'same' })
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
  expect((await lookBeside(cluster.connection('shop'), beside, signal)).taken).toEqual([...new Set(beside.names)].sort())
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
  const target = await lookBeside(cluster.connection('other'), beside, signal)
  expect(target.missing.map((one) => `${one.kind} ${one.name}`).sort()).toEqual(['function same', 'type grade', 'type mood'])
  const relations = () =>
    cluster.query('other', `SELECT count(*)::int AS n FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'`)
  await expect(restore('other', backup, beside)).rejects.toMatchObject({ code: 'failed', hint: expect.stringContaining('rolled back') })
  expect(await relations()).toEqual([{ n: 0 }])
  await expect(restore('needy', backup, beside, { damaged: true })).rejects.toMatchObject({ code: 'corrupt' })
  expect(await cluster.query('needy', `SELECT to_regclass('public.t_restored_1') AS there`)).toEqual([{ there: null }])
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
