import { spawnSync } from 'node:child_process'
import { createCipheriv, randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getBackup, listBackupTables } from '#lib/catalog/backups.ts'
import { setImportsEnabled } from '#lib/catalog/imports.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { deriveKey, derivations } from '#lib/engine/import/openssl-enc.ts'
import { sweepPrivatePlaces } from '#lib/engine/postgres/private-place.ts'
import { findTools } from '#lib/engine/postgres/tools.ts'
import { env, forgetEnv, useEnv } from '#lib/env.ts'
import { type Kill, randomKills, runAndKill } from '#test/support/killing.ts'
import { processesMentioning } from '#test/support/processes.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestReconcile } from '../reconcile/request.ts'
import { requestRestore } from '../restore/request.ts'
import { requestVerify } from '../verify/request.ts'
import { type ImportRequest, requestImport } from './request.ts'

const passphrase = 'correct horse battery'
let it: Operating
let dir: string
let storage: TestStorage
let database: { id: string; name: string }
let dumped: Buffer

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'lifeboat-import-'))
  useEnv({ ENCRYPTION_KEY: passphrase, LIFEBOAT_HOME: dir })
  it = await startOperating()
  storage = await it.addStorage('main')
  database = await it.addDatabase(
    'shop',
    `CREATE ROLE shop_app; CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL); ALTER TABLE customers OWNER TO shop_app;
     CREATE TABLE orders (id bigserial PRIMARY KEY, customer int REFERENCES customers, at timestamptz DEFAULT now());
     INSERT INTO customers SELECT g, 'customer ' || g FROM generate_series(1, 300) g;
     INSERT INTO orders (customer) SELECT 1 + g % 300 FROM generate_series(1, 2000) g;`,
  )
  const path_ = (await findTools()).find((tool) => tool.tool === 'pg_dump')?.path ?? ''
  dumped = spawnSync(path_, ['-h', it.cluster.host, '-p', String(it.cluster.port), '-U', 'postgres', 'shop'], { maxBuffer: 1 << 28 }).stdout
  await mkdir(path.join(dir, 'imports'))
})
afterAll(async () => {
  await it.close()
  await rm(dir, { recursive: true })
  forgetEnv()
})
beforeEach(() => setImportsEnabled(it.catalog, true))

async function sealed(plain: Buffer): Promise<Buffer> {
  const salt = randomBytes(8)
  const { key, iv } = await deriveKey(Buffer.from(passphrase), salt, derivations[0] ?? { name: '', digest: 'sha256', iterations: 10_000 })
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  return Buffer.concat([Buffer.from('Salted__'), salt, cipher.update(plain), cipher.final()])
}

async function importFile(name: string, bytes: Buffer, how: Partial<ImportRequest> = {}): Promise<OperationRow> {
  await writeFile(path.join(dir, 'imports', name), bytes)
  return it.operate(await requestImport(it.catalog, admin, { databaseId: database.id, place: 'imports', file: name, via: 'cli', ...how }))
}

const everything = async () => ({
  backups: (await it.catalog.selectFrom('backups').select('id').execute()).length,
  stored: (await readdir(storage.directory, { recursive: true })).sort(),
})

test('an encrypted file of the older scripts becomes a backup of its own day, verified and restored like any other', async () => {
  const name = 'backup_daily_20240131_030000.sql.gz.enc'
  const row = await importFile(name, await sealed(gzipSync(dumped)))
  expect([row.state, row.error]).toEqual(['succeeded', null])
  const { backup: made } = row.result as { backup: { id: string; name: string; rows: number } }
  expect(made).toMatchObject({ name: 'backup_imported_20240131_030000', tier: 'imported', rows: 2300 })
  const backup = await getBackup(it.catalog, made.id)
  expect(backup).toMatchObject({ tier: 'imported', database_id: database.id, previous_manifest_sha256: null })
  expect(backup?.created_at.toISOString()).toBe('2024-01-31T03:00:00.000Z')
  expect(backup?.origin).toMatchObject({ file: name, format: 'sql.gz.enc', takenAtFrom: 'name', refused: 0 })
  const tables = await listBackupTables(it.catalog, made.id)
  expect(
    tables
      .filter((one) => one.kind === 'table')
      .map(({ name: table, rows }) => [table, rows])
      .sort(),
  ).toEqual([
    ['customers', 300],
    ['orders', 2000],
  ])

  const verify = await it.operate(await requestVerify(it.catalog, admin, { backupId: made.id, via: 'cli' }))
  expect(verify).toMatchObject({ state: 'succeeded', result: { verdict: 'valid' } })
  const restore = await it.operate(await requestRestore(it.catalog, admin, { backupId: made.id, targetDbname: 'shop_again', via: 'cli' }))
  expect((restore.result as { restore: { outcome: string } }).restore.outcome).toBe('completed')
  const owners = `SELECT tablename, tableowner FROM pg_catalog.pg_tables WHERE schemaname = 'public' ORDER BY 1`
  expect(await it.cluster.query('shop_again', owners)).toEqual(await it.cluster.query('shop', owners))

  // the manifest itself says where it came from
  await it.catalog.updateTable('operations').set({ backup_id: null }).execute()
  await it.catalog.deleteFrom('backups').where('id', '=', made.id).execute()
  await it.operate(await requestReconcile(it.catalog, admin, { storageId: storage.id, adopt: true, via: 'cli' }))
  expect(await getBackup(it.catalog, made.id)).toMatchObject({ tier: 'imported', origin: { file: name, format: 'sql.gz.enc' } })
})

test('a dry run reads the file to its end, says what is in it and what would be refused, and writes nothing', async () => {
  const before = await everything()
  const evil = Buffer.concat([
    dumped.subarray(0, dumped.indexOf('\n-- PostgreSQL database dump complete')),
    Buffer.from(`\nALTER ROLE postgres SUPERUSER;\n\n-- PostgreSQL database dump complete\n--\n`),
  ])
  const row = await importFile('shop.sql', evil, { dryRun: true })
  const { plan } = row.result as {
    plan: { blocked: boolean; findings: { code: string; message: string }[]; tables: { table: string; rows: number }[] }
  }
  expect(plan.blocked).toBe(false)
  expect(plan.tables.map(({ table, rows }) => [table, rows]).sort()).toEqual([
    ['customers', 300],
    ['orders', 2000],
  ])
  expect(plan.findings.find((one) => one.code === 'not_carried_out')?.message).toContain('ALTER ROLE postgres SUPERUSER')
  expect(await everything()).toEqual(before)
})

test('what is refused stands in the ledger, and the backup says how much of it there was', async () => {
  const text = `--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.t (id integer);\nCREATE ROLE thief SUPERUSER;\nCOPY public.t (id) FROM stdin;\n1\n\\.\n--\n-- PostgreSQL database dump complete\n--\n`
  const row = await importFile('with_role_2024-02-03.sql', Buffer.from(text))
  expect(row.state).toBe('succeeded_with_findings')
  expect(row.findings.map((one) => one.code)).toEqual(['not_carried_out'])
  const { import: ledger, backup } = row.result as { import: { ledger: unknown[] }; backup: { id: string } }
  expect(ledger.ledger).toEqual([{ line: 5, statement: 'CREATE ROLE thief SUPERUSER;', reason: expect.stringContaining('role'), matters: true }])
  expect((await getBackup(it.catalog, backup.id))?.origin).toMatchObject({ refused: 1, takenAtFrom: 'name' })
})

test('rows that did not come are never sealed as if they had; with force the loss is said', async () => {
  const text = `--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.t (id integer CHECK (id < 2));\nCREATE TABLE public.u (id integer);\nCOPY public.t (id) FROM stdin;\n1\n2\n\\.\nCOPY public.u (id) FROM stdin;\n7\n\\.\n--\n-- PostgreSQL database dump complete\n--\n`
  const before = await everything()
  const row = await importFile('short.sql', Buffer.from(text))
  expect(row).toMatchObject({ state: 'failed', error: { code: 'blocked', message: expect.stringContaining('0 of 2 rows') as string } })
  expect(row.result).toMatchObject({
    losses: [{ object: '"public"."t"' }],
    ledger: [{ line: 6, reason: expect.stringContaining('check constraint') as string }],
  })
  expect(await everything()).toEqual(before)
  const forced = await importFile('short.sql', Buffer.from(text), { force: true })
  expect(forced.state).toBe('succeeded_with_findings')
  expect(forced.findings.map((one) => one.code).sort()).toEqual(['not_carried_out', 'rows_missing'])
})

test.each([
  ['cut off', async () => (await sealed(gzipSync(dumped))).subarray(0, 1024), 'corrupt'],
  ['without its last line', async () => dumped.subarray(0, dumped.indexOf('\n-- PostgreSQL database dump complete')), 'corrupt'],
  ['of another key', async () => sealed(gzipSync(dumped)).then((bytes) => (bytes.set(randomBytes(8), 8), bytes)), 'wrong_key'],
  ['of which nobody can tell whether it is whole', async () => Buffer.from('CREATE TABLE t (id int);\n'), 'blocked'],
  ['of several databases', async () => Buffer.from('--\n-- PostgreSQL database dump\n--\n\\connect other\n'), 'refused'],
])('a file %s is refused, and nothing is left of it', async (_what, bytes, code) => {
  const before = await everything()
  const row = await importFile('bad.sql.gz.enc', await bytes())
  expect(row).toMatchObject({ state: 'failed', error: { code } })
  expect(await everything()).toEqual(before)
})

test('imports are off until an admin turns them on, also for the worker, and with outdated tools; only admins ask, and no link leads out of the directory', async () => {
  const request: ImportRequest = { databaseId: database.id, place: 'imports', file: 'shop.sql', via: 'web' }
  await writeFile(path.join(dir, 'imports', 'shop.sql'), dumped)
  const asked = await requestImport(it.catalog, admin, request)
  await setImportsEnabled(it.catalog, false)
  expect(await it.operate(asked)).toMatchObject({ state: 'failed', error: { code: 'refused' } })
  await expect(requestImport(it.catalog, admin, request)).rejects.toMatchObject({ code: 'refused' })
  await setImportsEnabled(it.catalog, true)
  await expect(requestImport(it.catalog, { ...admin, role: 'operator' }, request)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(requestImport(it.catalog, admin, { ...request, place: 'machine', file: '/etc/passwd' })).rejects.toMatchObject({ code: 'usage' })
  const outdated = (await findTools()).map((tool) => ({ ...tool, ok: false }))
  expect(await it.operate(await requestImport(it.catalog, admin, request), { tools: outdated })).toMatchObject({ error: { code: 'tools_outdated' } })
  await symlink('/etc/passwd', path.join(dir, 'imports', 'link.sql'))
  const linked = await it.operate(await requestImport(it.catalog, admin, { ...request, file: 'link.sql' }))
  expect(linked).toMatchObject({ state: 'failed', error: { code: 'refused', message: expect.stringContaining('link') as string } })
  expect(existsSync(path.join(env().LIFEBOAT_HOME, 'imports'))).toBe(true)
})

test('an import whose worker is killed at any moment leaves no server, no file and no half a backup; a reconcile adopts what was whole', async () => {
  const file = path.join(dir, 'killed_20240303_030303.sql.gz')
  await writeFile(file, gzipSync(dumped))
  const ask = async () => {
    const request = { databaseId: database.id, place: 'machine', file, workerId: randomUUID(), via: 'cli' } as const
    const asked = await requestImport(it.catalog, admin, request)
    // whoever is killed here claims it under another id
    await it.catalog.updateTable('operations').set({ needs: '{}' }).where('id', '=', asked.id).execute()
    return asked
  }
  const kills: Kill[] = [{ failPoint: 'entry.stored' }, { failPoint: 'manifest.stored' }]
  const { seed, moments } = randomKills('import')
  let stored = 0
  for (const kill of [...kills, ...moments.map((moment) => ({ afterMs: moment * 2500 }))]) {
    const { killed, ended } = await runAndKill(it, await ask(), kill)
    const what = `${JSON.stringify(kill)}, seed ${seed}`
    if (killed) expect([ended.state, ended.error?.code], what).toEqual(['interrupted', 'interrupted'])
    await expect.poll(orphans, { message: what, timeout: 15_000 }).toEqual([])
    await it.operate(await openReconcile())
    // either it is there and whole, or there is no object of it
    const known = await it.catalog.selectFrom('backups').select('path').where('finished_at', 'is not', null).execute()
    const objects = (await readdir(storage.directory, { recursive: true })).filter((name) => /\/(?:key|manifest|e\d+)$/.test(name))
    stored = objects.length
    expect(
      objects.filter((name) => !known.some((one) => name.startsWith(one.path))),
      what,
    ).toEqual([])
    expect(await it.catalog.selectFrom('copies').select('id').where('state', '=', 'storing').execute(), what).toEqual([])
  }
  // the check above must have had something to look at
  expect(stored).toBeGreaterThan(0)
  await sweepPrivatePlaces()
  for (const place of await readdir(privatePlaces).catch(() => [])) expect(existsSync(`/proc/${ownerOf(place)}`), place).toBe(true)
})

/** Where private servers lie when the tests run as root; other tests may have theirs there. */
const privatePlaces = '/var/lib/lifeboat/private'
const ownerOf = (place: string) => /^[0-9a-f]{8}-(\d+)-/.exec(place)?.[1] ?? 'nobody'

/** Private servers whose owner is gone. */
async function orphans(): Promise<string[]> {
  const servers = (await processesMentioning(`${privatePlaces}/`)).flatMap((one) => /private\/([\w-]+)\/data/.exec(one.cmdline)?.[1] ?? [])
  return servers.filter((place) => !existsSync(`/proc/${ownerOf(place)}`))
}

/** The one that the reaper asked for, or one of ours. */
async function openReconcile(): Promise<{ id: string }> {
  const open = await it.catalog.selectFrom('operations').select('id').where('kind', '=', 'reconcile').where('state', '=', 'queued').executeTakeFirst()
  return open ?? (await requestReconcile(it.catalog, admin, { storageId: storage.id, via: 'cli' }))
}
