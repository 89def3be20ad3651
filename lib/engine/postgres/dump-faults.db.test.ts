import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { fakeTool, processesMentioning } from '#test/support/processes.ts'
import { pgDump, rawBackup, rawRestore } from '#test/support/raw-backup.ts'
import { startTcpProxy } from '#test/support/tcp-proxy.ts'
import { hashTables } from './compare.ts'
import { createDatabase } from './database.ts'
import { dump } from './dump.ts'
import { preflight } from './preflight.ts'
import { findTools } from './tools.ts'

let cluster: Cluster
let dir: string
let staging: string

beforeAll(async () => {
  cluster = await startCluster()
  await cluster.createDatabase('shop')
  await cluster.query(
    'shop',
    `CREATE TABLE small AS SELECT n FROM generate_series(1, 10) n;
     CREATE TABLE big AS SELECT n, repeat(md5(n::text), 10) AS t FROM generate_series(1, 100000) n;`,
  )
})
afterAll(async () => {
  await cluster?.stop()
})
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-raw-'))
  staging = await mkdtemp(join(tmpdir(), 'lifeboat-staging-'))
})
afterEach(async () => {
  expect(await readdir(staging), 'nothing stays in the staging directory').toEqual([])
  expect(await processesMentioning(staging), 'no child process is left').toEqual([])
  await rm(dir, { recursive: true })
  await rm(staging, { recursive: true })
})

const signal = new AbortController().signal
const backends = async () => await cluster.query('postgres', `SELECT pid FROM pg_stat_activity WHERE application_name = 'lifeboat/test'`)

/** Slows the dump of `big` down to seconds and calls `act` once when its first bytes have come. */
async function dumpThrough(act: () => Promise<unknown>, abort = new AbortController()) {
  const proxy = await startTcpProxy(cluster)
  proxy.down = { delayMs: 15 }
  let acted: Promise<unknown> | null = null
  try {
    const done = rawBackup(cluster.connection('shop', { port: proxy.port }), dir, staging, {
      signal: abort.signal,
      onProgress: ({ rawBytes }) => {
        if (rawBytes > 1_000_000) acted ??= act()
      },
    })
    return await done
  } finally {
    await acted
    await proxy.close()
    expect(acted, 'the fault was hit').not.toBeNull()
  }
}

test('a server process ended in the middle fails the dump, and the stream of its table throws', async () => {
  const ended = () =>
    cluster.query(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lifeboat/test' AND query LIKE 'COPY%'`,
    )
  await expect(dumpThrough(ended)).rejects.toMatchObject({ code: 'unreachable' })
})

test('a server that crashes in the middle fails the dump', async () => {
  await expect(dumpThrough(() => cluster.crash())).rejects.toMatchObject({ code: 'unreachable' })
  await cluster.start()
})

test('an abort ends pg_dump, its workers and its server processes, and the reason is told', async () => {
  const abort = new AbortController()
  const reason = new Error('cancelled by a person')
  await expect(dumpThrough(async () => abort.abort(reason), abort)).rejects.toMatchObject({ cause: reason })
  await expect.poll(backends).toEqual([])
})

test('a consumer that fails ends the dump with its own error', async () => {
  const failing = dump(cluster.connection('shop'), {
    stagingDir: staging,
    toolPath: pgDump,
    jobs: 2,
    signal,
    onEntry: async () => {
      throw new Error('storage refused')
    },
  })
  await expect(failing).rejects.toThrow('storage refused')
})

test('exit 1 after all the data is a failure: an end of file alone is never success', async () => {
  const tool = await fakeTool(
    dir,
    'pg_dump',
    `for a; do case $a in --file=*) f=\${a#--file=};; esac; done; mkdir "$f"; printf '1\\n\\\\.\\n\\n\\n' > "$f/7.dat"; sleep 0.2; echo 'pg_dump: error: something broke' >&2; exit 1`,
  )
  let rows = ''
  const failing = dump(cluster.connection('shop'), {
    stagingDir: staging,
    toolPath: tool,
    jobs: 1,
    signal,
    async onEntry(entry) {
      for await (const piece of entry.open()) rows += piece.toString()
    },
  })
  await expect(failing).rejects.toMatchObject({ code: 'tool_failed', message: expect.stringContaining('something broke') })
  expect(rows).toBe('1\n\\.\n\n\n')
})

test('exit 0 with a table that lacks its end mark is a failure', async () => {
  const tool = await fakeTool(
    dir,
    'pg_dump',
    `for a; do case $a in --file=*) f=\${a#--file=};; esac; done; mkdir "$f"; printf '1\\n2\\n' > "$f/7.dat"; exit 0`,
  )
  await expect(rawBackup(cluster.connection('shop'), dir, staging, { toolPath: tool })).rejects.toMatchObject({
    code: 'tool_failed',
    message: expect.stringContaining('without its end'),
  })
})

test('a pg_dump that hangs without a byte is ended with its whole group, even when it ignores SIGTERM', async () => {
  const tool = await fakeTool(dir, 'pg_dump', `trap '' TERM; sleep 1000 & sleep 1000; sleep 1000`)
  await expect(rawBackup(cluster.connection('shop'), dir, staging, { toolPath: tool, stallMs: 300 })).rejects.toMatchObject({ code: 'stalled' })
}, 30_000)

test('a table that someone holds exclusively fails the dump after the lock timeout and is named', async () => {
  const holder = new Client({ host: cluster.host, port: cluster.port, user: 'postgres', database: 'shop' })
  await holder.connect()
  try {
    await holder.query('BEGIN; LOCK TABLE small IN ACCESS EXCLUSIVE MODE')
    const looked = await preflight(cluster.connection('shop'), { tools: await findTools(), stagingDir: staging, forKind: 'backup' })
    expect(looked.findings, 'preflight itself does not wait for the lock').toEqual([])
    await expect(rawBackup(cluster.connection('shop'), dir, staging, { lockTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'lock_timeout',
      message: expect.stringContaining('public.small'),
    })
  } finally {
    await holder.end()
  }
})

test('statement_timeout of the database and the role stops neither pg_dump nor our own questions', async () => {
  await cluster.query(
    'postgres',
    `ALTER DATABASE shop SET statement_timeout = '5ms'; ALTER ROLE postgres SET idle_in_transaction_session_timeout = '5ms'`,
  )
  try {
    // the fault is there: the same work without our settings is cut off
    await expect(cluster.query('shop', 'SELECT count(*), max(md5(t)) FROM big')).rejects.toThrow('statement timeout')
    const looked = await preflight(cluster.connection('shop'), { tools: await findTools(), stagingDir: staging, forKind: 'backup' })
    expect(looked.findings).toEqual([])
    const backup = await rawBackup(cluster.connection('shop'), dir, staging)
    expect(backup.tables.find((one) => one.table === 'big')?.rows).toBe(100_000)
  } finally {
    await cluster.query('postgres', 'ALTER DATABASE shop RESET ALL; ALTER ROLE postgres RESET ALL')
  }
})

test('a table without SELECT is named by preflight and by the dump, never left out', async () => {
  await cluster.query('shop', `CREATE ROLE reader LOGIN; GRANT SELECT ON small TO reader; CREATE TABLE secret (id int); CREATE SEQUENCE hidden`)
  try {
    const conn = cluster.connection('shop', { username: 'reader' })
    const looked = await preflight(conn, { tools: await findTools(), stagingDir: staging, forKind: 'backup' })
    const found = looked.findings.find((one) => one.code === 'privileges')
    expect(found).toMatchObject({ severity: 'blocker', overridable: false })
    expect(found?.message).toContain('public.secret')
    expect(found?.message).toContain('public.hidden')
    await expect(rawBackup(conn, dir, staging)).rejects.toMatchObject({ code: 'privileges' })
  } finally {
    await cluster.query('shop', 'DROP TABLE secret; DROP SEQUENCE hidden; DROP OWNED BY reader; DROP ROLE reader')
  }
})

test('row security that would hide rows is a blocker, and the dump fails rather than being partial', async () => {
  await cluster.query(
    'shop',
    `CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader; CREATE TABLE tenants AS SELECT 1 AS id;
     ALTER TABLE tenants ENABLE ROW LEVEL SECURITY; CREATE POLICY none ON tenants USING (false)`,
  )
  try {
    const conn = cluster.connection('shop', { username: 'reader' })
    const tools = await findTools()
    const looked = await preflight(conn, { tools, stagingDir: staging, forKind: 'backup' })
    expect(looked.findings).toMatchObject([{ code: 'row_security', severity: 'blocker', message: expect.stringContaining('public.tenants') }])
    await expect(rawBackup(conn, dir, staging)).rejects.toMatchObject({ code: 'row_security', message: expect.stringContaining('tenants') })
    await cluster.query('shop', 'ALTER ROLE reader BYPASSRLS')
    expect((await preflight(conn, { tools, stagingDir: staging, forKind: 'backup' })).findings).toEqual([])
    expect((await rawBackup(conn, dir, staging)).tables.find((one) => one.table === 'tenants')?.rows).toBe(1)
  } finally {
    await cluster.query('shop', 'DROP TABLE tenants; DROP OWNED BY reader; DROP ROLE reader')
  }
})

test('a full staging disk fails the dump at once and names it', async () => {
  if (process.getuid?.() !== 0) return
  const run = promisify(execFile)
  const small = join(dir, 'small')
  await mkdir(small)
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small])
  try {
    const looked = await preflight(cluster.connection('shop'), { tools: await findTools(), stagingDir: small, forKind: 'backup' })
    expect(looked.findings).toMatchObject([{ code: 'disk_full', overridable: true }])
    const stuck = dump(cluster.connection('shop'), {
      stagingDir: small,
      toolPath: pgDump,
      jobs: 2,
      signal,
      // reads nothing until the disk is full, as behind a storage that hangs
      async onEntry(entry) {
        await new Promise((resolve) => setTimeout(resolve, 1500))
        for await (const _ of entry.open());
      },
    })
    await expect(stuck).rejects.toMatchObject({ code: 'disk_full' })
    expect(await readdir(small)).toEqual([])
  } finally {
    await run('umount', [small])
  }
})

/** The full size takes minutes and some GB of memory of the server: LIFEBOAT_TEST_FULL=1 adds it. */
const sizes = [{ objects: 5000, megabytes: 64 }, ...(process.env.LIFEBOAT_TEST_FULL === '1' ? [{ objects: 100_000, megabytes: 500 }] : [])]

test.each(sizes)(
  '$objects large objects and a value of $megabytes MB come back equal',
  async ({ objects, megabytes }) => {
    const [from, to] = [`objects ${objects}`, `objects ${objects} back`]
    await cluster.createDatabase(from)
    // in parts: one transaction that makes too many runs out of locks
    for (let made = 0; made < objects; made += 5000) {
      await cluster.query(from, `SELECT count(lo_from_bytea(0, decode(md5((n + ${made})::text), 'hex'))) FROM generate_series(1, 5000) n`)
    }
    // half of it the same words, half of it bytes that are no text
    await cluster.query(
      from,
      `CREATE TABLE one AS SELECT decode(repeat(md5('x'), ${megabytes * 31_250}), 'hex') || decode(repeat('00ff', ${megabytes * 250_000}), 'hex') AS b`,
    )
    let told = 0
    const backup = await rawBackup(cluster.connection(from), dir, staging, { onProgress: ({ largeObjects }) => (told = largeObjects) })
    expect(backup.result.largeObjects).toBe(objects)
    expect(told, 'they were seen while pg_dump wrote them').toBe(objects)
    await createDatabase(cluster.connection(), to, { encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8' })
    await rawRestore(cluster.connection(to), backup, staging)
    const again = await hashTables(cluster.connection(to), { stagingDir: staging, toolPath: pgDump, jobs: 2, signal, settings: {} })
    expect(again.largeObjects).toEqual({ count: objects, rawSha256: backup.largeObjectsSha256 })
    expect(again.tables[0]?.rawSha256).toBe(backup.tables[0]?.rawSha256)
  },
  1_800_000,
)

test('a value of 600 MB, which is over 1 GB as text, fails the dump by name, and nothing of it is left', async () => {
  await cluster.createDatabase('too large')
  await cluster.query('too large', `CREATE TABLE one AS SELECT convert_to(repeat('0123456789', 60000000), 'UTF8') AS b`)
  const failed = await rawBackup(cluster.connection('too large'), dir, staging).catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'value_too_large', message: expect.stringContaining('public.one'), detail: { table: 'public.one' } })
  await expect.poll(backends).toEqual([])
})
