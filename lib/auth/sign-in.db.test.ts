import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { getMigrations } from 'better-auth/db/migration'
import { type Console, startConsole, testPassword } from '#test/support/console-users.ts'
import { forgetEnv } from '#lib/env.ts'
import { authOptions, closeAuth, openAuthPool } from './auth.ts'
import { currentActor } from './current-actor.ts'
import { hashToken } from './hashed-sessions.ts'
import { changeRole } from './people.ts'
import { acceptSetupLink, makeInviteLink, makeSetupLink, readSetupLink } from './setup-link.ts'
import { signIn, signOut } from './sign-in.ts'

let web: Console
beforeAll(async () => {
  web = await startConsole()
})
afterAll(() => web.close())

const from = (peer: string) => new Headers({ 'x-lifeboat-peer': peer })
const withCookie = (cookie: string) => ({ headers: new Headers({ cookie }) })
const tokenOf = (path: string) => new URLSearchParams(path.split('?')[1]).get('token') ?? ''
const first = { email: 'first@example.com', name: 'First', password: testPassword }

test('better-auth finds nothing left to create in the migrated catalogue', async () => {
  const pool = openAuthPool(web.url, 'owner')
  try {
    const left = await getMigrations({ ...authOptions('x'.repeat(40)), database: pool })
    expect({ toBeCreated: left.toBeCreated, toBeAdded: left.toBeAdded, indexes: left.toBeAddedIndexes }).toEqual({
      toBeCreated: [],
      toBeAdded: [],
      indexes: [],
    })
  } finally {
    await pool.end()
  }
})

test("the first admin's link makes one account, however many use it at once, and no further link is made", async () => {
  const link = await makeSetupLink(web.catalog)
  const token = tokenOf(link?.path ?? '')
  expect(await readSetupLink(web.catalog, token)).toEqual({ purpose: 'first_admin', email: null })
  const tries = await Promise.allSettled(['a', 'b', 'c'].map((who) => acceptSetupLink(web.catalog, token, { ...first, email: `${who}@example.com` })))
  expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  expect(await readSetupLink(web.catalog, token)).toBeNull()
  expect(await makeSetupLink(web.catalog)).toBeNull()
})

test('a newer link of the first admin ends the older one, and the table holds only its hash', async () => {
  await sql`update auth."user" set role = 'viewer'`.execute(web.catalog)
  const older = tokenOf((await makeSetupLink(web.catalog))?.path ?? '')
  const newer = tokenOf((await makeSetupLink(web.catalog))?.path ?? '')
  await expect(acceptSetupLink(web.catalog, older, first)).rejects.toMatchObject({ code: 'refused' })
  const rows = await web.catalog.selectFrom('setup_links').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(newer)
  await expect(acceptSetupLink(web.catalog, newer, first)).resolves.toMatchObject({ role: 'admin' })
})

test('an invitation that failed can be used again; its address cannot be chosen; expired, it is refused', async () => {
  const token = tokenOf((await makeInviteLink(web.catalog, { email: 'First@example.com', role: 'viewer' })).path)
  await expect(acceptSetupLink(web.catalog, token, first)).rejects.toMatchObject({ code: 'conflict' })
  expect(await readSetupLink(web.catalog, token)).not.toBeNull()
  const other = tokenOf((await makeInviteLink(web.catalog, { email: 'guest@example.com', role: 'operator' })).path)
  await expect(acceptSetupLink(web.catalog, other, { ...first, email: 'evil@example.com' })).resolves.toMatchObject({
    email: 'guest@example.com',
    role: 'operator',
  })
  await expect(acceptSetupLink(web.catalog, other, first)).rejects.toMatchObject({ code: 'refused' })
  const late = tokenOf((await makeInviteLink(web.catalog, { email: 'late@example.com', role: 'viewer' })).path)
  await sql`update setup_links set expires_at = now() - interval '1 second' where email = 'late@example.com'`.execute(web.catalog)
  await expect(acceptSetupLink(web.catalog, late, first)).rejects.toMatchObject({ code: 'refused' })
})

test('the sessions table holds the hash of a token and never the token', async () => {
  const { cookie } = await web.person('operator', 'hash@example.com')
  const token = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? ''
  expect(token.length).toBeGreaterThanOrEqual(32)
  const { rows } = await sql<{ token: string }>`select token from auth.session`.execute(web.catalog)
  expect(rows.map((row) => row.token)).toContain(hashToken(token))
  expect(rows.map((row) => row.token)).not.toContain(token)
})

test('a stolen hash opens nothing, signing out ends the session on the server, and a new sign-in gets a new token', async () => {
  const { cookie, email } = await web.person('viewer', 'leaver@example.com')
  const again = await signIn(web.catalog, from('192.0.2.9'), { email, password: testPassword })
  expect(again[0]?.split(';')[0]).not.toBe(cookie)
  expect(await currentActor(withCookie(cookie))).toMatchObject({ name: email, role: 'viewer', databaseIds: null })
  await signOut(withCookie(cookie).headers)
  expect(await currentActor(withCookie(cookie))).toBeNull()
  expect(await currentActor(withCookie(`${cookie.slice(0, -4)}AAAA`))).toBeNull()
})

test('a changed role ends every session of the person', async () => {
  const { id, cookie } = await web.person('viewer')
  await web.catalog.transaction().execute((trx) => changeRole(trx, id, 'operator'))
  expect(await currentActor(withCookie(cookie))).toBeNull()
})

test('a session ends when idle too long, and after its longest life however busy', async () => {
  const idle = await web.person('viewer')
  await sql`update auth.session set "expiresAt" = now() - interval '1 second' where "userId" = ${idle.id}`.execute(web.catalog)
  expect(await currentActor(withCookie(idle.cookie))).toBeNull()
  const busy = await web.person('viewer')
  await sql`update auth.session set "createdAt" = now() - interval '8 days' where "userId" = ${busy.id}`.execute(web.catalog)
  expect(await currentActor(withCookie(busy.cookie))).toBeNull()
})

test('the cookie is out of reach of scripts and other sites', async () => {
  const { email } = await web.person('viewer')
  const [cookie] = await signIn(web.catalog, from('192.0.2.8'), { email, password: testPassword })
  expect(cookie).toMatch(/HttpOnly/i)
  expect(cookie).toMatch(/SameSite=Lax/i)
  expect(cookie).toMatch(/Path=\//i)
})

test('over https the cookie is Secure and bound to this host alone', async () => {
  const { email } = await web.person('viewer')
  process.env.LIFEBOAT_URL = 'https://backup.example'
  forgetEnv()
  await closeAuth()
  try {
    const [cookie] = await signIn(web.catalog, from('192.0.2.7'), { email, password: testPassword })
    expect(cookie).toMatch(/^__Host-lifeboat=/)
    expect(cookie).toMatch(/; Secure/i)
    expect(cookie).not.toMatch(/Domain=/i)
    expect(await currentActor(withCookie(cookie?.split(';')[0] ?? ''))).toMatchObject({ email })
  } finally {
    delete process.env.LIFEBOAT_URL
    forgetEnv()
    await closeAuth()
  }
})

test('ten wrong passwords lock the account for a while, also against the right one, from wherever they come', async () => {
  const { email } = await web.person('viewer')
  for (let tried = 0; tried < 10; tried += 1) {
    const wrong = signIn(web.catalog, from(`198.51.100.${tried}`), { email, password: 'not the password' })
    await expect(wrong).rejects.toMatchObject({ code: 'unauthenticated' })
  }
  await expect(signIn(web.catalog, from('198.51.100.77'), { email, password: testPassword })).rejects.toMatchObject({ code: 'too_many_requests' })
})

test('an address is limited over all accounts, IPv6 by its /64', async () => {
  await web.catalog.insertInto('rate_limits').values({ key: 'sign-in from 2001:db8:0:1::/64', count: 50, window_started_at: new Date() }).execute()
  const { email } = await web.person('viewer')
  const who = { email, password: testPassword }
  await expect(signIn(web.catalog, from('2001:db8:0:1:aaaa::7'), who)).rejects.toMatchObject({ code: 'too_many_requests' })
  await expect(signIn(web.catalog, from('2001:db8:0:2::7'), who)).resolves.toHaveLength(1)
})
