import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeSetupLink } from '#lib/auth/setup-link.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import { openSecret } from '#lib/secrets/open.ts'
import { passwordPlace } from '#lib/secrets/places.ts'
import { withAdmin } from './support/admin.ts'
import { eventually } from './support/eventually.ts'
import { addWorkerRow, ask, type Console, sender, startConsole, testPassword } from './support/console-users.ts'

// it throws outside of Next's server build
vi.mock('server-only', () => ({}))

const { routes } = await import('../app/api/v1/routes.ts')
const metrics = await import('../app/metrics/route.ts')
const ready = await import('../app/readyz/route.ts')

let web: Console
let admin: { id: string; cookie: string; email: string }
let operator: { id: string; cookie: string; email: string }
const sealing = generateKeyPairSync('x25519')
const storageId = randomUUID()

beforeAll(async () => {
  web = await startConsole()
  admin = await web.person('admin', 'admin@example.com')
  operator = await web.person('operator', 'operator@example.com')
  await web.catalog
    .insertInto('storages')
    .values({ id: storageId, name: 'disk', kind: 'local', config: JSON.stringify({ path: '/srv' }) })
    .execute()
})
afterAll(() => web.close())

const send = sender(routes)

const startWorker = () => addWorkerRow(web.catalog, sealing.publicKey, [storageId])

const connection = { name: 'billing', host: 'db.example.com', port: 5432, dbname: 'billing', username: 'backup', password: 'canary-typed' }

test('without a worker nobody could open the secret: nothing is saved and the answer says what to do', async () => {
  const response = await send('POST', '/databases', { cookie: admin.cookie, body: connection })
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ code: 'unavailable', remedy: expect.stringContaining('Start a worker') })
  expect(await web.catalog.selectFrom('databases').selectAll().execute()).toEqual([])
})

test('a typed password is sealed to the worker, bound to its row, and never answered', async () => {
  await startWorker()
  const response = await send('POST', '/databases', { cookie: admin.cookie, body: connection })
  expect(response.status).toBe(201)
  const { id, operationId } = (await response.json()) as { id: string; operationId: string }
  const row = await web.catalog.selectFrom('databases').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  expect(row.password_sealed).not.toContain('canary')
  expect(openSecret(row.password_sealed ?? '', sealing.privateKey, passwordPlace(id))).toBe('canary-typed')
  expect(() => openSecret(row.password_sealed ?? '', sealing.privateKey, passwordPlace(randomUUID()))).toThrow()
  const operation = await send('GET', '/operations/{id}', { cookie: admin.cookie, params: { id: operationId } })
  expect(await operation.json()).toMatchObject({ kind: 'check', state: 'queued', database: { id } })
  const everything = await sql<{ all: string }>`select coalesce(string_agg(audit::text, ''), '') as all from audit`.execute(web.catalog)
  expect(everything.rows[0]?.all).toContain('database.add')
  expect(everything.rows[0]?.all).not.toContain('canary')
})

test('a second database of the same name is refused and leaves nothing', async () => {
  const response = await send('POST', '/databases', { cookie: admin.cookie, body: connection })
  expect(response.status).toBe(409)
  expect(await web.catalog.selectFrom('databases').select('id').execute()).toHaveLength(1)
})

test('a stored password is never sent to a new host: a change of the connection needs it again', async () => {
  const { id } = await web.catalog.selectFrom('databases').select('id').executeTakeFirstOrThrow()
  const moved = (body: unknown) => send('PATCH', '/databases/{id}', { cookie: admin.cookie, params: { id }, body })
  for (const change of [{ host: 'evil.example' }, { port: 6432 }, { sslMode: 'disable' }, { caId: null }]) {
    expect((await moved(change)).status).toBe(400)
  }
  expect((await moved({ host: 'db2.example.com', password: 'again', sslMode: 'disable' })).status).toBe(400)
  expect((await moved({ rpoObjectiveSeconds: 3600 })).status).toBe(200)
  expect((await moved({ host: 'db2.example.com', password: 'again' })).status).toBe(200)
  const row = await web.catalog.selectFrom('databases').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  expect(row).toMatchObject({ host: 'db2.example.com', rpo_objective_seconds: 3600 })
  expect(openSecret(row.password_sealed ?? '', sealing.privateKey, passwordPlace(id))).toBe('again')
})

test('tags decide which duties of retention hold: a change asks for the password again, and the trail says what they were', async () => {
  const { id } = await web.catalog.selectFrom('databases').select('id').executeTakeFirstOrThrow()
  const tagged = (tags: string[], cookie = admin.cookie) => send('PATCH', '/databases/{id}', { cookie, params: { id }, body: { tags } })
  expect((await tagged(['financial'])).status).toBe(200)
  const long = await web.person('admin')
  await sql`update auth.session set "createdAt" = now() - interval '10 minutes' where "userId" = ${long.id}`.execute(web.catalog)
  const refused = await tagged([], long.cookie)
  expect([refused.status, await refused.json()]).toMatchObject([428, { code: 'confirm_password' }])
  expect((await send('PATCH', '/databases/{id}', { cookie: long.cookie, params: { id }, body: { rpoObjectiveSeconds: 3600 } })).status).toBe(200)
  expect((await tagged([])).status).toBe(200)
  const details = await web.catalog
    .selectFrom('audit')
    .select('detail')
    .where('action', '=', 'database.change')
    .where('subject_id', '=', id)
    .execute()
  expect(details.map((row) => row.detail)).toContainEqual({ fields: ['tags'], tags: { before: ['financial'], after: [] } })
})

test('a browser that was left open neither silences a channel nor leads it elsewhere, and still renames it', async () => {
  const made = await send('POST', '/channels', { cookie: admin.cookie, body: { kind: 'webhook', name: 'hook', url: 'https://hook.example.com/' } })
  const { id } = (await made.json()) as { id: string }
  const long = await web.person('admin')
  await sql`update auth.session set "createdAt" = now() - interval '10 minutes' where "userId" = ${long.id}`.execute(web.catalog)
  const asked = (method: string, path: string, body?: unknown) => send(method, path, { cookie: long.cookie, params: { id }, body })
  const answers = await Promise.all([
    asked('PATCH', '/channels/{id}', { url: 'https://evil.example/' }),
    asked('PATCH', '/channels/{id}', { severities: [] }),
    asked('POST', '/channels/{id}/pause'),
    asked('DELETE', '/channels/{id}'),
    asked('PUT', '/settings/heartbeat', { url: 'https://evil.example/' }),
    asked('DELETE', '/settings/heartbeat'),
    asked('PUT', '/settings/escalation', { on: false }),
  ])
  expect(answers.map((answer) => answer.status)).toEqual(Array(7).fill(428))
  expect((await asked('PATCH', '/channels/{id}', { name: 'renamed' })).status).toBe(200)
})

test.each([
  ['/holds/{id}/release', { reason: 'over' }],
  ['/backups/{id}/holds', { reason: 'kept' }],
  ['/backups/{id}/look', { verdict: 'fine' }],
])('an id that is none is not there: %s', async (path, body) => {
  expect((await send('POST', path, { cookie: admin.cookie, params: { id: 'not-an-id' }, body })).status).toBe(404)
})

test.each([
  ['a socket path', { host: '/var/run/postgresql' }],
  ['a list of hosts', { host: 'a,b' }],
  ['a connection string for a host', { host: 'x dbname=y' }],
  ['plaintext to another machine', { sslMode: 'disable' }],
])('a connection by %s is refused with the field named', async (_what, change) => {
  const response = await send('POST', '/databases/test', { cookie: admin.cookie, body: { ...connection, ...change } })
  expect(response.status).toBe(400)
  expect(Object.keys(((await response.json()) as { fields: Record<string, string> }).fields)).toEqual(Object.keys(change))
})

test('the same Idempotency-Key twenty times at once is one backup', async () => {
  const { id: databaseId } = await web.catalog.selectFrom('databases').select('id').executeTakeFirstOrThrow()
  const once = () => send('POST', '/backups', { cookie: operator.cookie, body: { databaseId }, headers: { 'idempotency-key': 'click-1' } })
  const answers = await Promise.all(Array.from({ length: 20 }, once))
  expect(answers.map((one) => one.status)).toEqual(Array(20).fill(202))
  expect(new Set(answers.map((one) => one.headers.get('location'))).size).toBe(1)
  const rows = await web.catalog.selectFrom('operations').select('id').where('kind', '=', 'backup').execute()
  expect(rows).toHaveLength(1)
  expect(answers[0]?.headers.get('location')).toBe(`/api/v1/operations/${rows[0]?.id}`)
  const another = await send('POST', '/backups', { cookie: operator.cookie, body: { databaseId } })
  expect(another.status).toBe(409)
})

test('a session that ended meanwhile starts nothing', async () => {
  const late = await web.person('operator')
  await sql`update auth.session set "expiresAt" = now() - interval '1 second' where "userId" = ${late.id}`.execute(web.catalog)
  const { id: databaseId } = await web.catalog.selectFrom('databases').select('id').executeTakeFirstOrThrow()
  const response = await send('POST', '/backups', { cookie: late.cookie, body: { databaseId, dryRun: true } })
  expect(response.status).toBe(401)
  expect(await web.catalog.selectFrom('operations').select('id').where('requested_name', '=', late.email).execute()).toEqual([])
})

test('events stream with their ids, resume after the last one seen, and end with the operation', async () => {
  const { id } = await web.catalog.selectFrom('operations').select('id').where('kind', '=', 'backup').executeTakeFirstOrThrow()
  await web.catalog.updateTable('operations').set({ state: 'running' }).where('id', '=', id).execute()
  const first = await appendEvent(web.catalog, id, { kind: 'log', message: 'first of the log' })
  const response = await send('GET', '/operations/{id}/events', { cookie: operator.cookie, params: { id } })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const readUntil = async (mark: string) => {
    while (!text.includes(mark)) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) throw new Error(`the stream ended without ${mark}`)
      text += value
    }
  }
  await readUntil(`id: ${first}\nevent: log`)
  await readUntil('event: state')
  const second = await appendEvent(web.catalog, id, { kind: 'log', message: 'second of the log' })
  await readUntil(`id: ${second}\n`)
  await web.catalog.updateTable('operations').set({ state: 'succeeded', finished_at: new Date() }).where('id', '=', id).execute()
  await readUntil('event: end')
  expect((await reader?.read())?.done).toBe(true)

  const resumed = await send('GET', '/operations/{id}/events', {
    cookie: operator.cookie,
    params: { id },
    headers: { 'last-event-id': String(first) },
  })
  const rest = await resumed.text()
  expect(rest).not.toContain('first of the log')
  expect(rest).toContain('second of the log')
  expect(rest).toContain('event: end')
})

test('the first admin sets up by the link and is signed in; the link is dead afterwards', async () => {
  await sql`update auth."user" set role = 'operator' where role = 'admin'`.execute(web.catalog)
  const link = await makeSetupLink(web.catalog)
  const token = new URLSearchParams(link?.path.split('?')[1]).get('token') ?? ''
  const body = { token, email: 'founder@example.com', name: 'Founder', password: testPassword }
  expect((await send('POST', '/setup', { body: { ...body, password: 'short' } })).status).toBe(400)
  const response = await send('POST', '/setup', { body })
  expect(response.status).toBe(201)
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const me = await send('GET', '/session', { cookie })
  expect(await me.json()).toMatchObject({ email: 'founder@example.com', role: 'admin', databaseIds: null })
  expect((await send('POST', '/setup', { body: { ...body, email: 'second@example.com' } })).status).toBe(409)
  await sql`update auth."user" set role = 'admin' where email = 'admin@example.com'`.execute(web.catalog)
})

test('wrong passwords and unknown addresses are answered in the same words', async () => {
  const wrong = await send('POST', '/session', { body: { email: operator.email, password: 'not it' } })
  const unknown = await send('POST', '/session', { body: { email: 'nobody@example.com', password: 'not it' } })
  const words = async (response: Response) => ({ ...((await response.json()) as Record<string, unknown>), requestId: null })
  expect([wrong.status, unknown.status]).toEqual([401, 401])
  expect(await words(wrong)).toEqual(await words(unknown))
})

test('the last admin cannot lose the role, and a changed person is signed out', async () => {
  const target = await web.person('viewer', 'target@example.com')
  const change = (id: string, body: unknown) => send('PATCH', '/users/{id}', { cookie: admin.cookie, params: { id }, body })
  expect((await change(target.id, { databaseIds: [] })).status).toBe(400)
  expect((await change(target.id, { role: 'operator' })).status).toBe(200)
  expect((await send('GET', '/session', { cookie: target.cookie })).status).toBe(401)
  await sql`update auth."user" set role = 'viewer' where email = 'founder@example.com'`.execute(web.catalog)
  const response = await change(admin.id, { role: 'viewer' })
  expect(response.status).toBe(409)
  expect(await response.json()).toMatchObject({ title: 'This is the last admin.' })
})

test('of two admins who demote each other at the same moment one stays an admin', async () => {
  const other = await web.person('admin', 'other-admin@example.com')
  const demote = (who: { cookie: string }, id: string) =>
    send('PATCH', '/users/{id}', { cookie: who.cookie, params: { id }, body: { role: 'viewer' } })
  // both are let as far as the rows that they change, and go on from there together
  const answers = await web.catalog.transaction().execute(async (trx) => {
    await sql`select from auth."user" where role = 'admin' for update`.execute(trx)
    const both = [demote(admin, other.id), demote(other, admin.id)]
    // the application's role may not look at what other sessions wait for
    await withAdmin(web.url, (admin) =>
      eventually(async () => {
        const { rowCount } = await admin.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`)
        return rowCount === 2 ? true : null
      }),
    )
    return { both }
  })
  const statuses = (await Promise.all(answers.both)).map((one) => one.status)
  expect(statuses.toSorted()).toEqual([200, 409])
  const { rows } = await sql<{ email: string }>`select email from auth."user" where role = 'admin'`.execute(web.catalog)
  expect(rows).toHaveLength(1)
  await sql`update auth."user" set role = 'admin' where id = ${admin.id}`.execute(web.catalog)
  await sql`update auth."user" set role = 'viewer' where id = ${other.id}`.execute(web.catalog)
  admin = { ...admin, cookie: await web.signIn(admin.email) }
})

test('a storage that was taken off the list comes back under its own id, and what it holds is looked at; a living one is a conflict', async () => {
  const id = randomUUID()
  const body = { kind: 'local', name: 'shelf', path: '/srv/shelf', storageId: id }
  const add = (change = {}) => send('POST', '/storages', { cookie: admin.cookie, body: { ...body, ...change } })
  expect((await add()).status).toBe(201)
  expect((await add({ name: 'another' })).status).toBe(409)
  expect((await send('DELETE', '/storages/{id}', { cookie: admin.cookie, params: { id } })).status).toBeLessThan(300)

  expect((await add({ name: 'disk' })).status, 'the name of another storage').toBe(409)
  const back = await add({ name: 'shelf again' })
  expect([back.status, ((await back.json()) as { id: string }).id]).toEqual([201, id])
  const row = await web.catalog.selectFrom('storages').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  expect(row).toMatchObject({ name: 'shelf again', removed_at: null })
  const kinds = await web.catalog.selectFrom('operations').select('kind').where('storage_id', '=', id).execute()
  expect(kinds).toEqual([{ kind: 'reconcile' }])
})

test('a backup of a server that is newer than every pg_dump is refused with both majors and the package, and nothing is queued', async () => {
  const database = await web.catalog.selectFrom('databases').select('id').limit(1).executeTakeFirstOrThrow()
  await web.catalog.updateTable('databases').set({ server_version_num: 180_004 }).where('id', '=', database.id).execute()
  const before = await web.catalog.selectFrom('operations').select('id').execute()
  const refused = await send('POST', '/backups', { cookie: admin.cookie, body: { databaseId: database.id } })
  expect(refused.status).toBe(409)
  const problem = (await refused.json()) as Record<string, string>
  expect(problem.code).toBe('server_too_new')
  expect(JSON.stringify(problem)).toMatch(/PostgreSQL 18.*are of 15.*postgresql-client-18/)
  expect(await web.catalog.selectFrom('operations').select('id').execute()).toEqual(before)
  await web.catalog.updateTable('databases').set({ server_version_num: null }).where('id', '=', database.id).execute()
})

test('a recovery key is confirmed only by the code of its own sheet', async () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 3072 })
  const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const checkSha256 = createHash('sha256').update(privatePem).digest('hex')
  const key = (template: string, body: unknown) => send('POST', template, { cookie: admin.cookie, body })
  expect((await key('/recovery-key', { publicPem: privatePem, checkSha256 })).status).toBe(400)
  const small = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
  expect((await key('/recovery-key', { publicPem: small, checkSha256 })).status).toBe(400)
  expect(await (await key('/recovery-key', { publicPem, checkSha256 })).json()).toMatchObject({ state: 'made' })
  const wrong = checkSha256.startsWith('00000000') ? '11111111' : '00000000'
  expect((await key('/recovery-key/confirm', { code: wrong })).status).toBe(400)
  expect(await (await key('/recovery-key/confirm', { code: checkSha256.slice(0, 8).toUpperCase() })).json()).toMatchObject({ state: 'confirmed' })
})

test('the keys are shown without a secret; keys are sealed anew on every storage that a worker reaches, and a KMS key goes over https only', async () => {
  await web.catalog
    .insertInto('keys')
    .values({ id: 'a'.repeat(16), purpose: 'active' })
    .execute()
  const shown = (await (await send('GET', '/keys', { cookie: admin.cookie })).json()) as { keys: { id: string; purpose: string }[] }
  expect(shown.keys).toMatchObject([{ id: 'a'.repeat(16), purpose: 'active' }, { purpose: 'recovery' }])
  const asked = await send('POST', '/keys/rewrap', { cookie: admin.cookie, body: {} })
  expect(asked.status).toBe(202)
  const { operations, skipped } = (await asked.json()) as { operations: { storage: string }[]; skipped: { storage: string; reason: string }[] }
  const storages = await web.catalog.selectFrom('storages').select('name').where('removed_at', 'is', null).execute()
  expect([...operations, ...skipped].map((one) => one.storage).sort()).toEqual(storages.map((one) => one.name).sort())
  expect(operations.map((one) => one.storage)).toContain('disk')

  const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd'
  const kms = (endpoint: string) => send('PUT', '/settings/kms', { cookie: admin.cookie, body: { keyArn, region: 'eu-central-1', endpoint } })
  expect((await kms('http://evil.example.com')).status).toBe(400)
  expect((await kms('https://user:canary@kms.example.com')).status).toBe(400)
  expect(await (await kms('https://kms.example.com')).json()).toMatchObject({
    kms: { keyArn },
    keys: expect.arrayContaining([expect.objectContaining({ purpose: 'kms' })]),
  })
  expect(await (await send('DELETE', '/settings/kms', { cookie: admin.cookie })).json()).toMatchObject({ kms: null })
  expect((await send('POST', '/keys/{id}/retire', { cookie: admin.cookie, params: { id: 'a'.repeat(16) } })).status).toBe(409)
})

test.each([
  ['text/plain', '{}'],
  ['application/x-www-form-urlencoded', 'a=b'],
  ['multipart/form-data; boundary=x', '--x--'],
])('a body of type %s is refused as a forgery would be', async (type, body) => {
  const response = await send('POST', '/backups', { cookie: operator.cookie, body, headers: { 'content-type': type } })
  expect(response.status).toBe(403)
})

test('bad bodies are answered with a problem and change nothing', async () => {
  for (const body of ['{', 'null', '[]', `{"databaseId":"${'x'.repeat(2 << 20)}"}`]) {
    const response = await send('POST', '/backups', { cookie: operator.cookie, body })
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  }
  expect((await send('GET', '/backups', { cookie: operator.cookie })).status).toBe(200)
})

test('metrics answer this machine, and others only with the token', async () => {
  const from = (headers: Record<string, string>) => metrics.GET(ask('GET', '/metrics', { headers }))
  expect(await (await from({ 'x-lifeboat-peer': '127.0.0.1' })).text()).toContain('lifeboat_workers_alive')
  expect((await from({ 'x-lifeboat-peer': '203.0.113.5' })).status).toBe(401)
  expect((await from({ 'x-lifeboat-peer': '127.0.0.1', 'x-forwarded-for': '203.0.113.5' })).status).toBe(401)
})

test('readiness tells the workers and the age of the queue', async () => {
  await web.catalog.updateTable('workers').set({ heartbeat_at: new Date() }).execute()
  const response = await ready.GET()
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ catalogue: 'up', workers: [{ alive: true }], queueAgeSeconds: expect.any(Number) })
})
