import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { SwapStep } from '#lib/domain/states.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { reachServer } from './door.ts'
import { quoteName } from './quote-name.ts'
import { settleSwap } from './settle-swap.ts'
import { type Swap, swapDatabases } from './swap.ts'
import { readSwapFacts } from './swap-facts.ts'
import { readCounters, writtenSince } from './written-since.ts'

let cluster: Cluster
const clients: Client[] = []
beforeAll(async () => {
  cluster = await startCluster({ settings: { max_prepared_transactions: '4', wal_level: 'logical' } })
  await cluster.query('postgres', 'CREATE ROLE owner LOGIN CREATEDB; CREATE ROLE app LOGIN; CREATE ROLE stranger LOGIN')
})
afterAll(() => cluster.stop())

const never = new AbortController().signal
let swap: Swap
/** A live database with one row "old", another with "new"; both belong to `owner`. */
beforeEach(async () => {
  await Promise.all(clients.splice(0).map((one) => one.end().catch(() => undefined)))
  for (const { datname } of await cluster.query('postgres', `SELECT datname FROM pg_database WHERE datname !~ '^(postgres|template)'`))
    await cluster.query('postgres', `DROP DATABASE ${quoteName(String(datname))} WITH (FORCE)`)
  for (const [name, row] of [
    ['Shop "1"', 'old'],
    ['shop_restored', 'new'],
  ] as const) {
    await cluster.createDatabase(name)
    await cluster.query(name, `CREATE TABLE which (is_it text); INSERT INTO which VALUES ('${row}')`)
    await cluster.query('postgres', `ALTER DATABASE ${quoteName(name)} OWNER TO owner`)
  }
  const oid = async (name: string) => Number((await cluster.query('postgres', 'SELECT oid::int FROM pg_database WHERE datname = $1', [name]))[0]?.oid)
  swap = {
    live: { oid: await oid('Shop "1"'), name: 'Shop "1"' },
    incoming: { oid: await oid('shop_restored'), name: 'shop_restored' },
    keptName: 'shop_kept',
  }
})

async function session(database: string, user: string): Promise<Client> {
  const client = new Client({ host: cluster.host, port: cluster.port, database, user, application_name: `work of ${user}` })
  client.on('error', () => undefined)
  await client.connect()
  clients.push(client)
  return client
}
const isLive = async () => (await cluster.query('Shop "1"', 'SELECT is_it FROM which'))[0]?.is_it
const names = async () =>
  (
    await cluster.query(
      'postgres',
      `SELECT datname || CASE WHEN datallowconn THEN '' ELSE ' (closed)' END AS is FROM pg_database WHERE datname ~* 'shop' ORDER BY 1`,
    )
  ).map((row) => row.is)
const door = () => cluster.connection('postgres', { username: 'owner' })

test('two databases change places: sessions are ended, the new one is open, the old one is kept closed, each step is told before it is done', async () => {
  const [app, inNew] = await Promise.all([session('Shop "1"', 'app'), session('shop_restored', 'app')])
  const steps: [SwapStep, unknown][] = []
  await cluster.query('postgres', 'GRANT app TO owner')
  try {
    await swapDatabases(door(), swap, { persist: async (step) => void steps.push([step, await names()]), signal: never })
  } finally {
    await cluster.query('postgres', 'REVOKE app FROM owner')
  }
  await expect(app.query('SELECT 1')).rejects.toThrow()
  await expect(inNew.query('SELECT 1')).rejects.toThrow()
  expect(await isLive()).toBe('new')
  expect(await names()).toEqual(['Shop "1"', 'shop_kept (closed)'])
  expect(steps).toEqual([
    ['closed', ['Shop "1"', 'shop_restored']],
    ['renamed', ['Shop "1" (closed)', 'shop_restored (closed)']],
    ['opened', ['Shop "1" (closed)', 'shop_kept (closed)']],
  ])
  expect(await settleSwap(door(), swap, { openLive: true, openIncoming: true })).toEqual({ outcome: 'swapped' })
})

test('one session of a superuser stops the swap of a role that may not end it: nothing is renamed, and settling opens the live database again', async () => {
  const boss = await session('Shop "1"', 'postgres')
  const facts = await readSwapFacts(door(), { name: 'Shop "1"', names: ['shop_kept', 'shop_restored'] })
  expect(facts).toMatchObject({ mayRename: true, taken: ['shop_restored'], sessions: [{ ofSuperuser: true, mayEnd: false }] })
  await expect(swapDatabases(door(), swap, { persist: async () => undefined, signal: never })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('work of postgres'),
  })
  await expect(session('Shop "1"', 'app')).rejects.toThrow(/not currently accepting/)
  expect(await settleSwap(door(), swap, { openLive: true, openIncoming: true })).toEqual({ outcome: 'untouched' })
  expect(await names()).toEqual(['Shop "1"', 'shop_restored'])
  expect(await boss.query('SELECT is_it FROM which')).toMatchObject({ rows: [{ is_it: 'old' }] })
})

test('what a plan must know: prepared transactions, slots and subscriptions of the live database, and a role that may not rename it', async () => {
  await cluster.query('Shop "1"', `SELECT pg_create_logical_replication_slot('to_bi', 'pgoutput')`)
  await cluster.query('Shop "1"', `CREATE SUBSCRIPTION from_hq CONNECTION 'dbname=nowhere' PUBLICATION all_of_it WITH (connect = false)`)
  await cluster.query('shop_restored', `SELECT pg_create_logical_replication_slot('elsewhere', 'pgoutput')`)
  await cluster.query('Shop "1"', `BEGIN; INSERT INTO which VALUES ('later'); PREPARE TRANSACTION 'payment 7'`)
  const read = (username: string) => readSwapFacts(cluster.connection('postgres', { username }), { name: 'Shop "1"', names: [] })
  try {
    expect(await read('owner')).toMatchObject({
      mayRename: true,
      inRecovery: false,
      live: { oid: swap.live.oid, allowsConnections: true, bytes: expect.any(Number), properties: { owner: 'owner' } },
      preparedTransactions: ['payment 7'],
      slots: [{ name: 'to_bi', active: false }],
      subscriptions: ['from_hq'],
    })
    expect((await read('stranger')).mayRename).toBe(false)
    await cluster.query('postgres', 'ALTER ROLE stranger CREATEDB')
    expect((await read('stranger')).mayRename).toBe(false)
    // a prepared transaction cannot be ended by ending sessions: the rename refuses, and the live database is opened again
    await expect(swapDatabases(door(), swap, { persist: async () => undefined, signal: never })).rejects.toMatchObject({ code: 'conflict' })
    expect(await settleSwap(door(), swap, { openLive: true, openIncoming: true })).toEqual({ outcome: 'untouched' })
    expect(await isLive()).toBe('old')
  } finally {
    await cluster.query('Shop "1"', `ROLLBACK PREPARED 'payment 7'`)
    await cluster.query('Shop "1"', 'ALTER SUBSCRIPTION from_hq SET (slot_name = NONE)')
    await cluster.query('Shop "1"', 'DROP SUBSCRIPTION from_hq')
    await cluster.query('Shop "1"', `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`)
  }
})

test.each<[SwapStep, string, string]>([
  ['closed', 'untouched', 'old'],
  ['renamed', 'untouched', 'old'],
  ['opened', 'swapped', 'new'],
])('a swap that breaks off before the step “%s” is settled as %s, and the live name is open', async (broken, outcome, row) => {
  const persist = async (step: SwapStep) => {
    if (step === broken) throw new Error('the catalogue is away')
  }
  await expect(swapDatabases(door(), swap, { persist, signal: never })).rejects.toThrow('away')
  for (let twice = 0; twice < 2; twice++) {
    expect(await settleSwap(door(), swap, { openLive: true, openIncoming: false })).toEqual({ outcome })
    expect(await isLive()).toBe(row)
  }
  const taken = outcome === 'untouched'
  // the other one is as it was before the swap, or kept
  expect(await names()).toEqual(taken ? ['Shop "1"', 'shop_restored (closed)'] : ['Shop "1"', 'shop_kept (closed)'])
})

test('names that do not mean the same databases any more stop the swap; what another has done in between is told, not guessed', async () => {
  const stranger = { ...swap, incoming: { ...swap.incoming, oid: 1 } }
  await expect(swapDatabases(door(), stranger, { persist: async () => undefined, signal: never })).rejects.toMatchObject({ code: 'target_changed' })
  expect(await settleSwap(door(), swap, { openLive: true, openIncoming: true })).toEqual({ outcome: 'untouched' })
  await cluster.query('postgres', 'ALTER DATABASE "Shop ""1""" RENAME TO shop_saved')
  await cluster.createDatabase('Shop "1"')
  expect(await settleSwap(door(), swap, { openLive: true, openIncoming: true })).toMatchObject({
    outcome: 'unclear',
    found: expect.arrayContaining([expect.objectContaining({ name: 'shop_saved' })]),
    liveNameIs: { allowsConnections: true },
  })
})

test('the server is reached through a database that is not among those to be renamed', async () => {
  expect((await reachServer(cluster.connection('Shop "1"'), { not: ['Shop "1"', 'shop_restored'] })).dbname).toBe('postgres')
  expect((await reachServer(cluster.connection('postgres'), { not: ['postgres', 'template1', 'Shop "1"'] })).dbname).toBe('shop_restored')
  expect((await reachServer(cluster.connection('gone'))).dbname).toBe('postgres')
  await expect(reachServer(cluster.connection('postgres'), { not: ['postgres', 'template1', 'Shop "1"', 'shop_restored'] })).rejects.toMatchObject({
    code: 'refused',
  })
})

test('what was written since is told table by table, and unknown after a crash of the server', async () => {
  const conn = cluster.connection('shop_restored')
  await cluster.query('shop_restored', 'CREATE TABLE emptied AS SELECT 1 AS n; CREATE TABLE gone AS SELECT 1 AS n')
  const before = await readCounters(conn)
  expect(writtenSince(before, await readCounters(conn))).toEqual({ known: true, tables: [] })
  await cluster.query(
    'shop_restored',
    `INSERT INTO which VALUES ('a'), ('b'); UPDATE which SET is_it = 'c' WHERE is_it = 'a'; DELETE FROM which WHERE is_it = 'b'`,
  )
  await cluster.query('shop_restored', 'TRUNCATE emptied; DROP TABLE gone; CREATE TABLE fresh AS SELECT 1 AS n; SELECT lo_from_bytea(0, $$x$$)')
  const at = { schema: 'public', inserted: 0, updated: 0, deleted: 0 }
  await expect
    .poll(async () => {
      const found = writtenSince(before, await readCounters(conn))
      return found.known ? found.tables : []
    })
    .toEqual([
      { schema: 'pg_catalog', table: 'pg_largeobject', inserted: 1, updated: 0, deleted: 0, what: 'written' },
      { ...at, table: 'emptied', what: 'rewritten' },
      { ...at, table: 'fresh', inserted: 1, what: 'created' },
      { ...at, table: 'which', inserted: 2, updated: 1, deleted: 1, what: 'written' },
      { ...at, table: 'gone', what: 'dropped' },
    ])
  await cluster.crash()
  await cluster.start()
  expect(writtenSince(before, await readCounters(conn))).toMatchObject({ known: false, why: expect.stringContaining('crash') })
  expect(writtenSince(null, before)).toMatchObject({ known: false })
})
