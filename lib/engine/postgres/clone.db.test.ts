import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { hostileSql } from '#test/support/hostile.ts'
import { pgDump, pgRestore } from '#test/support/raw-backup.ts'
import { startTcpProxy } from '#test/support/tcp-proxy.ts'
import { type Cloned, type CloneOptions, cloneDatabase } from './clone.ts'
import { openSnapshot } from './clone-snapshot.ts'
import { compareClone } from './clone-compare.ts'
import { hashTables } from './compare.ts'
import { openClient } from './connection.ts'
import { createDatabase } from './database.ts'
import { addLineSums } from './line-hash.ts'
import { tocIdentity } from './toc.ts'

let source: Cluster
let target: Cluster
let staging: string

beforeAll(async () => {
  ;[source, target] = await Promise.all([startCluster({ settings: { wal_level: 'replica' } }), startCluster()])
})
afterAll(async () => {
  await Promise.all([source?.stop(), target?.stop()])
})
beforeEach(async () => {
  staging = await mkdtemp(join(tmpdir(), 'lifeboat-staging-'))
})
afterEach(async () => {
  expect(await readdir(staging), 'nothing stays in the staging directory').toEqual([])
  await rm(staging, { recursive: true })
})

const like = { encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8' }
const settings = { TimeZone: 'Asia/Kolkata', bytea_output: 'escape', lc_monetary: 'C' }
const never = new AbortController().signal

async function clone(from: string, to: string, change: Partial<CloneOptions> = {}): Promise<Cloned> {
  await createDatabase(target.connection(), to, like)
  return cloneDatabase(source.connection(from), target.connection(to), {
    stagingDir: staging,
    dumpTool: pgDump,
    restoreTool: pgRestore,
    jobs: 3,
    signal: never,
    settings,
    ...change,
  })
}

function compare(to: string, cloned: Cloned) {
  return compareClone(target.connection(to), cloned, { jobs: 2, signal: never, settings, withoutGrants: false })
}

/** Everything that lies below the staging directory at this moment. */
function staged(): Buffer {
  const files = readdirSync(staging, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return Buffer.concat(files.map((one) => readFileSync(join(one.parentPath, one.name))))
}

test('a hostile database is cloned with every table, sequence, large object and definition equal, as it was when the clone began', async () => {
  await source.createDatabase('hostile')
  for (const sql of hostileSql) await source.query('hostile', sql)
  await source.query(
    'hostile',
    `CREATE ROLE keeper; CREATE ROLE reader; SET lo_compat_privileges = off;
     DO $do$ DECLARE o oid := (SELECT min(oid) FROM pg_largeobject_metadata); BEGIN
       EXECUTE format('COMMENT ON LARGE OBJECT %s IS ''it''''s one''', o);
       EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO reader WITH GRANT OPTION; GRANT UPDATE ON LARGE OBJECT %s TO PUBLIC', o, o);
       EXECUTE format('ALTER LARGE OBJECT %s OWNER TO keeper', o); END $do$;
     CREATE TABLE canary AS SELECT n, 'canary-in-the-rows' AS t FROM generate_series(1, 5000) n;
     CREATE UNLOGGED TABLE unlogged_one AS SELECT 1 AS n;
     CREATE TABLE wide (n int, t text) WITH (fillfactor = 10); INSERT INTO wide SELECT n, repeat('x', 300) FROM generate_series(1, 20000) n;
     DELETE FROM wide WHERE n % 3 = 0`,
  )
  await target.query('postgres', 'CREATE ROLE keeper; CREATE ROLE reader')
  const conn = source.connection('hostile')
  const hash = (cluster: Cluster, name: string) =>
    hashTables(cluster.connection(name), { stagingDir: staging, toolPath: pgDump, jobs: 2, signal: never, settings, lineSums: true })
  const before = await hash(source, 'hostile')
  expect(conn.dbname).toBe('hostile')

  let looks = 0
  const cloned = await clone('hostile', 'clone of hostile', {
    cutAbove: 1 << 20,
    async rewriteToc(toc) {
      await source.query(
        'hostile',
        `UPDATE plain SET raw = NULL; DELETE FROM canary; INSERT INTO canary VALUES (0, 'too late'); INSERT INTO wide SELECT n, 'late' FROM generate_series(1, 9000) n;
         SELECT lo_create(0); SELECT lo_put(min(oid), 0, 'changed') FROM pg_largeobject_metadata; CREATE TABLE late (n int)`,
      )
      return toc
    },
    onProgress: () => {
      expect(staged().includes('canary-in-the-rows'), 'a row lies in staging').toBe(false)
      looks++
    },
  })
  expect(looks).toBeGreaterThan(20)

  const { tables, different } = await compare('clone of hostile', cloned)
  expect(different).toEqual([])
  const reordered = tables.filter((one) => one.verdict !== 'same')
  expect(reordered.map((one) => [one.table, one.verdict]).sort()).toEqual([
    ['by_hash_0', 'same_rows'],
    ['by_hash_1', 'same_rows'],
    ['by_hash_2', 'same_rows'],
    ['wide', 'same_rows'],
  ])
  expect(cloned.tables.find((one) => one.table.table === 'wide')?.ranges.length).toBeGreaterThan(1)

  // an independent judge: pg_dump of the clone against pg_dump of the source before anything was changed in it
  const after = await hash(target, 'clone of hostile')
  const of = (found: typeof before) =>
    new Map(found.tables.map((one) => [`${one.schema}.${one.table}`, one.table === 'wide' ? [one.rows, one.lineSum] : [one.rows, one.rawSha256]]))
  const plain = (found: typeof before) => [...of(found)].filter(([name]) => !name.startsWith('public.by_hash_')).sort()
  expect(plain(after)).toEqual(plain(before))
  expect(addLineSums(after.tables.filter((one) => one.viaPartitionRoot).map((one) => one.lineSum ?? ''))).toBe(
    addLineSums(before.tables.filter((one) => one.viaPartitionRoot).map((one) => one.lineSum ?? '')),
  )
  expect(after.largeObjects).toEqual(before.largeObjects)
  expect(tocIdentity(after.toc)).toEqual(tocIdentity(before.toc))
  const setvals = (found: typeof before) => found.toc.entries.filter((entry) => entry.desc === 'SEQUENCE SET').map((entry) => entry.defn)
  expect(setvals(after).sort()).toEqual(setvals(before).sort())
  expect(setvals(before).length).toBeGreaterThan(2)
  const objects = 'SELECT lomowner::regrole::text AS owner, lomacl::text AS acl FROM pg_largeobject_metadata ORDER BY oid LIMIT 2'
  expect(await target.query('clone of hostile', objects)).toEqual(await source.query('hostile', objects))
  expect(await target.query('clone of hostile', 'SELECT sum(total)::int AS sum FROM summed')).toEqual([{ sum: 20100 }])
})

test('a sequence in the clone is never behind a row that the clone has', async () => {
  await source.createDatabase('sequences')
  await source.query('sequences', 'CREATE TABLE t (id serial PRIMARY KEY, n int); INSERT INTO t (n) SELECT 1 FROM generate_series(1, 10)')
  const cloned = await clone('sequences', 'sequences', {
    async rewriteToc(toc) {
      // committed after the snapshot: neither the rows nor, as they were read together, the sequence's steps
      await source.query('sequences', 'INSERT INTO t (n) SELECT 2 FROM generate_series(1, 7)')
      return toc
    },
  })
  expect(cloned.snapshot.sequences).toEqual([{ schema: 'public', name: 't_id_seq', lastValue: '10', isCalled: true }])
  await target.query('sequences', 'INSERT INTO t (n) VALUES (3)')
  expect(await target.query('sequences', 'SELECT max(id)::int AS max, count(*)::int AS rows FROM t')).toEqual([{ max: 11, rows: 11 }])
})

test('what changed in the clone since is found by the comparison', async () => {
  await source.createDatabase('changing')
  await source.query(
    'changing',
    `CREATE TABLE t AS SELECT n FROM generate_series(1, 100) n; CREATE TABLE u (); CREATE TABLE gone (); CREATE SEQUENCE s; SELECT lo_from_bytea(7, 'x')`,
  )
  const cloned = await clone('changing', 'changing')
  expect((await compare('changing', cloned)).tables.map((one) => one.verdict)).toEqual(['same', 'same', 'same'])
  await target.query('changing', `UPDATE t SET n = 0 WHERE n = 50; DROP TABLE gone; SELECT setval('s', 9); SELECT lo_put(7, 0, 'y')`)
  const { tables, different } = await compare('changing', cloned)
  expect(tables.map((one) => [one.table, one.verdict])).toEqual([
    ['gone', 'missing'],
    ['t', 'differs'],
    ['u', 'same'],
  ])
  expect(different.map((one) => one.object)).toEqual(['SEQUENCE public.s', 'large objects'])
})

test('a source that breaks off in the middle fails the clone, names the side, and leaves no session on either server', async () => {
  await source.createDatabase('breaking')
  await source.query('breaking', `CREATE TABLE big AS SELECT n, repeat('y', 500) AS t FROM generate_series(1, 60000) n`)
  let cut: Promise<unknown> | null = null
  const broken = clone('breaking', 'breaking', {
    onProgress: ({ rawBytes }) => {
      if (rawBytes > 1 << 20) {
        cut ??= source.query('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'breaking'`)
      }
    },
  })
  await expect(broken).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('source broke while') })
  await cut
  const sessions = (name: string) => `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = '${name}'`
  expect(await target.query('postgres', sessions('breaking'))).toEqual([{ n: 0 }])
  await expect.poll(() => source.query('postgres', sessions('breaking'))).toEqual([{ n: 0 }])
})

test('a source that says nothing any more is not waited for without end', async () => {
  const proxy = await startTcpProxy(source)
  try {
    await createDatabase(target.connection(), 'silent', like)
    const silent = cloneDatabase({ ...source.connection('breaking'), port: proxy.port }, target.connection('silent'), {
      stagingDir: staging,
      dumpTool: pgDump,
      restoreTool: pgRestore,
      jobs: 2,
      signal: never,
      settings,
      stallMs: 300,
      onProgress: ({ rawBytes }) => {
        if (rawBytes > 1 << 20) proxy.down = 'black hole'
      },
    })
    await expect(silent).rejects.toMatchObject({ code: 'stalled' })
  } finally {
    await proxy.close()
  }
})

test('a target that ends the sessions fails the clone and names the table; an abort ends it at once', async () => {
  const stop = new AbortController()
  let cut: Promise<unknown> | null = null
  const ended = clone('breaking', 'ended', {
    onProgress: ({ rawBytes }) => {
      if (rawBytes > 1 << 20) cut ??= target.query('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'ended'`)
    },
  })
  await expect(ended).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('public.big') })
  await cut
  const aborted = clone('breaking', 'aborted', {
    signal: stop.signal,
    onProgress: ({ rawBytes }) => {
      if (rawBytes > 1 << 20) stop.abort(new Error('that is enough'))
    },
  })
  await expect(aborted).rejects.toThrow('that is enough')
})

test('a table that is emptied while the snapshot is taken is not read as empty: the snapshot is taken again', async () => {
  await source.createDatabase('emptied')
  await source.query('emptied', 'CREATE TABLE t AS SELECT generate_series(1, 100) AS n')
  const writer = await openClient(source.connection('emptied'), { writable: true })
  await writer.query('BEGIN')
  await writer.query('TRUNCATE public.t; INSERT INTO public.t VALUES (1), (2)')
  const opening = openSnapshot(source.connection('emptied'), never)
  const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = 'emptied' AND wait_event_type = 'Lock'`
  await expect.poll(() => source.query('postgres', waiting)).toEqual([{ n: 1 }])
  await writer.query('COMMIT')
  await writer.end()
  const snapshot = await opening
  const reader = await openClient(source.connection('emptied'))
  try {
    await reader.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await reader.query(`SET TRANSACTION SNAPSHOT '${snapshot.id}'`)
    expect((await reader.query('SELECT n FROM public.t ORDER BY n')).rows).toEqual([{ n: 1 }, { n: 2 }])
    // and from now on nobody can
    await expect(source.query('emptied', `SET lock_timeout = '50ms'; TRUNCATE t`)).rejects.toThrow('lock timeout')
  } finally {
    await reader.end()
    await snapshot.close()
  }
})

test('of an extension’s own table only the rows come over that it calls configuration', async () => {
  await source.createDatabase('extended')
  await source.query(
    'extended',
    `CREATE EXTENSION pgcrypto; CREATE TABLE setting (n int, t text); INSERT INTO setting SELECT n, 'x' FROM generate_series(1, 10) n;
     ALTER EXTENSION pgcrypto ADD TABLE setting; CREATE TABLE plain AS SELECT 1 AS n;
     UPDATE pg_extension SET extconfig = ARRAY['setting'::regclass::oid], extcondition = ARRAY['WHERE n > 7'] WHERE extname = 'pgcrypto'`,
  )
  const cloned = await clone('extended', 'extended', {
    async rewriteToc(toc) {
      // as the extension’s script would have made and filled it there
      await target.query('extended', `CREATE TABLE setting (t text, n int); INSERT INTO setting VALUES ('by the script', 1)`)
      return toc
    },
  })
  expect(cloned.tables.map((one) => [one.table.table, one.rows])).toEqual([
    ['plain', 1],
    ['setting', 3],
  ])
  expect(await target.query('extended', 'SELECT n FROM setting ORDER BY n')).toEqual([{ n: 1 }, { n: 8 }, { n: 9 }, { n: 10 }])
})

test('a standby is cloned too; what it holds no rows of is named', async () => {
  const standby = await startCluster()
  try {
    await standby.createDatabase('behind')
    await standby.query(
      'behind',
      `CREATE TABLE t AS SELECT generate_series(1, 500) AS n; CREATE UNLOGGED TABLE fleeting AS SELECT 1 AS n; CREATE SEQUENCE s; SELECT nextval('s');
       SELECT lo_from_bytea(9, 'x')`,
    )
    await standby.query('behind', 'CHECKPOINT')
    await standby.crash()
    await writeFile(join(standby.dataDir, 'standby.signal'), '')
    await standby.start()
    await createDatabase(target.connection(), 'behind', like)
    const cloned = await cloneDatabase(standby.connection('behind'), target.connection('behind'), {
      stagingDir: staging,
      dumpTool: pgDump,
      restoreTool: pgRestore,
      jobs: 2,
      signal: never,
      settings,
    })
    expect([cloned.snapshot.inRecovery, cloned.snapshot.withoutRows]).toEqual([true, [{ schema: 'public', table: 'fleeting' }]])
    expect(await compare('behind', cloned)).toEqual({ tables: [{ schema: 'public', table: 't', rows: 500, verdict: 'same' }], different: [] })
    expect(await target.query('behind', 'SELECT count(*)::int AS n FROM fleeting')).toEqual([{ n: 0 }])
  } finally {
    await standby.stop()
  }
})

test('names and rows in another encoding than UTF-8 come over as they are', async () => {
  const made = { encoding: 'LATIN1', collate: 'C', ctype: 'C' }
  await Promise.all([createDatabase(source.connection(), 'latin', made), createDatabase(target.connection(), 'latin', made)])
  await source.query('latin', `CREATE TABLE "tëst" ("spÿlte" text); INSERT INTO "tëst" VALUES ('é'), ('ÿ' || chr(10) || 'ü')`)
  const cloned = await cloneDatabase(source.connection('latin'), target.connection('latin'), {
    stagingDir: staging,
    dumpTool: pgDump,
    restoreTool: pgRestore,
    jobs: 2,
    signal: never,
    settings,
  })
  expect((await compare('latin', cloned)).tables).toEqual([{ schema: 'public', table: 'tëst', rows: 2, verdict: 'same' }])
  const bytes = `SELECT encode(convert_to("spÿlte", 'LATIN1'), 'hex') AS b FROM "tëst"`
  expect(await target.query('latin', bytes)).toEqual([{ b: 'e9' }, { b: 'ff0afc' }])
})
