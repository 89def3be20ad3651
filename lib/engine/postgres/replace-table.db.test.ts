import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { pgDump, type RawBackup, rawBackup, readPieces } from '#test/support/raw-backup.ts'
import { type BackupTable, backupTable } from './backup-table.ts'
import { compareRows } from './compare-rows.ts'
import { openClient } from './connection.ts'
import { transactionStatus } from './transaction-status.ts'
import { planReplace } from './replace-plan.ts'
import { replaceTable } from './replace-table.ts'
import type { ReplaceHooks, ReplaceOptions, RowsMode } from './replace-types.ts'

let cluster: Cluster
let dir: string
let staging: string

beforeAll(async () => {
  cluster = await startCluster()
  await cluster.query('postgres', 'CREATE ROLE bank LOGIN; CREATE ROLE clerk; CREATE ROLE stranger LOGIN')
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
const settings = { TimeZone: 'UTC', bytea_output: 'hex', lc_monetary: 'C.UTF-8' }

/** Accounts of a bank with everything that may hang on a table, owned by a role that is no superuser. */
const bank = `
  SET ROLE bank;
  CREATE SCHEMA "b""ank";
  SET search_path = "b""ank";
  CREATE TABLE branches (bid int PRIMARY KEY, name text);
  CREATE TABLE log (what text);
  CREATE TABLE "acc'ounts" (aid int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "no" text UNIQUE, bid int NOT NULL REFERENCES branches,
    parent int CONSTRAINT own REFERENCES "acc'ounts" DEFERRABLE INITIALLY DEFERRED, balance numeric(12,2), twice numeric GENERATED ALWAYS AS (balance * 2) STORED,
    note text, serial serial, UNIQUE (serial), CHECK (balance > -1000));
  CREATE INDEX ON "acc'ounts" (bid);
  CREATE TABLE history (aid int CONSTRAINT "h % fk" REFERENCES "acc'ounts" ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, delta int);
  COMMENT ON CONSTRAINT "h % fk" ON history IS 'it''s a \\ comment';
  CREATE TABLE cards ("no" text REFERENCES "acc'ounts" ("no") ON UPDATE CASCADE ON DELETE SET NULL, pin int) PARTITION BY LIST (pin);
  CREATE TABLE cards_1 PARTITION OF cards FOR VALUES IN (1); CREATE TABLE cards_rest PARTITION OF cards DEFAULT;
  CREATE TABLE old (aid int);
  INSERT INTO old VALUES (-5);
  ALTER TABLE old ADD CONSTRAINT old_fk FOREIGN KEY (aid) REFERENCES "acc'ounts" NOT VALID;
  CREATE VIEW rich AS SELECT * FROM "acc'ounts" WHERE balance > 10; CREATE VIEW richer AS SELECT count(*) AS many FROM rich;
  CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS many FROM "acc'ounts";
  CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "b""ank".log VALUES (TG_NAME); RETURN COALESCE(NEW, OLD); END $$;
  CREATE TRIGGER by_row BEFORE INSERT OR UPDATE OR DELETE ON "acc'ounts" FOR EACH ROW EXECUTE FUNCTION tell();
  CREATE TRIGGER "by st;mt" AFTER TRUNCATE OR INSERT ON "acc'ounts" FOR EACH STATEMENT EXECUTE FUNCTION tell();
  CREATE TRIGGER off AFTER INSERT ON "acc'ounts" FOR EACH ROW EXECUTE FUNCTION tell();
  CREATE CONSTRAINT TRIGGER late AFTER INSERT ON "acc'ounts" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tell();
  ALTER TABLE "acc'ounts" DISABLE TRIGGER off, ENABLE ALWAYS TRIGGER late, ENABLE REPLICA TRIGGER "by st;mt";
  CREATE RULE written AS ON UPDATE TO "acc'ounts" DO ALSO INSERT INTO log VALUES ('rule');
  ALTER TABLE "acc'ounts" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
  CREATE POLICY none ON "acc'ounts" TO bank USING (false);
  CREATE POLICY all_rows ON "acc'ounts" TO clerk USING (true);
  GRANT SELECT, UPDATE (note) ON "acc'ounts" TO clerk;
  RESET ROLE;
  SET session_replication_role = replica;
  INSERT INTO branches SELECT n, 'branch ' || n FROM generate_series(1, 5) n;
  INSERT INTO "acc'ounts" ("no", bid, parent, balance, note) SELECT 'N' || n, 1 + n % 5, NULLIF(n / 2, 0), n, E'tab\\t\\\\ ' || n FROM generate_series(1, 200) n;
  INSERT INTO history SELECT n, n FROM generate_series(1, 150) n;
  INSERT INTO cards SELECT 'N' || n, n % 3 FROM generate_series(1, 90) n;
  REFRESH MATERIALIZED VIEW kept;
  CREATE PUBLICATION news FOR TABLE "acc'ounts";`
const accounts = `"b""ank"."acc'ounts"`

async function openBank(dbname: string): Promise<RawBackup> {
  await cluster.createDatabase(dbname)
  await cluster.query('postgres', `ALTER DATABASE ${dbname} OWNER TO bank`)
  await cluster.query(dbname, bank)
  await damage(dbname, 'SELECT 1')
  return await rawBackup(cluster.connection(dbname), await mkdtemp(join(dir, 'backup-')), staging, { settings })
}

function named(backup: RawBackup, schema: string, table: string): BackupTable {
  const found = backup.tables.find((one) => one.schema === schema && one.table === table)
  const dumpId = found?.dumpId ?? -1
  return backupTable(backup.result.toc, dumpId, {
    rows: found?.rows ?? -1,
    rawSha256: found?.rawSha256 ?? '',
    settings,
    open: () => readPieces(backup.files.get(dumpId) ?? ''),
  })
}

const asBank = (dbname: string) => cluster.connection(dbname, { username: 'bank' })
const options = (backup: BackupTable, rows: RowsMode = 'all'): ReplaceOptions => ({ backup, rows, stagingDir: staging, signal })
const noHooks: ReplaceHooks = { onTransaction: async () => undefined, beforeCommit: async () => undefined }

/** The whole schema as pg_dump sees it, and what it does not tell: the identity of every object. */
async function objects(dbname: string): Promise<string> {
  const { stdout } = await promisify(execFile)(pgDump, ['--schema-only', '--dbname', cluster.url(dbname)], { maxBuffer: 1 << 26 })
  const oids = await cluster.query(
    dbname,
    `SELECT 'c', oid::int8, relname::text, relkind::text, relacl::text FROM pg_class WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND relnamespace::regnamespace::text NOT LIKE 'pg_%'
     UNION ALL SELECT 't', oid::int8, tgname, tgenabled::text, NULL FROM pg_trigger WHERE NOT tgisinternal
     UNION ALL SELECT 'r', oid::int8, rulename, ev_enabled::text, NULL FROM pg_rewrite WHERE oid >= 16384
     UNION ALL SELECT 'p', oid::int8, polname, NULL, NULL FROM pg_policy UNION ALL SELECT 'l', prrelid::int8, NULL, NULL, NULL FROM pg_publication_rel ORDER BY 1, 2`,
  )
  // newer tools give each text a key of its own
  return `${stdout.replaceAll(/^\\(un)?restrict .*$/gm, '')}\n${JSON.stringify(oids)}`
}
/** As a superuser who lets nothing fire but what always does, and leaves no trace of that. */
async function damage(dbname: string, sql: string): Promise<void> {
  await cluster.query(dbname, `SET session_replication_role = replica; ${sql}`)
  await cluster.query(dbname, `TRUNCATE "b""ank".log`)
}
const rowsOf = async (dbname: string, table: string) =>
  JSON.stringify(await cluster.query(dbname, `SELECT t::text AS row FROM ${table} t ORDER BY 1`))
const everything = async (dbname: string) => {
  const tables = ['branches', 'log', `"acc'ounts"`, 'history', 'cards', 'old', 'kept']
  const contents = await Promise.all(tables.map((table) => rowsOf(dbname, `"b""ank".${table}`)))
  const sequences = await cluster.query(dbname, `SELECT sequencename, last_value FROM pg_sequences ORDER BY 1`)
  return { contents: Object.fromEntries(tables.map((table, index) => [table, contents[index]])), sequences, objects: await objects(dbname) }
}

test('a table’s rows are replaced in one transaction: everything that hangs on it stays as it was, and nothing fires', async () => {
  const backup = named(await openBank('whole'), 'b"ank', "acc'ounts")
  const before = await everything('whole')
  await damage(
    'whole',
    `UPDATE ${accounts} SET balance = 0, note = 'damaged' WHERE aid % 3 = 0; DELETE FROM ${accounts} WHERE aid > 160;
     INSERT INTO ${accounts} ("no", bid) VALUES ('later', 1); SELECT setval('"b""ank"."acc''ounts_aid_seq"', 7), setval('"b""ank"."acc''ounts_serial_seq"', 9000)`,
  )
  const plan = await planReplace(asBank('whole'), options(backup))
  expect(plan.findings).toEqual([])
  const said = Object.fromEntries(plan.dependencies.map((line) => [line.object, line.what]))
  expect(said).toMatchObject({
    [`foreign key h % fk of b"ank.history to b"ank.acc'ounts`]: expect.stringContaining('with every row checked'),
    [`foreign key cards_no_fkey of b"ank.cards to b"ank.acc'ounts`]: expect.stringContaining('made again'),
    [`foreign key old_fk of b"ank.old to b"ank.acc'ounts`]: expect.stringContaining('stays NOT VALID'),
    [`foreign key own of b"ank.acc'ounts to b"ank.acc'ounts`]: expect.stringContaining('every row that comes in is held against it'),
    [`foreign key acc'ounts_bid_fkey of b"ank.acc'ounts to b"ank.branches`]: expect.stringContaining('Stays'),
    'trigger late': 'Does not fire; is always on again afterwards.',
    'trigger off': 'Is off, and stays so.',
    'rule written': expect.stringContaining('Is not followed'),
    'view b"ank.rich': expect.stringContaining('Stays'),
    'view b"ank.richer': expect.stringContaining('Stays'),
    'materialized view b"ank.kept': expect.stringContaining('not refreshed'),
    privileges: '3 grants stay as they are live.',
    'policy none': expect.any(String),
    'row security': expect.stringContaining('also for the owner'),
    [`sequence b"ank.acc'ounts_aid_seq`]: expect.stringContaining('200'),
    'publication news': expect.stringContaining('emptied'),
    'column twice': 'Is computed anew.',
    'identity column aid': 'Takes the backup’s values.',
  })
  const xids: string[] = []
  const result = await replaceTable(asBank('whole'), options(backup), {
    onTransaction: async (xid) => void xids.push(xid),
    beforeCommit: async () => {
      expect(await transactionStatus(cluster.connection('whole'), xids[0] ?? '')).toBe('in progress')
    },
  })
  expect(result).toMatchObject({ verdict: 'same', emptied: 161, inserted: 200, xid: xids[0] })
  expect(result.sequences).toEqual([{ schema: 'b"ank', name: "acc'ounts_aid_seq", value: '200' }])
  expect(await transactionStatus(cluster.connection('whole'), result.xid)).toBe('committed')
  const after = await everything('whole')
  expect(after.contents).toEqual(before.contents)
  expect(after.objects).toBe(before.objects)
  expect(after.sequences).toEqual([
    expect.objectContaining({ last_value: '200' }),
    // greater live than in the backup
    expect.objectContaining({ last_value: '9000' }),
  ])
})

test('rows that would be left without their parent block, counted by key; who tries nevertheless finds everything as it was', async () => {
  const backup = named(await openBank('orphans'), 'b"ank', "acc'ounts")
  await damage(
    'orphans',
    `DELETE FROM ${accounts} WHERE aid = 3; SELECT setval('"b""ank"."acc''ounts_aid_seq"', 50);
     INSERT INTO ${accounts} (aid, "no", bid) OVERRIDING SYSTEM VALUE SELECT n, 'L' || n, 1 FROM generate_series(300, 304) n;
     INSERT INTO "b""ank".history SELECT 300 + n % 5, 1 FROM generate_series(1, 12) n; INSERT INTO "b""ank".cards VALUES ('L300', 1), ('L301', 2), (NULL, 1);
     DELETE FROM "b""ank".branches WHERE bid = 2`,
  )
  const before = await everything('orphans')
  const plan = await planReplace(asBank('orphans'), options(backup))
  const messages = plan.findings.map((one) => `${one.severity}: ${one.message}`)
  expect(messages).toEqual([
    `blocker: 40 rows of the backup refer by acc'ounts_bid_fkey (bid) to rows of b"ank.branches that are not there.`,
    `blocker: 2 rows of b"ank.cards refer by cards_no_fkey (no) to rows that the backup does not have.`,
    `blocker: 12 rows of b"ank.history refer by h % fk (aid) to rows that the backup does not have.`,
  ])
  const failed = replaceTable(asBank('orphans'), options(backup), noHooks)
  await expect(failed).rejects.toMatchObject({ code: 'blocked', hint: expect.stringContaining('rolled back') })
  expect(await everything('orphans')).toEqual(before)
  // only what is missing, without the branch that is not there
  const missing = await planReplace(asBank('orphans'), options(backup, 'missing'))
  expect(missing.findings.map((one) => one.severity)).toEqual(['warning'])
  const result = await replaceTable(asBank('orphans'), options(backup, 'missing'), noHooks)
  expect(result).toMatchObject({ inserted: 1, updated: 0, skipped: 0, verdict: 'rows', emptied: null })
  expect(await rowsOf('orphans', `"b""ank".log`)).toBe('[]')
})

test('only the missing or the changed rows come back: told apart by key, compared as text, with everything else left alone', async () => {
  const backup = named(await openBank('partly'), 'b"ank', "acc'ounts")
  const all = await rowsOf('partly', accounts)
  const lost = `DELETE FROM ${accounts} WHERE aid BETWEEN 11 AND 20; UPDATE ${accounts} SET note = NULL, balance = balance + 1 WHERE aid BETWEEN 31 AND 35`
  await damage('partly', lost)
  const before = await objects('partly')
  expect(await replaceTable(asBank('partly'), options(backup, 'missing'), noHooks)).toMatchObject({ inserted: 10, updated: 0, skipped: 0 })
  expect(await replaceTable(asBank('partly'), options(backup, 'changed'), noHooks)).toMatchObject({ inserted: 0, updated: 5, skipped: 0 })
  expect(await rowsOf('partly', accounts)).toBe(all)
  expect(await objects('partly')).toBe(before)
  await cluster.query('partly', `DROP RULE written ON ${accounts}`)
  const without = await objects('partly')
  await damage('partly', `${lost}; INSERT INTO ${accounts} (aid, "no", bid) OVERRIDING SYSTEM VALUE VALUES (900, 'N12', 1)`)
  // another row has the unique number of a missing one by now
  const last = await replaceTable(asBank('partly'), options(backup, 'missing_and_changed'), noHooks)
  expect(last).toMatchObject({ inserted: 9, updated: 5, skipped: 1 })
  expect(await cluster.query('partly', `SELECT count(*)::int AS n FROM ${accounts} WHERE aid = 12 OR aid = 900`)).toEqual([{ n: 1 }])
  expect(await objects('partly')).toBe(without)
  expect([await rowsOf('partly', `"b""ank".log`), (await cluster.query('partly', `SELECT count(*)::int AS n FROM "b""ank".history`))[0]]).toEqual([
    '[]',
    { n: 150 },
  ])
})

test('an error in the middle, an abort, a dropped database and a failing last step leave the table untouched, its sequences too', async () => {
  const backup = named(await openBank('broken'), 'b"ank', "acc'ounts")
  await damage('broken', `DELETE FROM ${accounts} WHERE aid > 100; SELECT setval('"b""ank"."acc''ounts_aid_seq"', 5)`)
  await cluster.query('broken', `DELETE FROM "b""ank".history WHERE aid > 100`)
  const before = await everything('broken')
  // the server refuses a row
  await cluster.query('broken', `ALTER TABLE ${accounts} ADD CONSTRAINT low CHECK (balance < 150)`)
  await expect(replaceTable(asBank('broken'), options(backup), noHooks)).rejects.toMatchObject({
    code: 'failed',
    hint: expect.stringContaining('rolled back'),
  })
  await cluster.query('broken', `ALTER TABLE ${accounts} DROP CONSTRAINT low`)
  expect(await everything('broken')).toEqual(before)
  // the source of the data ends in the middle of a row
  const cut: BackupTable = {
    ...backup,
    async *open() {
      for await (const piece of backup.open() as AsyncIterable<Buffer>) yield piece.subarray(0, 2001)
      throw new Error('the storage broke off')
    },
  }
  await expect(replaceTable(asBank('broken'), options(cut), noHooks)).rejects.toThrow()
  // other rows than the manifest says
  const other: BackupTable = {
    ...backup,
    async *open() {
      for await (const piece of backup.open() as AsyncIterable<Buffer>) yield Buffer.from(piece.toString().replace('\t7.00\t', '\t8.00\t'))
    },
  }
  await expect(replaceTable(asBank('broken'), options(other), noHooks)).rejects.toMatchObject({ code: 'corrupt' })
  // the last step before the COMMIT fails, or the operation is ended
  const stop = new AbortController()
  const refused = { ...noHooks, beforeCommit: async () => Promise.reject(new Error('no longer current')) }
  await expect(replaceTable(asBank('broken'), options(backup), refused)).rejects.toThrow('no longer current')
  let xid = ''
  const ended: ReplaceHooks = { onTransaction: async (id) => void (xid = id), beforeCommit: async () => stop.abort(new Error('ended')) }
  const aborted = replaceTable(asBank('broken'), { ...options(backup), signal: stop.signal }, ended)
  await expect(aborted).rejects.toThrow()
  await expect.poll(() => transactionStatus(cluster.connection('broken'), xid)).toBe('aborted')
  expect(await everything('broken')).toEqual(before)
  // the database goes away under it
  const dropped = replaceTable(asBank('broken'), options(backup), {
    ...noHooks,
    beforeCommit: async () => void (await cluster.query('postgres', 'DROP DATABASE broken WITH (FORCE)')),
  })
  await expect(dropped).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('was dropped') })
})

test('who is in the way, who does not own the table, and what the backup’s rows do not fit into any more is said before a row is written', async () => {
  const backup = named(await openBank('refused'), 'b"ank', "acc'ounts")
  const stranger = cluster.connection('refused', { username: 'stranger' })
  expect((await planReplace(stranger, options(backup))).findings.map((one) => one.code)).toContain('privileges')
  await expect(replaceTable(stranger, options(backup), noHooks)).rejects.toMatchObject({ code: 'blocked' })
  await cluster.query(
    'refused',
    `TRUNCATE ${accounts} CASCADE; DROP VIEW "b""ank".rich CASCADE; ALTER TABLE ${accounts} DROP COLUMN note, ADD COLUMN due date NOT NULL`,
  )
  const plan = await planReplace(asBank('refused'), options(backup))
  expect(plan.findings.map((one) => [one.code, one.severity])).toEqual([
    ['columns_gone', 'blocker'],
    ['columns_not_null', 'blocker'],
  ])
  await cluster.query('refused', `ALTER TABLE ${accounts} ADD COLUMN note text, ALTER COLUMN due SET DEFAULT '2026-01-01'`)
  expect((await planReplace(asBank('refused'), options(backup))).findings).toEqual([])
  // a session that reads the table keeps it
  const reader = await openClient(cluster.connection('refused'))
  await reader.query(`BEGIN; SELECT FROM ${accounts}`)
  const held = replaceTable(asBank('refused'), { ...options(backup), lockTimeoutMs: 200 }, noHooks)
  await expect(held).rejects.toMatchObject({ code: 'lock_timeout', hint: expect.stringContaining('rolled back') })
  await reader.end()
  const result = await replaceTable(asBank('refused'), options(backup), noHooks)
  expect(result).toMatchObject({ verdict: 'same', inserted: 200 })
  expect(await cluster.query('refused', `SELECT DISTINCT due::text FROM ${accounts}`)).toEqual([{ due: '2026-01-01' }])
  await cluster.query('refused', `DROP TABLE ${accounts} CASCADE`)
  expect((await planReplace(asBank('refused'), options(backup))).findings.map((one) => one.code)).toEqual(['table_not_found'])
})

test('a partition’s rows are replaced under keys of its partitioned table, which stay keys of all partitions', async () => {
  await cluster.createDatabase('parts')
  await cluster.query(
    'parts',
    `CREATE TABLE tree (id int, tenant int, parent int, PRIMARY KEY (tenant, id), UNIQUE (id, tenant), CONSTRAINT up FOREIGN KEY (tenant, parent) REFERENCES tree) PARTITION BY LIST (tenant);
     CREATE TABLE tree_1 PARTITION OF tree FOR VALUES IN (1); CREATE TABLE tree_2 (id int NOT NULL, parent int, tenant int NOT NULL); ALTER TABLE tree ATTACH PARTITION tree_2 FOR VALUES IN (2);
     INSERT INTO tree SELECT n, t, NULLIF(n / 2, 0) FROM generate_series(1, 40) n, generate_series(1, 2) t;
     CREATE TABLE leaves (leaf int, tenant int, CONSTRAINT on_tree FOREIGN KEY (leaf, tenant) REFERENCES tree (id, tenant) ON DELETE CASCADE) PARTITION BY HASH (leaf);
     CREATE TABLE leaves_0 PARTITION OF leaves FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE leaves_1 PARTITION OF leaves FOR VALUES WITH (MODULUS 2, REMAINDER 1);
     INSERT INTO leaves SELECT n, t FROM generate_series(1, 40) n, generate_series(1, 2) t`,
  )
  const backup = named(await rawBackup(cluster.connection('parts'), await mkdtemp(join(dir, 'backup-')), staging, { settings }), 'public', 'tree_1')
  const before = [await rowsOf('parts', 'tree'), await rowsOf('parts', 'leaves'), await objects('parts')]
  await cluster.query('parts', `SET session_replication_role = replica; DELETE FROM tree_1 WHERE id > 30`)
  const conn = cluster.connection('parts')
  expect((await planReplace(conn, options(backup))).findings).toEqual([])
  expect(await replaceTable(conn, options(backup), noHooks)).toMatchObject({ verdict: 'same', emptied: 30, inserted: 40 })
  expect([await rowsOf('parts', 'tree'), await rowsOf('parts', 'leaves'), await objects('parts')]).toEqual(before)
  await cluster.query(
    'parts',
    `INSERT INTO tree VALUES (50, 1, NULL), (50, 2, 1), (51, 2, 50); INSERT INTO leaves VALUES (50, 1), (50, 2), (NULL, 1)`,
  )
  expect((await planReplace(conn, options(backup))).findings.map((one) => one.message)).toEqual([
    '1 rows of public.leaves refer by on_tree (leaf, tenant) to rows that the backup does not have.',
  ])
  await expect(replaceTable(conn, options(backup), noHooks)).rejects.toMatchObject({ code: 'blocked' })
  expect(await cluster.query('parts', 'SELECT count(*)::int AS n FROM leaves')).toEqual([{ n: 83 }])
})

test('equal keys that are written differently, keys that are switched off, tables without columns or key: each is told for what it is', async () => {
  await cluster.createDatabase('odd')
  await cluster.query(
    'odd',
    `CREATE TABLE prices (price numeric PRIMARY KEY); CREATE TABLE sold (price numeric REFERENCES prices); INSERT INTO prices VALUES (1.00); INSERT INTO sold VALUES (1.0);
     CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES; CREATE TABLE keyless (v text); INSERT INTO keyless VALUES ('a'), ('a');
     CREATE TABLE empty (id int PRIMARY KEY, CONSTRAINT self FOREIGN KEY (id) REFERENCES empty);
     CREATE SEQUENCE downward INCREMENT -1 MINVALUE -100 MAXVALUE -1; CREATE TABLE back (id int DEFAULT nextval('downward')); ALTER SEQUENCE downward OWNED BY back.id;
     INSERT INTO back SELECT FROM generate_series(1, 5)`,
  )
  const backup = await rawBackup(cluster.connection('odd'), await mkdtemp(join(dir, 'backup-')), staging, { settings })
  const conn = cluster.connection('odd')
  const of = (table: string) => named(backup, 'public', table)
  await cluster.query('odd', 'CHECKPOINT')
  const written = async () => (await cluster.query('odd', 'SELECT pg_current_wal_insert_lsn() AS at'))[0]?.['at']
  const at = await written()
  const plan = await planReplace(conn, options(of('prices')))
  expect(plan.findings.map((one) => [one.severity, one.message])).toEqual([
    [
      'warning',
      expect.stringContaining(
        '1 rows of public.sold refer by sold_price_fkey (price) to rows that the backup does not have. Values of this type can be equal',
      ),
    ],
  ])
  expect(await written()).toBe(at)
  expect(await replaceTable(conn, options(of('prices')), noHooks)).toMatchObject({ verdict: 'same', inserted: 1 })
  await cluster.query('odd', 'ALTER TABLE sold DISABLE TRIGGER ALL')
  expect((await planReplace(conn, options(of('prices')))).findings.map((one) => one.code)).toEqual(['key_switched_off'])
  await cluster.query(
    'odd',
    `DELETE FROM nothing; INSERT INTO keyless VALUES ('b'); INSERT INTO empty VALUES (1); TRUNCATE back; SELECT setval('downward', -2)`,
  )
  expect(await replaceTable(conn, options(of('nothing')), noHooks)).toMatchObject({ verdict: 'same', emptied: 0, inserted: 2 })
  expect(await replaceTable(conn, options(of('keyless')), noHooks)).toMatchObject({ verdict: 'same', emptied: 3, inserted: 2 })
  expect((await planReplace(conn, options(of('keyless'), 'missing'))).findings.map((one) => one.code)).toEqual(['no_primary_key'])
  expect(await replaceTable(conn, options(of('empty')), noHooks)).toMatchObject({ verdict: 'same', emptied: 1, inserted: 0 })
  expect((await replaceTable(conn, options(of('back')), noHooks)).sequences).toEqual([{ schema: 'public', name: 'downward', value: '-5' }])
  expect(await cluster.query('odd', `SELECT nextval('downward')::int AS n`)).toEqual([{ n: -6 }])
})

test('a database in another encoding: names and values are compared and come back as they were', async () => {
  await cluster.query('postgres', `CREATE DATABASE western TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`)
  await cluster.query(
    'western',
    `CREATE TABLE "Größe" ("é" text PRIMARY KEY, v text); INSERT INTO "Größe" SELECT 'ü' || n, 'ßÿ' FROM generate_series(1, 20) n`,
  )
  const backup = named(await rawBackup(cluster.connection('western'), await mkdtemp(join(dir, 'backup-')), staging, { settings }), 'public', 'Größe')
  expect([backup.encoding, backup.columns]).toEqual(['LATIN1', ['é', 'v']])
  const before = await rowsOf('western', '"Größe"')
  await cluster.query('western', `DELETE FROM "Größe" WHERE "é" = 'ü3'; UPDATE "Größe" SET v = 'æ' WHERE "é" = 'ü4'`)
  const conn = cluster.connection('western')
  const found = await compareRows(conn, { backup, stagingDir: staging, signal })
  expect(found).toMatchObject({ onlyBackup: 1, onlyLive: 0, different: 1, same: 18 })
  expect(found.samples).toContainEqual({ kind: 'different', key: ['ü4'], columns: [{ name: 'v', backup: 'ßÿ', live: 'æ' }] })
  expect(await replaceTable(conn, options(backup, 'missing'), noHooks)).toMatchObject({ inserted: 1 })
  expect(await replaceTable(conn, options(backup), noHooks)).toMatchObject({ verdict: 'same', inserted: 20 })
  expect(await rowsOf('western', '"Größe"')).toBe(before)
})

test('whoever writes meanwhile waits and goes on: nobody is ended for a deadlock, in whichever order he writes, and every key holds', async () => {
  await cluster.createDatabase('busy')
  await cluster.query(
    'busy',
    `CREATE TABLE account (id int PRIMARY KEY, balance int); INSERT INTO account SELECT n, 0 FROM generate_series(1, 50) n;
     CREATE TABLE entry (n serial, account int REFERENCES account, delta int)`,
  )
  const backup = named(await rawBackup(cluster.connection('busy'), await mkdtemp(join(dir, 'backup-')), staging, { settings }), 'public', 'account')
  const update = (id: number) => `UPDATE public.account SET balance = balance + 1 WHERE id = ${id}`
  const insert = (id: number) => `INSERT INTO public.entry (account, delta) VALUES (${id}, 1)`
  let entries = 0
  const replacedUnder = async (...orders: ((id: number) => string)[][]) => {
    const stop = new AbortController()
    const writers = orders.map(async (order) => {
      const client = await openClient(cluster.connection('busy'), { writable: true, lockTimeoutMs: 0 })
      for (let turn = 0; !stop.signal.aborted; turn++) {
        const [first, second] = order.map((of) => of(1 + (turn % 50)))
        await client.query(`BEGIN; ${first}`)
        await client.query(`SELECT pg_catalog.pg_sleep(0.01); ${second}; COMMIT`)
        entries++
      }
      await client.end()
    })
    const written = async () => {
      const before = entries
      await expect.poll(() => entries).toBeGreaterThan(before + writers.length)
    }
    try {
      await written()
      const replaced = replaceTable(cluster.connection('busy'), { ...options(backup), lockTimeoutMs: orders.length > 2 ? 2000 : 60_000 }, noHooks)
      const outcome = await replaced.then(
        (result) => `${result.inserted} rows`,
        (error: { code: string }) => error.code,
      )
      await written()
      return outcome
    } finally {
      stop.abort()
      await Promise.all(writers)
    }
  }
  expect(await replacedUnder([update, insert], [update, insert])).toBe('50 rows')
  expect(await replacedUnder([insert, update], [insert, update])).toBe('50 rows')
  expect(['50 rows', 'lock_timeout']).toContain(await replacedUnder([update, insert], [insert, update], [update, insert], [insert, update]))
  expect(await cluster.query('busy', 'SELECT count(*)::int AS n FROM entry')).toEqual([{ n: entries }])
})
