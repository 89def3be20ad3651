import { createHash } from 'node:crypto'
import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { findOpenOnTarget, type OperationRow } from '#lib/catalog/operations.ts'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from './backup/request.ts'
import { lookAtBackup } from './look.ts'
import { requestRestore } from './restore/request.ts'
import { requestVerify } from './verify/request.ts'

const shop = `
  CREATE SCHEMA "odd; schema";
  CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL);
  CREATE TABLE "odd; schema"."ta""ble
 two" (id int PRIMARY KEY, customer int REFERENCES customer, note text, at timestamptz, bytes bytea, amount money);
  CREATE TABLE empty (id int);
  CREATE TABLE part (id int, at date) PARTITION BY RANGE (at);
  CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
  CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM ('2026-07-01') TO ('2027-01-01');
  CREATE VIEW names AS SELECT name FROM customer;
  CREATE INDEX ON customer (name);
  INSERT INTO customer SELECT i, 'Customer ' || i || E' \\\\ \\t \\n ü' FROM generate_series(1, 2000) i;
  INSERT INTO "odd; schema"."ta""ble
 two" SELECT i, 1 + i % 2000, repeat('x', i % 50), now() + i * interval '1 min', decode(md5(i::text), 'hex'), i::money FROM generate_series(1, 5000) i;
  INSERT INTO part SELECT i, date '2026-01-01' + i % 360 FROM generate_series(1, 1000) i;
  SELECT lo_from_bytea(0, 'a large object'::bytea);
`

let world: Operating
let database: { id: string; name: string }
let near: TestStorage
let far: TestStorage
beforeAll(async () => {
  world = await startOperating()
  database = await world.addDatabase('shop', shop)
  near = await world.addStorage('near')
  far = await world.addStorage('far')
})
afterAll(() => world.close())

async function backUp(storages = [near, far]): Promise<{ ended: OperationRow; backup: BackupRow }> {
  const storageIds = storages.map((one) => one.id)
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds, via: 'cli' }))
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const backup = await getBackup(world.catalog, ended.backup_id ?? '')
  if (backup === null) throw new Error('the backup has no row')
  return { ended, backup }
}

async function verify(backup: BackupRow, how: Parameters<Operating['operate']>[1] = {}): Promise<OperationRow> {
  return world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }), how)
}

async function restore(backup: BackupRow, targetDbname: string, how: { dryRun?: boolean; force?: boolean } = {}): Promise<OperationRow> {
  return world.operate(await requestRestore(world.catalog, admin, { backupId: backup.id, targetDbname, via: 'cli', ...how }))
}

async function damage(storage: TestStorage, backup: BackupRow, object: string): Promise<void> {
  const file = path.join(storage.directory, backup.path, object)
  const bytes = await readFile(file)
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await rm(file)
  await writeFile(file, bytes)
}

/** An order-independent hash of every table's rows, and of what the schema is made of. */
async function contentOf(dbname: string): Promise<string> {
  const tables = await world.cluster.query(
    dbname,
    `SELECT quote_ident(nspname) || '.' || quote_ident(relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind IN ('r', 'v', 'p') AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY 1`,
  )
  const hash = createHash('sha256')
  for (const { name } of tables) {
    hash.update(JSON.stringify([name, await world.cluster.query(dbname, `SELECT t::text AS row FROM ${String(name)} t ORDER BY 1`)]))
  }
  const objects = await world.cluster.query(dbname, `SELECT encode(lo_get(oid), 'hex') AS data FROM pg_largeobject_metadata ORDER BY oid`)
  return hash.update(JSON.stringify(objects)).digest('hex')
}

const databases = async () => (await world.cluster.query('postgres', 'SELECT datname FROM pg_database ORDER BY 1')).map((row) => row['datname'])

/** Takes the server's next transaction id; whoever writes takes one too. */
const nextTransaction = async () => Number((await world.cluster.query('postgres', 'SELECT pg_current_xact_id()::text AS id'))[0]?.['id'])

test('a backup is stored on every storage in one pass, verified, and restored into a database that equals the source', async () => {
  const { ended, backup } = await backUp()
  expect(ended.result).toMatchObject({ backup: { database: 'shop', tier: 'manual', rows: 8000, copies: [{ state: 'stored' }, { state: 'stored' }] } })
  for (const storage of [near, far]) {
    for (const name of await readdir(path.join(storage.directory, backup.path))) {
      const bytes = await readFile(path.join(storage.directory, backup.path, name))
      expect([name, bytes.subarray(0, 5).toString()]).not.toEqual([name, 'PGDMP'])
      expect([name, bytes.includes('Customer')]).toEqual([name, false])
    }
  }

  expect(await verify(backup)).toMatchObject({
    state: 'succeeded',
    result: {
      verdict: 'valid',
      copies: expect.arrayContaining([
        { storage: 'near', verdict: 'valid', at: expect.any(String), entries: [] },
        { storage: 'far', verdict: 'valid', at: expect.any(String), entries: [] },
      ]),
    },
  })
  expect((await getBackup(world.catalog, backup.id))?.verified_at).not.toBe(null)

  const restored = await restore(backup, 'shop_restored')
  expect([restored.state, restored.error, restored.findings]).toEqual(['succeeded', null, []])
  expect(restored.result).toMatchObject({ restore: { outcome: 'completed', rows: 8000, losses: [], undoUntil: null } })
  expect(await contentOf('shop_restored')).toBe(await contentOf('shop'))
})

test('a storage where something was just stored or read counts as reachable; only storing there disproves a known problem', async () => {
  const seen = async () => world.catalog.selectFrom('storages').select(['reachable', 'problem']).where('id', '=', near.id).executeTakeFirstOrThrow()
  const say = (reachable: boolean | null, problem: string | null) =>
    world.catalog.updateTable('storages').set({ reachable, problem }).where('id', '=', near.id).execute()
  await say(false, 'it may not be written')
  const { backup } = await backUp([near])
  expect(await seen()).toEqual({ reachable: true, problem: null })
  await say(false, 'it may not be written')
  await verify(backup)
  expect(await seen()).toEqual({ reachable: false, problem: 'it may not be written' })
  await say(null, null)
  await verify(backup)
  expect(await seen()).toEqual({ reachable: true, problem: null })
})

test('a flipped bit makes a copy corrupt and names the table; the restore then reads the other copy', async () => {
  const { backup } = await backUp()
  const customer = await world.catalog
    .selectFrom('backup_tables')
    .selectAll()
    .where('backup_id', '=', backup.id)
    .where('name', '=', 'customer')
    .executeTakeFirstOrThrow()
  await damage(near, backup, `e${String(customer.ordinal).padStart(6, '0')}`)

  const verified = await verify(backup)
  expect(verified.state).toBe('succeeded_with_findings')
  expect(verified.result).toMatchObject({
    verdict: 'corrupt',
    copies: expect.arrayContaining([
      {
        storage: 'near',
        verdict: 'corrupt',
        at: expect.any(String),
        entries: [expect.objectContaining({ ordinal: customer.ordinal, name: 'public.customer' })],
      },
      { storage: 'far', verdict: 'valid', at: expect.any(String), entries: [] },
    ]),
  })
  const states = (await listCopies(world.catalog, backup.id)).map((copy) => [copy.storage_id, copy.state])
  expect(Object.fromEntries(states)).toEqual({ [near.id]: 'corrupt', [far.id]: 'verified' })

  expect(await restore(backup, 'from_the_other')).toMatchObject({ result: { restore: { outcome: 'completed' } }, error: null })
  expect(await contentOf('from_the_other')).toBe(await contentOf('shop'))
})

test('damage that nobody has noticed yet is found while fetching, before the target is touched', async () => {
  const { backup } = await backUp()
  for (const storage of [near, far]) await damage(storage, backup, 'e000002')
  const before = await databases()
  const asked = await nextTransaction()
  expect(await restore(backup, 'never_made')).toMatchObject({ state: 'failed', error: { code: 'corrupt' } })
  expect(await nextTransaction(), 'nothing was written on the server, also nothing that was taken back').toBe(asked + 1)
  expect(await databases()).toEqual(before)
})

test('a manifest or an entry that is gone makes the copy missing', async () => {
  const { backup } = await backUp()
  await rm(path.join(near.directory, backup.path, 'manifest'))
  await rm(path.join(far.directory, backup.path, 'e000001'))
  expect(await verify(backup)).toMatchObject({ result: { verdict: 'missing' }, state: 'succeeded_with_findings' })
  const ended = await requestRestore(world.catalog, admin, { backupId: backup.id, targetDbname: 'x', via: 'cli' }).catch((error: unknown) => error)
  expect(ended).toMatchObject({ code: 'missing' })
})

test('without the right key a backup is unrecoverable, no copy of it stays verified, and nothing new is stored', async () => {
  const { backup } = await backUp([near])
  expect(await verify(backup)).toMatchObject({ result: { verdict: 'valid' } })
  expect((await listCopies(world.catalog, backup.id))[0]?.state).toBe('verified')
  expect(await verify(backup, { keys: deriveKeys(Buffer.alloc(32, 9)) })).toMatchObject({ result: { verdict: 'unrecoverable' } })
  expect(await verify(backup, { keys: null })).toMatchObject({ result: { verdict: 'unrecoverable' } })
  expect((await listCopies(world.catalog, backup.id))[0]?.state).toBe('stored')

  const objects = async () => (await readdir(near.directory, { recursive: true })).sort()
  const before = await objects()
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id], via: 'cli' })
  expect(await world.operate(requested, { keys: null })).toMatchObject({ state: 'failed', error: { code: 'key_missing' } })
  expect(await objects()).toEqual(before)
})

test('a dry run of a restore plans and writes nothing; an existing target blocks it, also with force', async () => {
  const { backup } = await backUp([near])
  const before = await databases()
  const planned = await restore(backup, 'shop_planned', { dryRun: true })
  expect(planned.error).toBe(null)
  expect(planned.result).toMatchObject({
    plan: { blocked: false, tables: expect.arrayContaining([expect.objectContaining({ table: 'customer', rows: 2000 })]) },
  })
  expect(await databases()).toEqual(before)

  await world.cluster.createDatabase('taken')
  for (const force of [false, true]) {
    expect(await restore(backup, 'taken', { dryRun: true, force })).toMatchObject({ result: { plan: { blocked: true } } })
    expect(await restore(backup, 'taken', { force })).toMatchObject({ state: 'failed' })
  }
  expect(await world.cluster.query('taken', `SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname = 'public'`)).toEqual([{ tables: 0 }])
})

test('a dry run of a backup stores nothing and takes no lock', async () => {
  const before = (await readdir(near.directory, { recursive: true })).sort()
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id], dryRun: true, via: 'cli' })
  expect(await findOpenOnTarget(world.catalog, `backup:${database.id}`)).toBe(null)
  expect(await world.operate(requested)).toMatchObject({ error: null, result: { plan: { blocked: false } } })
  expect((await readdir(near.directory, { recursive: true })).sort()).toEqual(before)
})

test('a storage that is absent fails its copy only; the others are whole and the operation says so', async () => {
  await rm(path.join(far.directory, 'lifeboat-storage.json'))
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id, far.id], via: 'cli' })
  const ended = await world.operate(requested)
  expect([ended.state, ended.error]).toEqual(['succeeded_with_findings', null])
  expect(ended.findings.map((one) => one.code)).toContain('copy_failed')
  const states = (await listCopies(world.catalog, ended.backup_id ?? '')).map((copy) => [copy.storage_id, copy.state])
  expect(Object.fromEntries(states)).toEqual({ [near.id]: 'stored', [far.id]: 'failed' })
})

test('an emptied database is backed up and called suspicious', async () => {
  await world.cluster.query('shop', `TRUNCATE customer, part CASCADE`)
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id], via: 'cli' })
  const ended = await world.operate(requested)
  expect([ended.state, ended.error]).toEqual(['succeeded_with_findings', null])
  expect(ended.findings.map((one) => one.code)).toEqual(['suspicious'])
  expect((await getBackup(world.catalog, ended.backup_id ?? ''))?.suspicious).toMatch(/no rows|shrank/)
})

test('what a person did not find fine never becomes the measure; what is found fine does', async () => {
  const again = async () => {
    const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id], via: 'cli' }))
    return { id: ended.backup_id ?? '', suspicious: (await getBackup(world.catalog, ended.backup_id ?? ''))?.suspicious ?? null }
  }
  const emptied = await again()
  expect(emptied.suspicious).toMatch(/no rows|shrank|lost every row/)
  await lookAtBackup(world.catalog, admin, { backupId: emptied.id, verdict: 'bad', note: null })
  expect((await again()).suspicious).toBe(emptied.suspicious)
  const viewer = { ...admin, role: 'viewer' as const }
  await expect(lookAtBackup(world.catalog, viewer, { backupId: emptied.id, verdict: 'fine', note: null })).rejects.toMatchObject({
    code: 'forbidden',
  })
  await lookAtBackup(world.catalog, admin, { backupId: emptied.id, verdict: 'fine', note: 'the test shop was emptied on purpose' })
  const measured = await again()
  expect(measured.suspicious).toBeNull()
  await expect(lookAtBackup(world.catalog, admin, { backupId: measured.id, verdict: 'fine', note: null })).rejects.toMatchObject({ code: 'refused' })
  const looks = await world.catalog.selectFrom('audit').select('detail').where('action', '=', 'backup.look').orderBy('seq').execute()
  expect(looks.map((one) => one.detail.verdict)).toEqual(['bad', 'fine'])
})

test('a dump that fails midway leaves no object, no copy and no backup', async () => {
  const objects = async () => (await readdir(near.directory, { recursive: true })).filter((name) => /\/[a-z_]*\d*$/.test(name)).sort()
  const backups = () => world.catalog.selectFrom('backups').select('id').execute()
  const before = [await objects(), await backups()]
  await world.cluster.query('shop', 'CREATE TABLE unreadable AS SELECT i FROM generate_series(1, 100000) i')
  await world.cluster.query('shop', 'CHECKPOINT')
  const [file] = await world.cluster.query('shop', `SELECT pg_relation_filepath('unreadable') AS path`)
  await world.cluster.crash()
  const page = await open(path.join(world.cluster.dataDir, String(file?.['path'])), 'r+')
  await page.write(Buffer.alloc(8192, 0x5a), 0, 8192, 200 * 8192)
  await page.close()
  await world.cluster.start()
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [near.id], via: 'cli' })
  const ended = await world.operate(requested)
  expect(ended).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('invalid page') }, backup_id: null })
  expect([await objects(), await backups()]).toEqual(before)
})
