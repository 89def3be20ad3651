import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Runbook, RunbookStep } from '#lib/domain/runbooks/runbook.ts'
import { createTestCatalog, type TestCatalog } from './support/catalog.ts'
import { type Cluster, startCluster } from './support/cluster.ts'
import { pgDump } from './support/raw-backup.ts'

// The runbooks of a real database, followed to the letter: what they print is what is typed, in one window, in this order.
const root = path.resolve(import.meta.dirname, '..')
const master = randomBytes(32).toString('base64')
const password = "canary of 'the' runbooks"
let source: Cluster
let target: Cluster
let catalogue: TestCatalog
let place: string
let everything: Runbook
let oneTable: Runbook
let database: Runbook

beforeAll(async () => {
  ;[source, target, catalogue] = await Promise.all([startCluster({ password }), startCluster({ password }), createTestCatalog()])
  place = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-runbooks-'))
  await writeFile(path.join(place, 'password'), `${password}\n`, { mode: 0o600 })
  await source.createDatabase('shop')
  await source.query('shop', `CREATE TABLE orders AS SELECT i AS id, 'order ' || i AS what FROM generate_series(1, 500) AS i`)
  await source.query('shop', 'ALTER TABLE orders ADD PRIMARY KEY (id)')
  await living('storage', 'add', `the "vault's" disk`, '--path', path.join(place, 'the disk'))
  await living(
    'database',
    'add',
    `Shop's`,
    '--url',
    `postgresql://postgres@127.0.0.1:${source.port}/shop`,
    '--password-file',
    path.join(place, 'password'),
  )
  await living('backup', 'daily')
  const runbookOf = async (scenario: string) => (await living('runbook', scenario, '--json')).runbook as Runbook
  everything = await runbookOf('everything')
  oneTable = await runbookOf('one-table')
  database = await runbookOf('database')
})
afterAll(async () => {
  await catalogue?.close()
  await Promise.all([source?.stop(), target?.stop()])
  if (place) await rm(place, { recursive: true })
})

const livingEnv = () => ({ LIFEBOAT_HOME: path.join(place, 'living'), LIFEBOAT_KEY: master, DATABASE_URL: catalogue.url })

/** The installation that still lives. */
async function living(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run(path.join(root, 'bin/lifeboat'), args, os.tmpdir(), livingEnv())
  expect(code, stderr).toBe(0)
  return args.includes('--json') ? (JSON.parse(stdout) as Record<string, unknown>) : {}
}

async function run(program: string, args: string[], cwd: string, env: Record<string, string>) {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (part: Buffer) => (stdout += part.toString()))
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()))
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exit) => resolve(exit ?? -1))
  })
  return { code, stdout, stderr }
}

/**
 * Types the steps into one bash, as a person would: each answers what it asks for, and the first that fails ends it. Returns what every step said.
 */
async function follow(steps: RunbookStep[], answers: Record<string, string>, cwd: string, env: Record<string, string>) {
  const typed = await mkdtemp(path.join(place, 'typed-'))
  const lines: string[] = []
  for (const [index, { id, command, asks }] of steps.entries()) {
    if (command === null) continue
    await writeFile(path.join(typed, `${index}.sh`), command)
    await writeFile(path.join(typed, `${index}.in`), asks.map((what) => `${answers[what] ?? `no answer to ${what}`}\n`).join(''))
    const at = (end: string) => `'${path.join(typed, String(index))}.${end}'`
    // the name of what is overwritten is asked for on a terminal only
    const inTerminal = `env OPERATION="$OPERATION" script -qec "bash ${path.join(typed, `${index}.sh`)}" /dev/null`
    lines.push(
      `${asks.includes('target_name') ? inTerminal : `. ${at('sh')}`} < ${at('in')} > ${at('out')} 2>&1 || { echo ${id}; cat ${at('out')}; exit 1; }`,
    )
  }
  await writeFile(path.join(typed, 'all'), lines.join('\n'))
  const { code, stdout, stderr } = await run('bash', [path.join(typed, 'all')], cwd, env)
  expect(code, `${stdout}${stderr}`).toBe(0)
  const said = new Map<string, string>()
  for (const [index, { id, command }] of steps.entries()) if (command !== null) said.set(id, await readFile(path.join(typed, `${index}.out`), 'utf8'))
  expect([...said.values()].join('\n')).not.toContain(password)
  return said
}

const section = (of: Runbook, id: string) => of.sections.find((one) => one.id === id)?.steps ?? []
const orders = 'SELECT count(*)::int AS rows, md5(string_agg(o::text, chr(10) ORDER BY id)) AS hash FROM orders o'
const newServer = () => ({ host: '127.0.0.1', port: String(target.port), user: 'postgres', password })

test('everything gone, way 1: from an empty machine with a storage and the key the database comes back, and is protected again', async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-runbooks-home-'))
  try {
    await symlink(path.join(root, 'bin'), path.join(home, 'bin'))
    const steps = section(everything, 'lifeboat')
    const env = { LIFEBOAT_ROOT: home, LIFEBOAT_HOME: path.join(home, '.lifeboat'), LIFEBOAT_DEMO: '0' }
    const said = await follow(steps, { ...newServer(), master_key: master }, home, env)
    expect(said.get('lifeboat_verify')).toContain('valid')
    expect(said.get('lifeboat_restore')).toContain('completed')
    expect(await target.query('shop', orders)).toEqual(await source.query('shop', orders))
    expect(said.get('lifeboat_protect')).toContain(`Shop's recovered is registered`)
  } finally {
    await target.query('postgres', 'DROP DATABASE IF EXISTS shop')
    await rm(home, { recursive: true, force: true })
  }
})

test('everything gone, way 2: with nothing but the rescue script the database comes back', async () => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-runbooks-rescue-'))
  try {
    await mkdir(path.join(home, 'tools'))
    await symlink(process.execPath, path.join(home, 'tools/node'))
    for (const tool of ['pg_restore', 'createdb', 'vacuumdb']) await symlink(path.join(path.dirname(pgDump), tool), path.join(home, 'tools', tool))
    const env = { PATH: `${path.join(home, 'tools')}:/usr/bin:/bin`, HOME: home }
    const said = await follow(section(everything, 'rescue'), { ...newServer(), key_file: master }, home, env)
    expect(said.get('rescue_check')).toContain('OK')
    expect(said.get('rescue_restore')).toContain('Restored')
    expect(await target.query('shop', orders)).toEqual(await source.query('shop', orders))
  } finally {
    await target.query('postgres', 'DROP DATABASE IF EXISTS shop')
    await rm(home, { recursive: true, force: true })
  }
})

test('database damaged: the backup is read back and restored into a new database beside the live one, which stays as it is', async () => {
  await source.query('shop', 'UPDATE orders SET what = upper(what)')
  const damaged = await source.query('shop', orders)
  const steps = [...section(database, 'prepare'), ...section(database, 'beside')]
  const said = await follow(steps, {}, root, { ...livingEnv(), PATH: `${path.join(root, 'bin')}:${process.env.PATH ?? ''}` })
  expect(said.get('read_back')).toContain('valid')
  expect(said.get('beside_restore')).toContain('completed')
  const [restored] = await source.query('postgres', `SELECT datname FROM pg_database WHERE datname LIKE 'shop_restored_%'`)
  expect(await source.query(String(restored?.datname), 'SELECT what FROM orders WHERE id = 1')).toEqual([{ what: 'order 1' }])
  expect(await source.query('shop', orders)).toEqual(damaged)
})

test('database damaged, the other way: the restored database takes the live one’s place, and is swapped back', async () => {
  const before = await source.query('shop', orders)
  const steps = section(database, 'replace')
  const env = { ...livingEnv(), PATH: `${path.join(root, 'bin')}:${process.env.PATH ?? ''}` }
  const replacing = steps.filter((one) => one.id.startsWith('replace_'))
  const swapped = await follow(replacing, { target_name: 'shop' }, root, env)
  expect(swapped.get('replace_restore')).toContain('completed')
  expect(await source.query('shop', 'SELECT what FROM orders WHERE id = 1')).toEqual([{ what: 'order 1' }])
  const { swaps } = (await living('undo', 'list', '--json')) as { swaps: { operationId: string }[] }
  const operation = swaps[0]?.operationId ?? ''
  const back = steps.filter((one) => one.id.startsWith('swap_back'))
  const said = await follow(back, { target_name: 'shop', operation }, root, env)
  expect(said.get('swap_back_look')).toContain(operation)
  expect(await source.query('shop', orders)).toEqual(before)
})

test('one table damaged: it comes back beside the live one, and then its rows into the live one', async () => {
  await source.query('shop', 'DELETE FROM orders WHERE id > 100')
  const steps = oneTable.sections.flatMap((one) => one.steps)
  const env = { ...livingEnv(), PATH: `${path.join(root, 'bin')}:${process.env.PATH ?? ''}` }
  const said = await follow(steps, { target_name: 'shop' }, root, env)
  expect(said.get('read_back')).toContain('valid')
  expect(said.get('beside_restore')).toContain('completed')
  expect(said.get('replace_restore')).toContain('completed')
  const [beside] = await source.query('shop', `SELECT tablename FROM pg_tables WHERE tablename LIKE 'orders_restored_%'`)
  const whole = [{ rows: 500, first: 'order 1' }]
  const looked = (table: string) => `SELECT count(*)::int AS rows, (array_agg(what ORDER BY id))[1] AS first FROM "${table}"`
  expect(await source.query('shop', looked(String(beside?.tablename)))).toEqual(whole)
  expect(await source.query('shop', looked('orders'))).toEqual(whole)
})

test('every step has a name of its own, and every place in the console that a step names opens with the answers filled in', () => {
  for (const runbook of [oneTable, database, everything]) {
    const steps = runbook.sections.flatMap((one) => one.steps)
    expect(new Set(steps.map((one) => one.id)).size).toBe(steps.length)
    expect(steps.length).toBeGreaterThan(5)
    expect(runbook.problem).toBeNull()
  }
  const wizard = section(oneTable, 'replace').find((one) => one.id === 'replace_dry_run')?.whereInConsole?.href ?? ''
  expect(Object.fromEntries(new URL(wizard, 'http://console').searchParams)).toMatchObject({
    happened: 'table',
    schema: 'public',
    table: 'orders',
    way: 'replace',
  })
})
