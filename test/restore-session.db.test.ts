import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { insertBackup } from '#lib/catalog/backups.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { type Console, sender, startConsole, testPassword } from './support/console-users.ts'

// it throws outside of Next's server build
vi.mock('server-only', () => ({}))

const { routes } = await import('../app/api/v1/routes.ts')
const send = sender(routes)

let web: Console
let admin: { id: string; cookie: string; email: string }
const backupId = randomUUID()
beforeAll(async () => {
  web = await startConsole()
  const place = { host: 'db', port: 5432, dbname: 'shop', username: 'u' }
  const databaseId = (await insertDatabase(web.catalog, { name: 'shop', ...place }))?.id ?? ''
  const at = '2026-11-20T00:00:00Z'
  const backup = { id: backupId, name: 'b', path: 'b', database_id: databaseId, tier: 'daily' as const, attempt: '00000000', created_at: at }
  await insertBackup(web.catalog, { ...backup, finished_at: at })
  const storage = await web.catalog
    .insertInto('storages')
    .values({ name: 'only', kind: 's3', config: '{"bucket":"b"}' })
    .returning('id')
    .executeTakeFirstOrThrow()
  await web.catalog.insertInto('copies').values({ backup_id: backupId, storage_id: storage.id, state: 'verified' }).execute()
})
beforeEach(async () => {
  admin ??= await web.person('admin', 'admin@example.com')
  admin.cookie = await web.signIn(admin.email)
})
afterAll(() => web.close())

const restores: [string, object][] = [
  ['into a new database', { targetDbname: 'again' }],
  ['in the place of the live one', { way: 'replace', confirmation: 'shop' }],
  ['in place', { way: 'in_place', confirmation: 'shop' }],
]
const ask = (body: object) => send('POST', '/restores', { cookie: admin.cookie, body: { backupId, dryRun: false, ...body } })
const enqueued = () => web.catalog.selectFrom('operations').select('id').execute()

test.each(restores)('a session that ends in the wizard enqueues nothing: a restore %s', async (_how, body) => {
  await sql`update auth.session set "expiresAt" = now() - interval '1 second' where "userId" = ${admin.id}`.execute(web.catalog)
  expect((await ask(body)).status).toBe(401)
  expect(await enqueued()).toEqual([])
})

test.each(restores)('a session that was left open asks for the password before it enqueues: a restore %s', async (_how, body) => {
  await sql`update auth.session set "createdAt" = now() - interval '6 minutes' where "userId" = ${admin.id}`.execute(web.catalog)
  const asked = await ask(body)
  expect([asked.status, ((await asked.json()) as { code: string }).code]).toEqual([428, 'confirm_password'])
  expect(await enqueued()).toEqual([])
})

test('after the password the same request is taken; without the typed name it is not', async () => {
  await sql`update auth.session set "createdAt" = now() - interval '6 minutes' where "userId" = ${admin.id}`.execute(web.catalog)
  expect((await send('POST', '/session/confirm', { cookie: admin.cookie, body: { password: testPassword } })).status).toBe(204)
  expect((await ask({ way: 'replace' })).status).toBe(400)
  expect(await enqueued()).toEqual([])
  expect((await ask({ way: 'replace', confirmation: 'shop' })).status).toBe(202)
  const titles = (await web.catalog.selectFrom('operations').select('title').orderBy('after', 'desc').execute()).map((one) => one.title)
  expect(titles.sort()).toEqual(['Back up shop (safety)', 'Replace shop by b'])
})
