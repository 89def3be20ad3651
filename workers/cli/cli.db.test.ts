import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'

// The command line as a script meets it: another directory, no terminal, no worker, JSON and exit codes as the contract says.
const program = path.join(import.meta.dirname, '../../bin/lifeboat')
const password = 'canary-9f2c-of-the-command-line'
let cluster: Cluster
let catalogue: TestCatalog
let home: string
let storage: string

beforeAll(async () => {
  cluster = await startCluster({ password })
  catalogue = await createTestCatalog()
  home = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-cli-'))
  storage = path.join(home, 'disk')
  await cluster.createDatabase('shop')
  await cluster.query('shop', `CREATE TABLE orders AS SELECT i AS id, 'order ' || i AS what FROM generate_series(1, 500) AS i`)
})
afterAll(async () => {
  await catalogue?.close()
  await cluster?.stop()
  await rm(home, { recursive: true, force: true })
})

interface Answer {
  code: number
  // oxlint-disable-next-line typescript/no-explicit-any -- the document of any command
  json: Record<string, any>
  stdout: string
  stderr: string
}

async function lifeboat(...args: string[]): Promise<Answer> {
  return lifeboatWith({}, ...args)
}

async function lifeboatWith(env: Record<string, string>, ...args: string[]): Promise<Answer> {
  const child = spawn(program, args, {
    cwd: os.tmpdir(),
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'test', LIFEBOAT_ROOT: home, LIFEBOAT_HOME: home, DATABASE_URL: catalogue.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr] = ['', '']
  const said = { stdout, stderr }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()))
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exit) => resolve(exit ?? -1))
  })
  const json = args.includes('--json') && said.stdout.trim() !== '' ? (JSON.parse(said.stdout) as Answer['json']) : {}
  return { code, json, ...said }
}

test('a wrong command, a wrong option and a wrong word are usage: exit 2, the error as JSON', async () => {
  for (const args of [['nonsense'], ['backup'], ['backup', 'hourly'], ['list-backups', '--tier', 'yearly'], ['storage', 'add', 'x']]) {
    const answer = await lifeboat(...args, '--json')
    expect([args, answer.code, answer.json.error?.code]).toEqual([args, 2, 'usage'])
  }
})

test('what is not there is exit 4', async () => {
  expect((await lifeboat('backup', 'daily', '--database', 'nowhere', '--json')).json.error.code).toBe('not_found')
  expect((await lifeboat('verify-backup', 'latest')).code).toBe(4)
})

test('a catalogue that does not answer is exit 75, and the hint says what works without it', async () => {
  const answer = await lifeboatWith({ DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' }, 'list-backups', '--json')
  expect([answer.code, answer.json.error.code]).toEqual([75, 'unavailable'])
  expect(answer.json.error.hint).toContain('rescue script')
})

test('a database and a storage are registered after a look; a wrong password registers nothing', async () => {
  const file = path.join(home, 'password')
  await writeFile(file, `${password}\n`, { mode: 0o600 })
  const url = `postgresql://postgres@127.0.0.1:${cluster.port}/shop`
  expect((await lifeboat('storage', 'add', 'disk', '--path', storage, '--json')).code).toBe(0)
  expect((await lifeboat('storage', 'list', '--json')).json.storages).toMatchObject([
    { name: 'disk', reachable: true, freeBytes: expect.any(Number) },
  ])
  const refused = await lifeboatWith({ PGPASSWORD: 'wrong' }, 'database', 'add', 'shop', '--url', url, '--json')
  expect(refused.code).not.toBe(0)
  expect((await lifeboat('database', 'list', '--json')).json.databases).toEqual([])
  const added = await lifeboat('database', 'add', 'shop', '--url', url, '--password-file', file, '--json')
  expect([added.code, added.json.database?.name]).toEqual([0, 'shop'])
  expect((await lifeboat('check-database', 'shop', '--json')).json.check.ok).toBe(true)
  expect(added.stdout + added.stderr + refused.stderr).not.toContain(password)
})

test('without a worker a backup is taken, stored, verified and listed by the command itself', async () => {
  const planned = await lifeboat('backup', 'daily', '--dry-run', '--json')
  expect([planned.code, planned.json.plan.blocked]).toEqual([0, false])
  expect((await lifeboat('list-backups', '--json')).json.backups).toEqual([])

  const made = await lifeboat('backup', 'daily', '--json')
  expect(made.code, made.stderr).toBe(0)
  expect(made.json.operation).toMatchObject({ kind: 'backup', state: 'succeeded', findings: [] })
  expect(made.json.backup).toMatchObject({ database: 'shop', tier: 'daily', rows: 500, copies: [{ storage: 'disk', state: 'verified' }] })
  const listed = await lifeboat('list-backups', '--tier', 'daily', '--json')
  expect(listed.json.backups).toMatchObject([{ id: made.json.backup.id, name: made.json.backup.name, database: 'shop', state: 'verified' }])
  expect(listed.json.backups[0].verifiedAt).not.toBeNull()
})

test('a restore plans, refuses an existing database with exit 5, and restores a new one that equals the source', async () => {
  const plan = await lifeboat('restore-full', 'latest', '--target-db', 'shop_again', '--dry-run', '--json')
  expect([plan.code, plan.json.plan.blocked, plan.json.plan.tables.length]).toEqual([0, false, 1])
  const blocked = await lifeboat('restore-full', 'latest:daily', '--target-db', 'shop', '--dry-run', '--json')
  expect(blocked.code === 5 || blocked.json.error?.code === 'usage').toBe(true)

  const restored = await lifeboat('restore-full', 'latest', '--target-db', 'shop_again', '--json')
  expect(restored.code, restored.stderr).toBe(0)
  expect(restored.json.restore).toMatchObject({ outcome: 'completed', tables: 1, rows: 500, losses: [] })
  const everything = 'SELECT md5(string_agg(o::text, chr(10) ORDER BY id)) AS hash FROM orders o'
  expect(await cluster.query('shop_again', everything)).toEqual(await cluster.query('shop', everything))

  const again = await lifeboat('restore-full', 'latest', '--target-db', 'shop_again', '--json')
  expect(again.code).toBe(5)
})

test('an emergency clone plans, and copies the live database without reading a backup', async () => {
  const plan = await lifeboat('emergency-clone', '--target-db', 'shop_cloned', '--dry-run', '--json')
  expect([plan.code, plan.json.plan.blocked, plan.json.plan.tables.length]).toEqual([0, false, 1])
  const cloned = await lifeboat('emergency-clone', '--database', 'shop', '--target-db', 'shop_cloned', '--jobs', '3', '--json')
  expect(cloned.code, cloned.stderr).toBe(0)
  expect(cloned.json.restore).toMatchObject({ outcome: 'completed', tables: 1, rows: 500, losses: [] })
  expect(cloned.json.tables).toEqual([{ schema: 'public', table: 'orders', rows: 500, verdict: 'same' }])
  const elsewhere = await lifeboat('emergency-clone', '--target-url', 'postgres://u@192.0.2.1/x', '--json')
  expect([elsewhere.code, elsewhere.json.error.code]).toEqual([5, 'refused'])
})

test('the catalogue is rebuilt from the storage and the key alone', async () => {
  const fresh = await createTestCatalog()
  try {
    const rebuilt = await lifeboatWith({ DATABASE_URL: fresh.url }, 'catalog', 'rebuild', '--storage', storage, '--json')
    expect(rebuilt.json.reconcile?.adopted?.length, rebuilt.stderr).toBe(1)
    const listed = await lifeboatWith({ DATABASE_URL: fresh.url }, 'list-backups', '--json')
    const before = await lifeboat('list-backups', '--json')
    expect(listed.json.backups.map((one: { id: string }) => one.id)).toEqual(before.json.backups.map((one: { id: string }) => one.id))
    expect((await lifeboatWith({ DATABASE_URL: fresh.url }, 'verify-backup', 'latest', '--json')).json.verdict).toBe('valid')
  } finally {
    await fresh.close()
  }
})

test('a place that was a storage is added under its own id, and its backups are found; a living storage is refused by its name', async () => {
  const living = await lifeboat('storage', 'add', 'twin', '--path', storage, '--json')
  expect([living.code, living.json.error?.code]).toEqual([5, 'conflict'])
  expect(living.json.error.message).toContain('"disk"')

  const before = (await lifeboat('storage', 'list', '--json')).json.storages[0]
  expect((await lifeboat('storage', 'remove', 'disk', '--yes')).code).toBe(0)
  const back = await lifeboat('storage', 'add', 'disk', '--path', storage, '--json')
  expect([back.code, back.json.storage], back.stderr).toEqual([0, { id: before.id, name: 'disk', kind: 'local', known: true }])
  expect(back.json.reconcile).toMatchObject({ backups: 1, missing: [], refused: [] })

  const fresh = await createTestCatalog()
  try {
    const added = await lifeboatWith({ DATABASE_URL: fresh.url }, 'storage', 'add', 'found', '--path', storage, '--json')
    expect([added.json.storage?.id, added.json.reconcile?.adopted?.length], added.stderr).toEqual([before.id, 1])
    expect((await lifeboatWith({ DATABASE_URL: fresh.url }, 'list-backups', '--json')).json.backups).toHaveLength(1)
  } finally {
    await fresh.close()
  }
})

test('backups of another key are refused by name, and nothing of them is called readable', async () => {
  const fresh = await createTestCatalog()
  const elsewhere = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-cli-other-'))
  const other = { DATABASE_URL: fresh.url, LIFEBOAT_HOME: elsewhere, LIFEBOAT_KEY: randomBytes(32).toString('base64') }
  try {
    const added = await lifeboatWith(other, 'storage', 'add', 'theirs', '--path', storage, '--json')
    expect([added.code, added.json.reconcile?.adopted, added.json.reconcile?.refused?.length], added.stderr).toEqual([3, [], 1])
    expect(added.json.operation.findings).toMatchObject([{ code: 'backup_refused' }])
    expect((await lifeboatWith(other, 'list-backups', '--json')).json.backups).toEqual([])
  } finally {
    await fresh.close()
    await rm(elsewhere, { recursive: true })
  }
})

test('a flipped byte is corrupt: exit 3, and the entry is named', async () => {
  const files = (await readdir(storage, { recursive: true })).filter((file) => /\/e\d{6}$/.test(file)).map((file) => path.join(storage, file))
  const sizes = await Promise.all(files.map(async (file) => ({ file, size: (await stat(file)).size })))
  const { file } = sizes.sort((a, b) => b.size - a.size)[0] ?? { file: '' }
  const bytes = await readFile(file)
  const at = bytes.length >> 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(file, bytes)
  const answer = await lifeboat('verify-backup', 'latest', '--json')
  expect([answer.code, answer.json.verdict]).toEqual([3, 'corrupt'])
  expect(answer.json.copies).toMatchObject([{ storage: 'disk', verdict: 'corrupt' }])
  expect(answer.json.copies[0].entries.length).toBe(1)

  const restored = await lifeboat('restore-full', 'latest', '--target-db', 'never', '--yes', '--json')
  expect([restored.code, restored.json.error?.message]).toEqual([4, 'No backup can be restored now: none has a copy that can be read.'])
  bytes[at] = (bytes[at] ?? 0) ^ 1
  await writeFile(file, bytes)
  const whole = await lifeboat('verify-backup', 'latest', '--json')
  expect([whole.code, whole.json.verdict], 'the right bytes are back').toEqual([0, 'valid'])
})

test('a storage tells its room, when it was read back and where it and the catalogue disagree; what is not on record cannot be removed', async () => {
  const shown = await lifeboat('storage', 'show', 'disk')
  expect(shown.code, shown.stderr).toBe(0)
  expect(shown.stdout).toContain('of the disk is taken. When it fills is not known')
  const drift = await lifeboat('storage', 'drift', 'disk', '--json')
  expect([drift.code, drift.json.drift]).toEqual([0, expect.any(Array)])
  const removed = await lifeboat('storage', 'drift', 'disk', '--remove', 'photos', '--yes', '--json')
  expect([removed.code, removed.json.error?.code]).toEqual([4, 'not_found'])
  const cycle = await lifeboat('storage', 'cycle', '--days', '10', '--mb-per-second', '0', '--json')
  expect(cycle.json.verification).toEqual({ fullDays: 10, bytesPerDay: null, bytesPerSecond: null })
  expect((await lifeboat('storage', 'cycle', '--days', 'never', '--json')).json.error.code).toBe('usage')
})

test('a storage gets another name and a budget; a directory has no credentials, and no change is no command', async () => {
  const changed = await lifeboat('storage', 'change', 'disk', '--name', 'vault', '--budget-gb', '2', '--json')
  expect([changed.code, changed.json.storage?.name], changed.stderr).toEqual([0, 'vault'])
  expect((await lifeboat('storage', 'list', '--json')).json.storages).toMatchObject([{ name: 'vault', budgetBytes: 2e9 }])
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'canary-of-a-bucket' }
  expect((await lifeboatWith(keys, 'storage', 'change', 'vault', '--credentials', '--json')).code).toBe(2)
  expect((await lifeboat('storage', 'change', 'vault', '--json')).code).toBe(2)
  expect((await lifeboat('storage', 'change', 'vault', '--name', 'disk', '--budget-gb', '0')).code).toBe(0)
})

test('a restore in place asks for the name of what it overwrites, or for --yes, and takes a safety backup first', async () => {
  const count = async () => (await cluster.query('shop', 'SELECT count(*)::int AS rows FROM orders'))[0]?.['rows']
  await cluster.query('shop', 'DELETE FROM orders WHERE id > 10')
  for (const words of [
    ['--in-place', '--replace'],
    ['--in-place', '--target-db', 'x'],
    ['--drop-dependents'],
    ['--replace', '--undo-hours', 'long'],
  ]) {
    expect((await lifeboat('restore-full', 'latest:daily', ...words, '--json')).json.error?.code, words.join(' ')).toBe('usage')
  }
  const planned = await lifeboat('restore-full', 'latest:daily', '--in-place', '--dry-run', '--json')
  expect([planned.code, planned.json.plan?.safety?.database], planned.stderr).toEqual([0, 'shop'])
  const unasked = await lifeboat('restore-full', 'latest:daily', '--in-place', '--json')
  expect([unasked.code, unasked.json.error?.code, await count()]).toEqual([5, 'refused', 10])
  const restored = await lifeboat('restore-full', 'latest:daily', '--in-place', '--yes', '--json')
  expect([restored.code, restored.json.restore?.outcome, await count()], restored.stderr).toEqual([0, 'completed', 500])
  const listed = await lifeboat('list-backups', '--tier', 'safety', '--json')
  expect(listed.json.backups).toMatchObject([{ id: restored.json.restore.safetyBackupId, state: 'verified' }])
})

test('one table comes back beside without a question, and in place of the live rows for --yes alone; a name that two tables have is asked about', async () => {
  const count = async () => (await cluster.query('shop', 'SELECT count(*)::int AS rows FROM public.orders'))[0]?.['rows']
  await cluster.query('shop', 'CREATE SCHEMA other; CREATE TABLE other.orders (id int)')
  expect((await lifeboat('backup', 'monthly', '--json')).code).toBe(0)
  await cluster.query('shop', 'DROP SCHEMA other CASCADE; DELETE FROM public.orders WHERE id > 10')
  const which = await lifeboat('restore-table', 'latest:monthly', 'orders', '--json')
  expect([which.code, which.json.error?.hint]).toEqual([2, expect.stringContaining('other.orders, public.orders')])
  expect((await lifeboat('restore-table', 'latest:monthly', 'nowhere', '--json')).code).toBe(4)

  const beside = await lifeboat('restore-table', 'latest:monthly', 'public.orders', '--json')
  expect([beside.code, beside.json.restore?.outcome, beside.json.restore?.rows, await count()], beside.stderr).toEqual([0, 'completed', 500, 10])
  const name = String(beside.json.restore.table.name)
  expect(name).toMatch(/^orders_restored_\d{8}_\d{6}$/)
  await cluster.query('shop', `DROP TABLE public.${name}`)
  const unasked = await lifeboat('restore-table', 'latest:monthly', 'orders', '--schema', 'public', '--replace', '--json')
  expect([unasked.code, unasked.json.error?.code, await count()]).toEqual([5, 'refused', 10])
  const replaced = await lifeboat('restore-table', 'latest:monthly', 'public.orders', '--replace', '--yes', '--json')
  expect([replaced.code, replaced.json.restore?.outcome, await count()], replaced.stderr).toEqual([0, 'completed', 500])
})

test('a file of the older scripts is imported once that is allowed, and restored straight from its path', async () => {
  const text = `--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.old (id integer, what text);\nCOPY public.old (id, what) FROM stdin;\n1\tone\n2\ttwo\n\\.\n--\n-- PostgreSQL database dump complete\n--\n`
  const file = path.join(home, 'backup_weekly_20230506_020000.sql.gz')
  await writeFile(file, gzipSync(text))
  const off = await lifeboat('import', file, '--database', 'shop', '--json')
  expect([off.code, off.json.error.code, off.json.error.hint]).toEqual([5, 'refused', expect.stringContaining('lifeboat import on')])
  expect((await lifeboat('import', 'on', '--json')).json).toEqual({ imports: { enabled: true } })
  const plan = await lifeboat('import', file, '--database', 'shop', '--dry-run', '--json')
  expect([plan.code, plan.json.plan?.blocked], plan.stderr).toEqual([0, false])
  expect(plan.json.plan.tables).toEqual([{ schema: 'public', table: 'old', rows: 2, rawBytes: 12, action: 'import' }])
  expect((await lifeboat('restore-full', file, '--database', 'shop', '--dry-run', '--json')).json.error.hint).toContain(
    `lifeboat import ${file} --dry-run`,
  )

  const restored = await lifeboat('restore-full', file, '--database', 'shop', '--target-db', 'shop_of_old', '--json')
  expect(restored.code, restored.stderr).toBe(0)
  expect(restored.json.restore).toMatchObject({ outcome: 'completed', tables: 1, rows: 2 })
  expect(await cluster.query('shop_of_old', 'SELECT what FROM old ORDER BY id')).toEqual([{ what: 'one' }, { what: 'two' }])
  const listed = await lifeboat('list-backups', '--tier', 'imported', '--json')
  expect(listed.json.backups).toMatchObject([{ name: 'backup_imported_20230506_020000', createdAt: '2023-05-06T02:00:00.000Z', state: 'verified' }])
})

test('who forgot the password gets a link, an account is taken away, and the last admin stays', async () => {
  const words = path.join(home, 'password')
  await writeFile(words, 'twelve and a few more\n')
  for (const [email, role] of [
    ['ada@example.org', 'admin'],
    ['bob@example.org', 'viewer'],
  ] as const) {
    const added = await lifeboat('user', 'add', email, '--role', role, '--password-file', words, '--json')
    expect(added.code, added.stderr).toBe(0)
  }
  const link = await lifeboat('user', 'password-link', 'ADA@example.org', '--json')
  expect([link.code, link.json.passwordLink?.url], link.stderr).toEqual([0, expect.stringMatching(/\/setup\?token=[\w-]{43}$/)])
  expect((await lifeboat('user', 'password-link', 'nobody@example.org', '--json')).code).toBe(4)
  expect((await lifeboat('user', 'remove', 'bob@example.org', '--json')).code).toBe(5)
  expect((await lifeboat('user', 'remove', 'bob@example.org', '--yes', '--json')).code).toBe(0)
  expect((await lifeboat('user', 'remove', 'ada@example.org', '--yes', '--json')).code).toBe(5)
  expect((await lifeboat('user', 'list', '--json')).json.users).toMatchObject([{ email: 'ada@example.org' }])
})

test('a live database is replaced, looked after when its worker died, swapped back and the newer one dropped, each only with its name or --yes', async () => {
  const rows = async () => (await cluster.query('shop', 'SELECT count(*)::int AS n FROM orders'))[0]?.['n']
  const whole = await rows()
  expect((await lifeboat('backup', 'manual', '--json')).code).toBe(0)
  await cluster.query('shop', 'TRUNCATE orders')
  expect((await lifeboat('restore-full', 'latest:manual', '--replace', '--json')).json.error?.code).toBe('refused')
  expect(await rows()).toBe(0)
  const replaced = await lifeboat('restore-full', 'latest:manual', '--replace', '--yes', '--json')
  expect([replaced.code, replaced.json.restore?.outcome], replaced.stderr).toEqual([0, 'completed'])
  expect(await rows()).toBe(whole)

  // as a worker leaves it that died right after the renames, with nobody else to look after it
  const id = replaced.json.operation.id as string
  await cluster.query('postgres', 'ALTER DATABASE shop ALLOW_CONNECTIONS false')
  const { catalog } = catalogue
  await catalog
    .updateTable('operations')
    .set({ state: 'running', lease_until: new Date(0) })
    .where('id', '=', id)
    .execute()
  await catalog.updateTable('swaps').set({ state: 'underway', step: 'renamed' }).where('operation_id', '=', id).execute()
  const listed = await lifeboat('undo', 'list', '--json')
  expect(listed.json.swaps, listed.stderr).toMatchObject([{ operationId: id, liveName: 'shop', state: 'kept' }])
  expect(await rows()).toBe(whole)

  const dry = await lifeboat('undo', 'swap-back', id, '--dry-run', '--json')
  expect([dry.code, dry.json.plan?.blocked, dry.json.writtenSince?.known], dry.stderr).toEqual([0, false, true])
  expect((await lifeboat('undo', 'swap-back', id, '--json')).json.error?.code).toBe('refused')
  const back = await lifeboat('undo', 'swap-back', id, '--yes', '--json')
  expect([back.code, back.json.undo?.live], back.stderr).toEqual([0, 'shop'])
  expect(await rows()).toBe(0)
  const dropped = await lifeboat('undo', 'drop', back.json.operation.id as string, '--yes', '--json')
  expect([dropped.code, dropped.json.undo?.act], dropped.stderr).toEqual([0, 'drop'])
  expect((await lifeboat('undo', 'list', '--json')).json.swaps).toEqual([])
})

test('without a terminal and without --yes nothing is removed', async () => {
  expect((await lifeboat('database', 'remove', 'shop', '--json')).code).toBe(5)
  expect((await lifeboat('database', 'list', '--json')).json.databases).toHaveLength(1)
  expect((await lifeboat('database', 'remove', 'shop', '--yes', '--json')).code).toBe(0)
  expect((await lifeboat('database', 'list', '--json')).json.databases).toEqual([])
})

test('an invitation, the operations, the key, the audit trail and the doctor answer', async () => {
  const invited = await lifeboat('user', 'add', 'ada@example.org', '--role', 'operator', '--json')
  expect(invited.json.invitation.url).toMatch(/^http:\/\/127\.0\.0\.1:3000\/setup\?token=/)
  const operations = (await lifeboat('operations', 'list', '--json')).json.operations as { id: string; kind: string }[]
  expect(new Set(operations.map((one) => one.kind))).toEqual(
    new Set(['check', 'backup', 'verify', 'reconcile', 'restore', 'clone', 'import', 'undo']),
  )
  expect((await lifeboat('operations', 'show', operations[0]?.id ?? '', '--json')).json.operation.events.length).toBeGreaterThan(1)
  expect((await lifeboat('key', 'show', '--json')).json.key.keyId).toMatch(/^[0-9a-f]{16}$/)
  expect((await lifeboat('audit', 'verify', '--json')).json.audit.ok).toBe(true)
  const doctor = await lifeboat('doctor', '--json')
  expect(doctor.json.checks.map((one: { name: string }) => one.name)).toContain('Catalogue')
  expect([doctor.code, doctor.json.ok]).toEqual([0, true])
})
