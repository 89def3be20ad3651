import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openSecret } from '#lib/secrets/open.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { addWorkerRow, type Console, sender, startConsole, testPassword } from './support/console-users.ts'

// it throws outside of Next's server build
vi.mock('server-only', () => ({}))

const { routes } = await import('../app/api/v1/routes.ts')
const send = sender(routes)
const next = 'another battery, another horse'

let web: Console
let admin: { id: string; cookie: string; email: string }
beforeAll(async () => {
  web = await startConsole()
  admin = await web.person('admin', 'admin@example.com')
})
afterAll(() => web.close())

const signsIn = async (email: string, password: string) => (await send('POST', '/session', { body: { email, password } })).status
const isSignedIn = async (cookie: string) => (await send('GET', '/session', { cookie })).status === 200
const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
const actions = async (action: string) =>
  await web.catalog.selectFrom('audit').select(['outcome', 'subject_id']).where('action', '=', action).execute()

test('a person changes the own password: every other session ends, the old password is dead, and this browser stays signed in', async () => {
  const ada = await web.person('viewer', 'ada@example.com')
  const elsewhere = await web.signIn(ada.email)
  const answer = await send('POST', '/session/password', { cookie: ada.cookie, body: { current: testPassword, next } })
  expect(answer.status).toBe(200)
  expect(await answer.json()).toMatchObject({ email: ada.email, role: 'viewer' })
  expect([await isSignedIn(ada.cookie), await isSignedIn(elsewhere), await isSignedIn(cookieOf(answer))]).toEqual([false, false, true])
  expect([await signsIn(ada.email, testPassword), await signsIn(ada.email, next)]).toEqual([401, 200])
  expect(await actions('user.change_password')).toEqual([{ outcome: 'done', subject_id: ada.id }])
})

test('a borrowed browser cannot guess the present password: a wrong one changes nothing, is in the trail, and ten are the last', async () => {
  const bob = await web.person('viewer', 'bob@example.com')
  const guess = async () => (await send('POST', '/session/password', { cookie: bob.cookie, body: { current: 'not it at all', next } })).status
  expect(await guess()).toBe(409)
  expect((await actions('user.change_password')).filter((one) => one.subject_id === bob.id)).toEqual([{ outcome: 'denied', subject_id: bob.id }])
  for (let again = 0; again < 9; again += 1) await guess()
  expect(await guess()).toBe(429)
  const right = await send('POST', '/session/password', { cookie: bob.cookie, body: { current: testPassword, next } })
  expect(right.status).toBe(429)
})

test('a link for a new password works once, also on a locked account, and leaves the role as it is', async () => {
  const cleo = await web.person('viewer', 'cleo@example.com')
  const make = async () => {
    const made = (await (await send('POST', '/users/{id}/password-link', { cookie: admin.cookie, params: { id: cleo.id } })).json()) as {
      path: string
    }
    return new URLSearchParams(made.path.split('?')[1]).get('token') ?? ''
  }
  const older = await make()
  const token = await make()
  const grown = await send('PATCH', '/users/{id}', { cookie: admin.cookie, params: { id: cleo.id }, body: { role: 'operator' } })
  expect(grown.status).toBe(200)
  const open = await web.signIn(cleo.email)
  for (let wrong = 0; wrong < 11; wrong += 1) await signsIn(cleo.email, 'forgotten')
  expect(await signsIn(cleo.email, testPassword)).toBe(429)
  expect((await send('POST', '/setup', { body: { token: older, password: next } })).status).toBe(409)
  const answer = await send('POST', '/setup', { body: { token, password: next } })
  expect(answer.status).toBe(201)
  expect(await answer.json()).toMatchObject({ email: cleo.email, role: 'operator' })
  expect([await isSignedIn(open), await isSignedIn(cookieOf(answer))]).toEqual([false, true])
  expect([await signsIn(cleo.email, testPassword), await signsIn(cleo.email, next)]).toEqual([401, 200])
  expect((await send('POST', '/setup', { body: { token, password: testPassword } })).status).toBe(409)
})

test('an invitation without a name makes no account, and stays good', async () => {
  const invited = (await (await send('POST', '/users', { cookie: admin.cookie, body: { email: 'new@example.com', role: 'viewer' } })).json()) as {
    path: string
  }
  const token = new URLSearchParams(invited.path.split('?')[1]).get('token') ?? ''
  expect((await send('POST', '/setup', { body: { token, password: next } })).status).toBe(400)
  expect((await send('POST', '/setup', { body: { token, password: next, name: 'New' } })).status).toBe(201)
})

test('a removed person is signed out at once and cannot come back; nobody removes the own account, and the last admin stays', async () => {
  const dan = await web.person('operator', 'dan@example.com')
  const erase = (cookie: string, id: string) => send('DELETE', '/users/{id}', { cookie, params: { id } })
  expect((await erase(admin.cookie, dan.id)).status).toBe(204)
  expect([await isSignedIn(dan.cookie), await signsIn(dan.email, testPassword)]).toEqual([false, 401])
  expect(await actions('user.remove')).toEqual([{ outcome: 'done', subject_id: dan.id }])
  expect((await erase(admin.cookie, dan.id)).status).toBe(404)
  expect((await erase(admin.cookie, admin.id)).status).toBe(409)
  const eve = await web.person('admin', 'eve@example.com')
  // between the request and the row another admin lost the role
  await sql`update auth."user" set role = 'viewer' where id = ${admin.id}`.execute(web.catalog)
  const { removePerson } = await import('#lib/auth/people.ts')
  await expect(web.catalog.transaction().execute((trx) => removePerson(trx, eve.id))).rejects.toMatchObject({ message: 'This is the last admin.' })
  await sql`update auth."user" set role = 'admin' where id = ${admin.id}`.execute(web.catalog)
})

test('new credentials of a storage are sealed to their row, checked at once, and never half given', async () => {
  const sealing = generateKeyPairSync('x25519')
  await addWorkerRow(web.catalog, sealing.publicKey)
  const [bucket, disk] = [randomUUID(), randomUUID()]
  await web.catalog
    .insertInto('storages')
    .values([
      {
        id: bucket,
        name: 'bucket',
        kind: 's3',
        config: JSON.stringify({ bucket: 'b', region: 'us-east-1', prefix: '', pathStyle: false, checksumWhenRequired: false }),
        reachable: true,
      },
      { id: disk, name: 'disk', kind: 'local', config: JSON.stringify({ path: '/srv' }) },
    ])
    .execute()
  const change = (id: string, body: unknown) => send('PATCH', '/storages/{id}', { cookie: admin.cookie, params: { id }, body })
  expect((await change(bucket, { secretAccessKey: 'alone' })).status).toBe(400)
  expect((await change(bucket, { name: 'disk' })).status).toBe(409)
  expect((await change(disk, { accessKeyId: 'a', secretAccessKey: 'b' })).status).toBe(400)

  const renamed = await change(bucket, { name: 'offsite', budgetBytes: 5e12 })
  expect(await renamed.json()).toMatchObject({ id: bucket, operationId: null })
  expect(await web.catalog.selectFrom('storages').select(['name', 'budget_bytes', 'reachable']).where('id', '=', bucket).executeTakeFirst()).toEqual({
    name: 'offsite',
    budget_bytes: 5e12,
    reachable: true,
  })

  // a lock comes with its days, and only where something can lock
  expect((await change(bucket, { lockMode: 'GOVERNANCE' })).status).toBe(400)
  expect((await change(bucket, { lockDays: 30 })).status).toBe(400)
  expect((await change(disk, { lockMode: 'GOVERNANCE', lockDays: 30 })).status).toBe(400)
  expect((await change(bucket, { lockMode: 'GOVERNANCE', lockDays: 30 })).status).toBe(200)
  const locked = () => web.catalog.selectFrom('storages').select(['lock_mode', 'lock_days']).where('id', '=', bucket).executeTakeFirst()
  expect(await locked()).toEqual({ lock_mode: 'GOVERNANCE', lock_days: 30 })
  expect((await change(bucket, { lockMode: null })).status).toBe(200)
  expect(await locked()).toEqual({ lock_mode: null, lock_days: null })

  const rotated = (await (await change(bucket, { accessKeyId: 'new-id', secretAccessKey: 'new-secret' })).json()) as { operationId: string }
  const row = await web.catalog.selectFrom('storages').selectAll().where('id', '=', bucket).executeTakeFirstOrThrow()
  expect(row.reachable).toBeNull()
  expect(JSON.parse(openSecret(row.secret_sealed ?? '', sealing.privateKey, storageSecretPlace(bucket)))).toEqual({
    accessKeyId: 'new-id',
    secretAccessKey: 'new-secret',
  })
  const check = await web.catalog.selectFrom('operations').select(['kind', 'storage_id']).where('id', '=', rotated.operationId).executeTakeFirst()
  expect(check).toEqual({ kind: 'check', storage_id: bucket })
})
