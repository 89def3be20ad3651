import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { onDatabase, withAdmin } from '#test/support/admin.ts'
import { describeSchema } from '#test/support/describe-schema.ts'
import { ensureQueue } from '#lib/queue/boss.ts'
import { knownSchemaVersion, migrateCatalog } from './migrate.ts'
import { openCatalog } from './pool.ts'

const admin = inject('catalogServer').adminUrl
const name = `empty_${randomBytes(6).toString('hex')}`
const url = onDatabase(admin, name)
beforeEach(async () => {
  await withAdmin(admin, (client) => client.query(`CREATE DATABASE ${name}`))
})
afterEach(async () => {
  await withAdmin(admin, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`))
})

test('migrations/schema.sql shows what the migrations make', async () => {
  await migrateCatalog(url)
  const text = await withAdmin(url, (client) => describeSchema(client))
  await expect(text).toMatchFileSnapshot(path.join(import.meta.dirname, '../../migrations/schema.sql'))
})

test('five migrators at once leave one whole catalogue, and the next one finds nothing to do', async () => {
  const ran = await Promise.all(Array.from({ length: 5 }, () => migrateCatalog(url)))
  expect(ran.filter((names) => names.length > 0)).toHaveLength(1)
  expect(ran.flat().at(-1)).toBe(knownSchemaVersion())
  expect(await migrateCatalog(url)).toEqual([])
})

test('three processes that set the queue up at once agree', async () => {
  await migrateCatalog(url)
  await Promise.all([ensureQueue(url), ensureQueue(url), ensureQueue(url)])
  const owners = await withAdmin(url, (client) =>
    client.query(`SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'pgboss'::regnamespace`),
  )
  expect(owners.rows).toEqual([{ owner: 'lifeboat_app' }])
})

test('an older program refuses to migrate a newer catalogue', async () => {
  await migrateCatalog(url)
  await withAdmin(url, (client) => client.query(`INSERT INTO lifeboat.migrations (name, run_on) VALUES ('9999_future', now())`))
  await expect(migrateCatalog(url)).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('9999_future') })
})

test('a migration that slipped in before one that ran is refused, and one that fails leaves nothing', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'lifeboat-migrations-'))
  try {
    writeFileSync(path.join(dir, '0001_first.sql'), 'CREATE ROLE lifeboat_app_x; DROP ROLE lifeboat_app_x; CREATE TABLE lifeboat.first (n int);')
    writeFileSync(path.join(dir, '0003_third.sql'), 'CREATE TABLE lifeboat.third (n int);')
    await migrateCatalog(url, { dir })
    writeFileSync(path.join(dir, '0002_second.sql'), 'CREATE TABLE lifeboat.second (n int);')
    await expect(migrateCatalog(url, { dir })).rejects.toThrow(/0002_second/)
    rmSync(path.join(dir, '0002_second.sql'))
    writeFileSync(path.join(dir, '0004_fourth.sql'), 'CREATE TABLE lifeboat.fourth (n int); SELECT 1/0;')
    await expect(migrateCatalog(url, { dir })).rejects.toThrow(/division by zero/)
    const left = await withAdmin(url, (client) =>
      client.query(`SELECT to_regclass('lifeboat.second') AS second, to_regclass('lifeboat.fourth') AS fourth`),
    )
    expect(left.rows).toEqual([{ second: null, fourth: null }])
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('an owner that is no superuser migrates, and the application works under its own login', async () => {
  const owner = `owner_${randomBytes(4).toString('hex')}`
  const web = `web_${randomBytes(4).toString('hex')}`
  const login = (user: string) => url.replace(/\/\/[^@]+@/, `//${user}:secret@`)
  await withAdmin(admin, async (client) => {
    await client.query(`CREATE ROLE ${owner} LOGIN PASSWORD 'secret'; CREATE ROLE ${web} LOGIN PASSWORD 'secret'`)
    await client.query(`GRANT lifeboat_app TO ${owner}, ${web}; ALTER DATABASE ${name} OWNER TO ${owner}`)
  })
  try {
    await migrateCatalog(login(owner), { appUrl: login(web) })
    await ensureQueue(login(owner))
    const catalog = openCatalog(login(web))
    try {
      expect(await catalog.selectFrom('operations').select('id').execute()).toEqual([])
      await expect(catalog.insertInto('migrations').values({ name: 'x', run_on: new Date() }).execute()).rejects.toThrow(/permission denied/)
      // it backs the catalogue up itself
      const unread = await sql<{ name: string }>`select c.oid::regclass::text as name from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname in ('lifeboat', 'auth', 'pgboss') and c.relkind in ('r', 'p', 'S', 'v')
          and not (case when c.relkind = 'S' then has_sequence_privilege(c.oid, 'SELECT') else has_table_privilege(c.oid, 'SELECT') end)`.execute(
        catalog,
      )
      expect(unread.rows).toEqual([])
    } finally {
      await catalog.destroy()
    }
  } finally {
    await withAdmin(url, (client) => client.query(`DROP OWNED BY ${owner}, ${web} CASCADE`))
    await withAdmin(admin, async (client) => {
      await client.query(`ALTER DATABASE ${name} OWNER TO postgres`)
      await client.query(`DROP ROLE ${owner}; DROP ROLE ${web}`)
    })
  }
})
