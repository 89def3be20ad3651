import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertBackup } from '#lib/catalog/backups.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'

let it: TestCatalog
let databaseId: string
let home: string
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'lifeboat-cli-'))
  it = await createTestCatalog()
  const row = await insertDatabase(it.catalog, { name: 'shop', host: '127.0.0.1', port: 1, dbname: 'shop', username: 'u' })
  databaseId = row?.id ?? ''
})
afterAll(async () => {
  await it.close()
  await rm(home, { recursive: true })
})

function start(...words: string[]) {
  return spawn(process.execPath, [path.resolve('workers/cli/main.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      NODE_ENV: 'test',
      PATH: process.env.PATH ?? '',
      DATABASE_URL: it.url,
      LIFEBOAT_HOME: home,
      LIFEBOAT_AUDIT_KEY: it.auditKey.toString('base64'),
      LIFEBOAT_KEY: Buffer.alloc(32, 9).toString('base64'),
    },
  })
}

async function lifeboat(...words: string[]): Promise<{ code: number; out: string; said: string }> {
  const child = start(...words)
  const parts = { out: '', said: '' }
  child.stdout.on('data', (chunk: Buffer) => (parts.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (parts.said += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, ...parts }
}

async function addOperation(message: string): Promise<string> {
  const row = await it.catalog
    .insertInto('operations')
    .values({
      kind: 'backup',
      title: 'Back up shop',
      input: '{}',
      database_id: databaseId,
      requested_name: 'x',
      requested_via: 'cli',
      state: 'failed',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await it.catalog.insertInto('operation_events').values({ operation_id: row.id, kind: 'error', message, data: '{}' }).execute()
  return row.id
}

test('health-check makes every check anew, says the first thing to do and exits 3; alerts are listed, shown and taken on', async () => {
  await it.catalog
    .updateTable('databases')
    .set({ created_at: new Date(Date.now() - 10 * 86_400_000) })
    .execute()
  const health = await lifeboat('health-check', '--json')
  expect(health.code).toBe(3)
  const said = JSON.parse(health.out) as { ok: boolean; checks: { kind: string; status: string }[]; watch: { stale: boolean } }
  expect(said).toMatchObject({ ok: false, watch: { stale: false } })
  expect(said.checks).toContainEqual(expect.objectContaining({ kind: 'restorable_point', status: 'critical' }))
  expect((await lifeboat('health-check')).out).toMatch(/^CRITICAL +Newest restorable point +shop/m)

  const backups = await lifeboat('list-backups', '--json')
  expect(backups.code).toBe(3)
  expect(JSON.parse(backups.out)).toMatchObject({
    ok: false,
    backups: [],
    problems: [{ check: 'restorable_point', database: 'shop', status: 'critical' }],
  })

  const listed = JSON.parse((await lifeboat('alert', 'list', '--json')).out) as { alerts: { id: string; kind: string }[] }
  const id = listed.alerts.find((one) => one.kind === 'restorable_point')?.id ?? ''
  const taken = await lifeboat('alert', 'acknowledge', id.slice(0, 8), '--note', 'on it')
  expect(taken).toMatchObject({ code: 0, out: expect.stringContaining('on it') })
  expect((await lifeboat('alert', 'show', id)).out).toContain('1. Make a backup now.')
  expect((await lifeboat('alert', 'silence', id, '--minutes', '5')).code).toBe(2)
}, 60_000)

test('a bad copy of a database that was taken off the list is said too, where its backups are listed', async () => {
  const gone = await insertDatabase(it.catalog, { name: 'gone', host: '127.0.0.1', port: 1, dbname: 'gone', username: 'u' })
  const id = randomUUID()
  const storage = await insertStorage(it.catalog, {
    id: randomUUID(),
    name: 'near',
    kind: 'local',
    config: JSON.stringify({ path: '/backups/near' }),
  })
  const named = { name: 'gone_daily_1', path: 'gone/daily/1', attempt: '1' }
  await insertBackup(it.catalog, { id, ...named, database_id: gone?.id ?? '', tier: 'daily', created_at: new Date(), finished_at: new Date() })
  await it.catalog
    .insertInto('copies')
    .values({ backup_id: id, storage_id: storage?.id ?? '', state: 'missing' })
    .execute()
  await it.catalog
    .updateTable('databases')
    .set({ removed_at: new Date() })
    .where('id', '=', gone?.id ?? '')
    .execute()
  const listed = await lifeboat('list-backups', '--json')
  expect(listed.code).toBe(3)
  const { problems } = JSON.parse(listed.out) as { problems: { check: string; database: string; words: string }[] }
  expect(problems.find((one) => one.database === 'gone')).toMatchObject({
    check: 'copies_bad',
    words: '1 copy is corrupt or missing, on near; the newest of gone_daily_1.',
  })
}, 60_000)

test('in a storm every alert is listed and found; an empty number of minutes ends no silence', async () => {
  await sql`INSERT INTO alerts (kind, subject, subject_name, severity, words, opened_at, since, seen_at)
    SELECT 'channel', 's' || n, 's' || n, 'warning', 'w', now() - make_interval(mins => n), now(), now() FROM generate_series(1, 210) AS n`.execute(
    it.catalog,
  )
  const { alerts } = JSON.parse((await lifeboat('alert', 'list', '--json')).out) as { alerts: { id: string; subject: string }[] }
  const oldest = alerts.find((one) => one.subject === 's210')?.id ?? ''
  const silenced = await lifeboat('alert', 'silence', oldest.slice(0, 8), '--minutes', '60', '--reason', 'known', '--json')
  expect(JSON.parse(silenced.out)).toMatchObject({ id: oldest, silenced: { reason: 'known' } })
  expect((await lifeboat('alert', 'silence', oldest, '--minutes', '')).code).toBe(2)
  expect(JSON.parse((await lifeboat('alert', 'show', oldest, '--json')).out)).toMatchObject({ silenced: { reason: 'known' } })
}, 60_000)

test('logs are searched, and followed as they are written', async () => {
  const operation = await addOperation('pg_dump: error: connection refused')
  const found = await lifeboat('logs', '--grep', 'REFUSED', '--errors', '--database', 'shop', '--operation', operation, '--json')
  expect(JSON.parse(found.out)).toMatchObject({ lines: [{ message: 'pg_dump: error: connection refused', explained: { what: expect.any(String) } }] })
  expect((await lifeboat('logs', '--grep', 'nothing of the kind')).out).toBe('No line matches.\n')
  expect((await lifeboat('logs', '--since', 'yesterday')).code).toBe(2)

  const child = start('logs', '--follow', '--json')
  const lines: string[] = []
  child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n')))
  await expect.poll(() => lines.join(''), { timeout: 20_000 }).toContain('connection refused')
  await addOperation('written while it follows')
  await expect.poll(() => lines.join(''), { timeout: 20_000 }).toContain('written while it follows')
  child.kill('SIGINT')
  expect(await once(child, 'close')).toEqual([0, null])
}, 60_000)
