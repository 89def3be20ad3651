import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RowComparison } from '#lib/domain/plan.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { hostileSql } from '#test/support/hostile.ts'
import { type RawBackup, rawBackup, readPieces } from '#test/support/raw-backup.ts'
import { type BackupTable, backupTable } from './backup-table.ts'
import { compareRows } from './compare-rows.ts'

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
const settings = { TimeZone: 'Europe/Berlin', bytea_output: 'escape', lc_monetary: 'C.UTF-8' }

function tableOf(backup: RawBackup, dumpId: number): BackupTable {
  const { rows, rawSha256 } = backup.tables.find((one) => one.dumpId === dumpId) ?? { rows: -1, rawSha256: '' }
  return backupTable(backup.result.toc, dumpId, { rows, rawSha256, settings, open: () => readPieces(backup.files.get(dumpId) ?? '') })
}
function named(backup: RawBackup, schema: string, table: string): BackupTable {
  return tableOf(backup, backup.tables.find((one) => one.schema === schema && one.table === table)?.dumpId ?? -1)
}
async function backUp(dbname: string): Promise<RawBackup> {
  return await rawBackup(cluster.connection(dbname), await mkdtemp(join(dir, 'backup-')), staging, { settings })
}
const counts = ({ onlyBackup, onlyLive, different, same }: RowComparison) => ({ onlyBackup, onlyLive, different, same })

test('every table of a hostile database is the same as itself, whatever it is called and holds', async () => {
  await cluster.createDatabase('hostile')
  for (const sql of hostileSql) await cluster.query('hostile', sql)
  const backup = await backUp('hostile')
  expect(backup.tables.length).toBeGreaterThan(30)
  for (const { dumpId, schema, table, rows, viaPartitionRoot } of backup.tables) {
    if (viaPartitionRoot) continue
    const found = await compareRows(cluster.connection('hostile'), { backup: tableOf(backup, dumpId), stagingDir: staging, signal })
    expect(counts(found), `${schema}.${table}`).toEqual({ onlyBackup: 0, onlyLive: 0, different: 0, same: rows })
    expect([found.samples, found.columnsOnlyBackup, found.columnsOnlyLive, found.columnsOfOtherType], `${schema}.${table}`).toEqual([[], [], [], []])
  }
})

test('rows that were deleted, added and changed since are counted by a composite key and shown by their values', async () => {
  await cluster.createDatabase('changed')
  await cluster.query(
    'changed',
    `CREATE SCHEMA "s""h op"; CREATE TABLE "s""h op"."or'der" (note text, "no" int, shop text, amount numeric(10,2), PRIMARY KEY (shop, "no"));
     INSERT INTO "s""h op"."or'der" SELECT CASE WHEN n % 5 = 0 THEN NULL ELSE E'line\\n' || n END, n, 'é\\' || n % 3, n FROM generate_series(1, 3000) n`,
  )
  const table = named(await backUp('changed'), 's"h op', "or'der")
  await cluster.query(
    'changed',
    `DELETE FROM "s""h op"."or'der" WHERE "no" % 100 = 1; UPDATE "s""h op"."or'der" SET amount = amount + 1, note = 'other' WHERE "no" = 10;
     UPDATE "s""h op"."or'der" SET note = '' WHERE "no" = 20; INSERT INTO "s""h op"."or'der" VALUES (repeat('x', 5000000), 9000, 'new', 1), (NULL, 9001, 'new', 2)`,
  )
  const found = await compareRows(cluster.connection('changed'), { backup: table, stagingDir: staging, signal, samples: 2 })
  expect(counts(found)).toEqual({ onlyBackup: 30, onlyLive: 2, different: 2, same: 2968 })
  expect(found.key).toEqual(['shop', 'no'])
  const of = (kind: string) => found.samples.filter((sample) => sample.kind === kind).sort((one, other) => Number(one.key[1]) - Number(other.key[1]))
  expect(of('different')).toEqual([
    {
      kind: 'different',
      key: ['é\\\\1', '10'],
      columns: [
        { name: 'note', backup: null, live: 'other' },
        { name: 'amount', backup: '10.00', live: '11.00' },
      ],
    },
    { kind: 'different', key: ['é\\\\2', '20'], columns: [{ name: 'note', backup: null, live: '' }] },
  ])
  expect(of('only_backup').length).toBe(2)
  for (const sample of of('only_backup')) {
    expect(Number(sample.key[1]) % 100).toBe(1)
    expect(sample.columns[0]).toEqual({ name: 'note', backup: `line\\n${sample.key[1]}`, live: null })
  }
  expect(of('only_live').map((sample) => sample.key[1])).toEqual(['9000', '9001'])
  expect(of('only_live')[0]?.columns[0]?.live).toBe(`${'x'.repeat(120)}…`)
})

test('without a primary key whole rows are counted against each other, as often as each of them stands there', async () => {
  await cluster.createDatabase('keyless')
  await cluster.query(
    'keyless',
    `CREATE TABLE log (at date, what text); INSERT INTO log SELECT date '2026-01-01', 'same' FROM generate_series(1, 10); INSERT INTO log VALUES (NULL, 'gone')`,
  )
  const table = named(await backUp('keyless'), 'public', 'log')
  await cluster.query(
    'keyless',
    `INSERT INTO log VALUES ('2026-01-01', 'same'), ('2026-01-01', 'same'), ('2026-01-02', 'new'); DELETE FROM log WHERE what = 'gone'`,
  )
  const found = await compareRows(cluster.connection('keyless'), { backup: table, stagingDir: staging, signal })
  expect(counts(found)).toEqual({ onlyBackup: 1, onlyLive: 3, different: 0, same: 10 })
  expect(found.key).toEqual([])
  expect(found.samples.find((sample) => sample.kind === 'only_backup')?.columns).toEqual([
    { name: 'at', backup: null, live: null },
    { name: 'what', backup: 'gone', live: null },
  ])
})

test('columns that were added, dropped or given another type since are told, and the others are compared', async () => {
  await cluster.createDatabase('columns')
  await cluster.query(
    'columns',
    `CREATE TABLE t (dropped text, id int PRIMARY KEY, "when" timestamp NOT NULL, kept varchar(20) DEFAULT 'a, b');
     INSERT INTO t SELECT 'x' || n, n, timestamp '2026-01-01 12:00' + n * interval '1 day', n FROM generate_series(1, 50) n;
     CREATE TABLE parent (id int PRIMARY KEY, v text); INSERT INTO parent VALUES (1, 'own'); CREATE TABLE child () INHERITS (parent); INSERT INTO child VALUES (2, 'child')`,
  )
  const backup = await backUp('columns')
  await cluster.query(
    'columns',
    `ALTER TABLE t DROP COLUMN dropped, ADD COLUMN added int DEFAULT 1, ALTER COLUMN kept TYPE text; UPDATE t SET kept = 'other' WHERE id = 7`,
  )
  const conn = cluster.connection('columns')
  const first = await compareRows(conn, { backup: named(backup, 'public', 't'), stagingDir: staging, signal })
  expect(counts(first)).toEqual({ onlyBackup: 0, onlyLive: 0, different: 1, same: 49 })
  expect(first).toMatchObject({
    columnsOnlyBackup: ['dropped'],
    columnsOnlyLive: ['added'],
    columnsOfOtherType: [{ name: 'kept', backup: 'character varying(20)', live: 'text' }],
  })
  await cluster.query('columns', `ALTER TABLE t ALTER COLUMN "when" TYPE timestamptz, DROP CONSTRAINT t_pkey`)
  const second = await compareRows(conn, { backup: named(backup, 'public', 't'), stagingDir: staging, signal })
  expect([second.key, second.same, second.onlyBackup, second.onlyLive]).toEqual([[], 0, 50, 50])
  expect(second.columnsOfOtherType.map((column) => column.name)).toEqual(['when', 'kept'])
  // rows of a child are the child's
  expect(counts(await compareRows(conn, { backup: named(backup, 'public', 'parent'), stagingDir: staging, signal }))).toMatchObject({
    same: 1,
    onlyLive: 0,
  })
})

test('a table that is gone or hidden from the role is an error, and nothing is written while rows are compared', async () => {
  await cluster.createDatabase('looked')
  await cluster.query('looked', `CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE TABLE gone (id int); CREATE ROLE reader LOGIN`)
  const backup = await backUp('looked')
  await cluster.query('looked', `DROP TABLE gone; ALTER TABLE t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON t TO reader`)
  const compare = (table: string, username = 'postgres') =>
    compareRows(cluster.connection('looked', { username }), { backup: named(backup, 'public', table), stagingDir: staging, signal })
  await expect(compare('gone')).rejects.toMatchObject({ code: 'not_found' })
  await expect(compare('t', 'reader')).rejects.toMatchObject({ code: 'row_security' })
  const written = async () => (await cluster.query('looked', `SELECT pg_current_wal_insert_lsn() AS at`))[0]?.at
  await cluster.query('looked', 'CHECKPOINT')
  const before = await written()
  expect((await compare('t')).same).toBe(1)
  expect(await written()).toBe(before)
})
