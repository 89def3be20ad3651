import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { hostileDatabaseNames, hostileSql, hostileTableNames } from '#test/support/hostile.ts'
import { pgDump, rawBackup, rawRestore, readPieces } from '#test/support/raw-backup.ts'
import { hashEntry, hashTables } from './compare.ts'
import { createDatabase } from './database.ts'
import { databaseLocale } from './database-locale.ts'
import { addLineSums } from './line-hash.ts'
import { preflight } from './preflight.ts'
import { tocIdentity } from './toc.ts'
import { findTools } from './tools.ts'

let source: Cluster
let target: Cluster
let dir: string
let staging: string

beforeAll(async () => {
  ;[source, target] = await Promise.all([startCluster(), startCluster()])
})
afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()])
})
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-raw-'))
  staging = await mkdtemp(join(tmpdir(), 'lifeboat-staging-'))
})
afterEach(async () => {
  expect(await readdir(staging), 'nothing stays in the staging directory').toEqual([])
  await rm(dir, { recursive: true })
  await rm(staging, { recursive: true })
})

const like = { encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8' }

test('a hostile database comes back with every table, row and large object equal', async () => {
  await source.createDatabase('hostile')
  for (const sql of hostileSql) await source.query('hostile', sql)
  const conn = source.connection('hostile')
  const looked = await preflight(conn, { tools: await findTools(), stagingDir: staging, forKind: 'backup' })
  expect(looked.findings).toEqual([])
  const backup = await rawBackup(conn, dir, staging)

  expect(backup.result.largeObjects).toBe(62)
  for (const name of hostileTableNames) {
    const index = hostileTableNames.indexOf(name)
    expect(backup.tables.find((one) => one.table === name && one.schema === 'public')?.rows, name).toBe(50 + index)
  }
  expect(backup.tables.find((one) => one.table === 'no columns but rows')?.rows).toBe(2)
  expect(backup.tables.find((one) => one.table === 'empty_table')?.rows).toBe(0)
  expect(backup.tables.map((one) => `${one.schema}.${one.table}`).sort()).toEqual(looked.tables.map((one) => `${one.schema}.${one.table}`).sort())

  await createDatabase(target.connection(), 'back', like)
  const restored = await rawRestore(target.connection('back'), backup, staging)
  expect(restored.tables).toBe(backup.tables.length)

  const settings = looked.settings ?? {}
  const again = await hashTables(target.connection('back'), {
    stagingDir: staging,
    toolPath: pgDump,
    jobs: 2,
    signal: new AbortController().signal,
    settings,
    lineSums: true,
  })
  const key = (one: { schema: string; table: string }) => JSON.stringify([one.schema, one.table])
  const hashes = new Map(again.tables.map((one) => [key(one), one]))
  expect(hashes.size).toBe(backup.tables.length)
  for (const table of backup.tables.filter((one) => !one.viaPartitionRoot)) {
    expect(hashes.get(key(table)), key(table)).toMatchObject({ rows: table.rows, rawSha256: table.rawSha256 })
  }
  expect(again.largeObjects).toEqual({ count: 62, rawSha256: backup.largeObjectsSha256 })

  const leaves = backup.tables.filter((one) => one.viaPartitionRoot)
  expect(leaves.map((one) => one.table).sort()).toEqual(['by_hash_0', 'by_hash_1', 'by_hash_2'])
  const before = await Promise.all(leaves.map((one) => hashEntry(readPieces(backup.files.get(one.dumpId) ?? ''), true)))
  const after = again.tables.filter((one) => one.viaPartitionRoot)
  expect(addLineSums(after.map((one) => one.lineSum ?? ''))).toBe(addLineSums(before.map((one) => one.lineSum ?? '')))
  expect(after.reduce((sum, one) => sum + one.rows, 0)).toBe(400)

  // by type, schema, name and owner: nothing of the schema is missing, and nothing was added
  const second = await rawBackup(target.connection('back'), dir, staging)
  expect(tocIdentity(second.result.toc)).toEqual(tocIdentity(backup.result.toc))
  expect(tocIdentity(backup.result.toc).length).toBeGreaterThan(150)
  expect(await target.query('back', `SELECT last_value FROM "odd sequence"`)).toEqual(
    await source.query('hostile', `SELECT last_value FROM "odd sequence"`),
  )
})

test('fed statement by statement, as an older server needs it, the same definitions and rows come back; the first refused one ends it by name', async () => {
  const backup = await rawBackup(source.connection('hostile'), dir, staging)
  await createDatabase(target.connection(), 'fed', like)
  await rawRestore(target.connection('fed'), backup, staging, { byStatements: true, noTablespaces: true })
  const again = await rawBackup(target.connection('fed'), await mkdtemp(join(dir, 'again-')), staging)
  expect(tocIdentity(again.result.toc)).toEqual(tocIdentity(backup.result.toc))
  expect(again.tables.map((one) => [one.schema, one.table, one.rows]).sort()).toEqual(
    backup.tables.map((one) => [one.schema, one.table, one.rows]).sort(),
  )
  await createDatabase(target.connection(), 'stands', like)
  await target.query('stands', 'CREATE VIEW plain AS SELECT 1 AS one')
  await expect(rawRestore(target.connection('stands'), backup, staging, { byStatements: true })).rejects.toThrow(/plain/)
})

test('fed statement by statement, letters of another encoding arrive as they were, and letters without an encoding are refused', async () => {
  for (const encoding of ['LATIN1', 'SQL_ASCII']) {
    const [from, to] = [`${encoding} from`, `${encoding} to`]
    await createDatabase(source.connection(), from, { ...like, encoding, collate: 'C', ctype: 'C' })
    // one byte, whatever it means
    await source.query(
      from,
      String.raw`DO $$BEGIN EXECUTE format('CREATE VIEW v AS SELECT %L::text AS w', convert_from('\xe4', '${encoding}')); END$$`,
    )
    const backup = await rawBackup(source.connection(from), await mkdtemp(join(dir, 'encoded-')), staging)
    await createDatabase(target.connection(), to, { ...like, encoding, collate: 'C', ctype: 'C' })
    const restored = rawRestore(target.connection(to), backup, staging, { byStatements: true })
    if (encoding === 'SQL_ASCII') await expect(restored).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining(encoding) })
    else {
      await restored
      expect(await target.query(to, `SELECT pg_catalog.encode(pg_catalog.convert_to(w, 'LATIN1'), 'hex') AS hex FROM v`)).toEqual([{ hex: 'e4' }])
    }
  }
})

test('a changed value is found by the comparison', async () => {
  await source.createDatabase('changed')
  await source.query('changed', 'CREATE TABLE t AS SELECT n, n::text AS v FROM generate_series(1, 1000) n')
  const backup = await rawBackup(source.connection('changed'), dir, staging)
  await source.query('changed', `UPDATE t SET v = 'x' WHERE n = 500`)
  const again = await hashTables(source.connection('changed'), {
    stagingDir: staging,
    toolPath: pgDump,
    jobs: 1,
    signal: new AbortController().signal,
    settings: {},
  })
  expect(again.tables[0]?.rows).toBe(backup.tables[0]?.rows)
  expect(again.tables[0]?.rawSha256).not.toBe(backup.tables[0]?.rawSha256)
})

test('an empty database round-trips', async () => {
  await source.createDatabase('nothing')
  const backup = await rawBackup(source.connection('nothing'), dir, staging)
  expect(backup.tables).toEqual([])
  await createDatabase(target.connection(), 'nothing', like)
  expect(await rawRestore(target.connection('nothing'), backup, staging)).toEqual({ tables: 0, rawBytes: 0 })
})

test.each(hostileDatabaseNames)('a database named %j is dumped from and restored to exactly that name', async (name) => {
  await source.createDatabase(name)
  await source.query(name, `CREATE TABLE here AS SELECT pg_catalog.current_database()::text AS name`)
  const backup = await rawBackup(source.connection(name), dir, staging)
  expect(backup.result.toc.dbname).toBe(name)
  await createDatabase(target.connection(), name, like)
  await rawRestore(target.connection(name), backup, staging)
  expect(await target.query(name, 'SELECT name, pg_catalog.current_database()::text AS here FROM here')).toEqual([{ name, here: name }])
})

test('a database that sorts by ICU is created with the same rules again', async () => {
  await source.query('postgres', `CREATE DATABASE sorted TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'sv-SE'`)
  const backup = await rawBackup(source.connection('sorted'), dir, staging)
  expect(databaseLocale(backup.toc)).toEqual({ provider: 'icu', locale: 'sv-SE' })
  await createDatabase(target.connection(), 'sorted', { ...like, locale: databaseLocale(backup.toc) })
  expect(await target.query('postgres', `SELECT daticulocale AS l, datlocprovider AS p FROM pg_database WHERE datname = 'sorted'`)).toEqual([
    { l: 'sv-SE', p: 'i' },
  ])
  await rawRestore(target.connection('sorted'), backup, staging)

  await source.createDatabase('by libc')
  expect(databaseLocale((await rawBackup(source.connection('by libc'), dir, staging)).toc)).toBeNull()
})

test('a large table is read behind pg_dump and comes back whole', async () => {
  await source.createDatabase('large')
  await source.query(
    'large',
    `CREATE TABLE big AS SELECT n, repeat(md5(n::text), 20) AS t FROM generate_series(1, 300000) n; CREATE INDEX ON big (n)`,
  )
  const backup = await rawBackup(source.connection('large'), dir, staging)
  expect(backup.tables[0]?.rows).toBe(300_000)
  await createDatabase(target.connection(), 'large', like)
  const restored = await rawRestore(target.connection('large'), backup, staging)
  expect(restored.rawBytes).toBeGreaterThan(190_000_000)
  const again = await hashTables(target.connection('large'), {
    stagingDir: staging,
    toolPath: pgDump,
    jobs: 2,
    signal: new AbortController().signal,
    settings: {},
  })
  expect(again.tables[0]?.rawSha256).toBe(backup.tables[0]?.rawSha256)
})

test('a database in another encoding comes back with its names and values', async () => {
  const western = { encoding: 'LATIN1', collate: 'C', ctype: 'C' }
  await createDatabase(source.connection(), 'western', western)
  await source.query(
    'western',
    `CREATE TABLE "Größe" ("é" text PRIMARY KEY, v text); INSERT INTO "Größe" SELECT 'ü' || n, 'ßÿ' FROM generate_series(1, 20) n`,
  )
  const backup = await rawBackup(source.connection('western'), dir, staging)
  await createDatabase(target.connection(), 'western', western)
  await rawRestore(target.connection('western'), backup, staging)
  expect(await target.query('western', `SELECT count(*)::int AS n FROM "Größe" WHERE v = 'ßÿ' AND "é" ~ '^ü'`)).toEqual([{ n: 20 }])
})
