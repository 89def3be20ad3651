import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { fakeTool, processesMentioning } from '#test/support/processes.ts'
import { type RawBackup, pgDump, rawBackup, rawRestore, readPieces } from '#test/support/raw-backup.ts'
import { hashTables } from './compare.ts'
import { createDatabase, databaseOid, dropDatabaseByOid, terminateBackends } from './database.ts'
import { createRoles, readGlobals } from './globals.ts'

let cluster: Cluster
let dir: string
let staging: string
let backup: RawBackup
let serial = 0
const like = { encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8' }
const signal = new AbortController().signal

beforeAll(async () => {
  cluster = await startCluster()
  dir = await mkdtemp(join(tmpdir(), 'lifeboat-raw-'))
  await cluster.createDatabase('shop')
  await cluster.query(
    'shop',
    `CREATE TABLE customers (id int PRIMARY KEY, name text); INSERT INTO customers SELECT n, 'name ' || n FROM generate_series(1, 1000) n;
     CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, note text);
     INSERT INTO orders SELECT n, 1 + n % 1000, repeat(md5(n::text), 10) FROM generate_series(1, 50000) n;
     CREATE INDEX ON orders (customer); SELECT lo_from_bytea(0, 'x')`,
  )
  const made = await mkdtemp(join(tmpdir(), 'lifeboat-staging-'))
  backup = await rawBackup(cluster.connection('shop'), dir, made)
  await rm(made, { recursive: true })
})
afterAll(async () => {
  await cluster?.stop()
  if (dir) await rm(dir, { recursive: true })
})
beforeEach(async () => {
  staging = await mkdtemp(join(tmpdir(), 'lifeboat-staging-'))
})
afterEach(async () => {
  expect(await readdir(staging), 'nothing stays in the staging directory').toEqual([])
  expect(await processesMentioning(staging), 'no child process is left').toEqual([])
  await expect.poll(backends).toEqual([])
  await rm(staging, { recursive: true })
})

const backends = async () => await cluster.query('postgres', `SELECT pid, query FROM pg_stat_activity WHERE application_name = 'lifeboat/test'`)
async function freshTarget(): Promise<string> {
  serial++
  const name = `target ${serial}`
  await createDatabase(cluster.connection(), name, like)
  return name
}
const ordersId = () => backup.tables.find((one) => one.table === 'orders')?.dumpId ?? 0
const withOrders = (orders: () => AsyncIterable<Buffer>) =>
  new Map([...backup.files].map(([dumpId, path]) => [dumpId, dumpId === ordersId() ? orders : () => readPieces(path)]))
async function* ordersThen(act: () => Promise<unknown>): AsyncGenerator<Buffer> {
  for await (const piece of readPieces(backup.files.get(ordersId()) ?? '')) {
    yield piece
    await act()
  }
}

test('an object that is in the way fails the restore: nothing after it is tried, and nothing is called ignored', async () => {
  const name = await freshTarget()
  await cluster.query(name, 'CREATE TABLE customers (other int)')
  const failed = await rawRestore(cluster.connection(name), backup, staging).catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'tool_failed', message: expect.stringContaining('relation "customers" already exists') })
  expect((failed as LifeboatError).detail.object).toContain('CREATE TABLE public.customers')
  expect(await cluster.query(name, `SELECT relname FROM pg_class WHERE relname IN ('orders', 'orders_pkey')`)).toEqual([])
})

test('data that turns out damaged in the middle leaves no row of its table, and its own error is told', async () => {
  const name = await freshTarget()
  const damaged = new LifeboatError('corrupt', 'piece 3 is damaged')
  const entries = withOrders(() =>
    ordersThen(async () => {
      throw damaged
    }),
  )
  await expect(rawRestore(cluster.connection(name), backup, staging, { entries })).rejects.toBe(damaged)
  expect(await cluster.query(name, 'SELECT count(*)::int AS rows FROM orders')).toEqual([{ rows: 0 }])
})

test('data cut short of its end mark and of a column is refused by the server and named', async () => {
  const name = await freshTarget()
  async function* cut() {
    yield Buffer.from('1\t1\tx\n2\t2')
  }
  const failed = rawRestore(cluster.connection(name), backup, staging, { entries: withOrders(cut) })
  await expect(failed).rejects.toMatchObject({ code: 'tool_failed', message: expect.stringContaining('public.orders') })
})

test('an abort in the middle of the data ends the restore and its server processes', async () => {
  const name = await freshTarget()
  const abort = new AbortController()
  const reason = new LifeboatError('cancelled', 'cancelled by a person')
  const entries = withOrders(() =>
    ordersThen(async () => {
      abort.abort(reason)
      await sleep(50)
    }),
  )
  await expect(rawRestore(cluster.connection(name), backup, staging, { entries, signal: abort.signal })).rejects.toBe(reason)
  expect(abort.signal.aborted, 'the fault was hit').toBe(true)
})

test('an abort during pg_restore ends its group', async () => {
  const name = await freshTarget()
  const tool = await fakeTool(dir, 'pg_restore_hangs', 'sleep 1000 & sleep 1000')
  const abort = new AbortController()
  const running = rawRestore(cluster.connection(name), backup, staging, { toolPath: tool, signal: abort.signal })
  running.catch(() => {})
  await expect.poll(async () => (await processesMentioning(staging)).length).toBeGreaterThan(1)
  abort.abort(new LifeboatError('cancelled', 'cancelled by a person'))
  await expect(running).rejects.toMatchObject({ code: 'cancelled' })
})

test('a target dropped in the middle fails the restore as unreachable', async () => {
  const name = await freshTarget()
  let dropped = false
  const entries = withOrders(() =>
    ordersThen(async () => {
      if (dropped) return
      dropped = true
      await cluster.query('postgres', `DROP DATABASE "${name}" WITH (FORCE)`)
    }),
  )
  await expect(rawRestore(cluster.connection(name), backup, staging, { entries })).rejects.toMatchObject({ code: 'unreachable' })
  expect(dropped, 'the fault was hit').toBe(true)
  expect(await databaseOid(cluster.connection(), name)).toBeNull()
})

test('a server process that outlived its client is ended by its application name, others are not', async () => {
  const left = new Client({ ...config(), application_name: 'lifeboat/op/attempt' })
  const other = new Client({ ...config(), application_name: 'somebody else' })
  for (const client of [left, other]) {
    client.on('error', () => {})
    await client.connect()
  }
  const running = left.query('SELECT pg_sleep(1000)').catch((error: Error) => error.message)
  expect(await terminateBackends(cluster.connection(), 'lifeboat/op/attempt')).toBe(1)
  expect(await running).toContain('terminating connection')
  expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await other.end()
  expect(await terminateBackends(cluster.connection(), 'lifeboat/op/attempt')).toBe(0)
})

test('a missing extension is named', async () => {
  const name = await freshTarget()
  const tool = await fakeTool(
    dir,
    'pg_restore_extension',
    `echo 'pg_restore: error: could not execute query: ERROR:  extension "postgis" is not available' >&2; exit 1`,
  )
  await expect(rawRestore(cluster.connection(name), backup, staging, { toolPath: tool })).rejects.toMatchObject({
    message: expect.stringContaining('postgis'),
  })
})

test('a missing role stops the restore and is named; made from the globals, it comes back with its grants', async () => {
  await cluster.createDatabase('owned')
  await cluster.query(
    'owned',
    `CREATE ROLE "od'd ""role" LOGIN CREATEDB; CREATE ROLE team; GRANT team TO "od'd ""role"; CREATE TABLE t (id int); GRANT SELECT ON t TO "od'd ""role"`,
  )
  const raw = await mkdtemp(join(tmpdir(), 'lifeboat-raw-'))
  const globals = await readGlobals(cluster.connection('owned'), { roles: [`od'd "role`] })
  expect(globals.roles.map((role) => role.name)).toEqual([`od'd "role`, 'team'])
  expect(JSON.stringify(globals)).not.toMatch(/SCRAM|md5|password/i)
  const owned = await rawBackup(cluster.connection('owned'), raw, staging)
  await cluster.query('owned', `DROP OWNED BY "od'd ""role"; DROP ROLE "od'd ""role"`)

  const first = await freshTarget()
  await expect(rawRestore(cluster.connection(first), owned, staging)).rejects.toMatchObject({
    message: expect.stringContaining(`role "od'd "role" does not exist`),
  })
  const second = await freshTarget()
  await rawRestore(cluster.connection(second), owned, staging, { noPrivileges: true })
  expect(await createRoles(cluster.connection(), globals, [`od'd "role`, 'team'])).toEqual([`od'd "role`])
  const third = await freshTarget()
  await rawRestore(cluster.connection(third), owned, staging)
  expect(
    await cluster.query(
      third,
      `SELECT has_table_privilege('od''d "role', 't', 'SELECT') AS may, rolcanlogin, rolcreatedb FROM pg_roles WHERE rolname = 'od''d "role'`,
    ),
  ).toEqual([{ may: true, rolcanlogin: false, rolcreatedb: false }])
  await rm(raw, { recursive: true })
})

test('a table of contents that is cut or newer is refused before the target is touched', async () => {
  const name = await freshTarget()
  const cut = { ...backup, toc: backup.toc.subarray(0, backup.toc.length - 5) }
  await expect(rawRestore(cluster.connection(name), cut, staging)).rejects.toMatchObject({ code: 'corrupt' })
  const newer = { ...backup, toc: Buffer.from(backup.toc) }
  newer.toc[6] = 99
  await expect(rawRestore(cluster.connection(name), newer, staging)).rejects.toMatchObject({ code: 'tools_outdated' })
  const none = withOrders(() => readPieces('/dev/null'))
  none.delete(ordersId())
  await expect(rawRestore(cluster.connection(name), backup, staging, { entries: none })).rejects.toMatchObject({ code: 'missing' })
  expect(await cluster.query(name, `SELECT relname FROM pg_class WHERE relname IN ('orders', 'customers')`)).toEqual([])
})

test('an owner who took INSERT away from himself still gets his data back, and the privilege stays away', async () => {
  await cluster.createDatabase('revoked')
  await cluster.query(
    'revoked',
    `CREATE ROLE owner1 LOGIN; CREATE TABLE t AS SELECT 1 AS id; ALTER TABLE t OWNER TO owner1; REVOKE INSERT ON t FROM owner1`,
  )
  const raw = await mkdtemp(join(tmpdir(), 'lifeboat-raw-'))
  const revoked = await rawBackup(cluster.connection('revoked'), raw, staging)
  await createDatabase(cluster.connection(), 'revoked back', { ...like, owner: 'owner1' })
  await rawRestore(cluster.connection('revoked back', { username: 'owner1' }), revoked, staging, { noOwner: true })
  expect(await cluster.query('revoked back', `SELECT count(*)::int AS rows, has_table_privilege('owner1', 't', 'INSERT') AS may FROM t`)).toEqual([
    { rows: 1, may: false },
  ])
  await rm(raw, { recursive: true })
})

test('only the database with the recorded OID is dropped', async () => {
  const name = await freshTarget()
  const oid = await databaseOid(cluster.connection(), name)
  await expect(createDatabase(cluster.connection(), name, like)).rejects.toMatchObject({ code: 'target_exists' })
  await cluster.query('postgres', `DROP DATABASE "${name}"`)
  await createDatabase(cluster.connection(), name, like)
  expect(await dropDatabaseByOid(cluster.connection(), oid ?? 0)).toBe(false)
  const now = await databaseOid(cluster.connection(), name)
  expect(now).not.toBeNull()
  expect(await dropDatabaseByOid(cluster.connection(), now ?? 0)).toBe(true)
  expect(await databaseOid(cluster.connection(), name)).toBeNull()
})

test('time zones, money and bytea that the settings shape compare equal under the manifest’s settings', async () => {
  await cluster.createDatabase('shaped')
  await cluster.query('postgres', `ALTER DATABASE shaped SET TimeZone = 'Asia/Kathmandu'; ALTER DATABASE shaped SET bytea_output = 'escape'`)
  await cluster.query('shaped', `CREATE TABLE t AS SELECT now() AS at, 12.5::money AS m, '\\x00ff5c'::bytea AS b`)
  const raw = await mkdtemp(join(tmpdir(), 'lifeboat-raw-'))
  const shaped = await rawBackup(cluster.connection('shaped'), raw, staging)
  const name = await freshTarget()
  await rawRestore(cluster.connection(name), shaped, staging)
  const hash = async (settings: Record<string, string>) =>
    (await hashTables(cluster.connection(name), { stagingDir: staging, toolPath: pgDump, jobs: 1, signal, settings })).tables[0]?.rawSha256
  expect(await hash({})).not.toBe(shaped.tables[0]?.rawSha256)
  expect(await hash({ TimeZone: 'Asia/Kathmandu', bytea_output: 'escape', lc_monetary: 'C.UTF-8' })).toBe(shaped.tables[0]?.rawSha256)
  await rm(raw, { recursive: true })
})

function config() {
  return { host: cluster.host, port: cluster.port, user: 'postgres', database: 'postgres' }
}
