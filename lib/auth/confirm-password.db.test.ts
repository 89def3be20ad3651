import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Console, startConsole, testPassword } from '#test/support/console-users.ts'
import { assertConfirmed, confirmPassword } from './confirm-password.ts'
import { currentActor, type Person } from './current-actor.ts'

let web: Console
let cookie: string
beforeAll(async () => {
  web = await startConsole()
  cookie = (await web.person('admin', 'ann@example.com')).cookie
})
afterAll(() => web.close())

async function ann(): Promise<Person> {
  const person = await currentActor({ headers: new Headers({ cookie }) })
  if (person === null) throw new Error('nobody is signed in')
  return person
}
/** As if the session had begun, and the password had been confirmed, that much earlier. */
async function letPass(minutes: number) {
  await sql`UPDATE auth.session SET "createdAt" = "createdAt" - make_interval(mins => ${minutes})`.execute(web.catalog)
  await sql`UPDATE session_confirmations SET confirmed_at = confirmed_at - make_interval(mins => ${minutes})`.execute(web.catalog)
}

test('a session that has just begun needs no second password; five minutes later it does', async () => {
  await expect(assertConfirmed(web.catalog, await ann())).resolves.toBeUndefined()
  await letPass(6)
  await expect(assertConfirmed(web.catalog, await ann())).rejects.toMatchObject({ code: 'confirm_password' })
})

test('a wrong password confirms nothing; the right one opens five minutes, for this session only', async () => {
  await expect(confirmPassword(web.catalog, new Headers(), await ann(), 'not the password')).rejects.toMatchObject({ code: 'refused' })
  await expect(assertConfirmed(web.catalog, await ann())).rejects.toMatchObject({ code: 'confirm_password' })
  await confirmPassword(web.catalog, new Headers(), await ann(), testPassword)
  await expect(assertConfirmed(web.catalog, await ann())).resolves.toBeUndefined()
  const elsewhere = { ...(await ann()), session: { ...(await ann()).session, tokenSha256: 'another session' } }
  await expect(assertConfirmed(web.catalog, elsewhere)).rejects.toMatchObject({ code: 'confirm_password' })
  await letPass(6)
  await expect(assertConfirmed(web.catalog, await ann())).rejects.toMatchObject({ code: 'confirm_password' })
})
