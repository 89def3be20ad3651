import { createHash } from 'node:crypto'
import { APIError } from 'better-auth/api'
import type { Kysely } from 'kysely'
import { appendAudit } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { absoluteSeconds, auth } from './auth.ts'
import { addressGroup, clientAddress } from './client-address.ts'
import { unavailableOr } from './auth-failure.ts'
import { countAttempt, forgetAttempts } from './rate-limit.ts'

const windowSeconds = 15 * 60
const mostPerAccount = 10
const mostPerAddress = 50

/**
 * Begins a session and returns the Set-Cookie headers for it. Whatever session the browser had before is not reused.
 * Throws `unauthenticated` in the same words for an unknown address and a wrong password, and `too_many_requests`.
 */
export async function signIn(catalog: Kysely<Catalog>, headers: Headers, who: { email: string; password: string }): Promise<string[]> {
  const email = who.email.toLowerCase()
  const address = clientAddress(headers)
  await countTry(catalog, headers, email)
  const { api } = await auth()
  const sent = new Headers({ 'user-agent': headers.get('user-agent')?.slice(0, 300) ?? '', 'x-lifeboat-client': address })
  const result = await api.signInEmail({ body: { email, password: who.password }, headers: sent, returnHeaders: true }).catch(refusal)
  const outcome = result === null ? 'denied' : 'done'
  await appendAudit(catalog, auditKey(), {
    actorKind: result === null ? 'anonymous' : 'user',
    actorId: result?.response.user.id ?? null,
    actorName: email.slice(0, 200),
    action: 'session.begin',
    outcome,
    detail: { address },
  })
  if (result === null) throw new LifeboatError('unauthenticated', 'The address or the password is wrong.', 'Check both and try again.')
  await forgetTries(catalog, email)
  return cookiesOf(result.headers)
}

/** Ends the session at once, on the server as well. */
export async function signOut(headers: Headers): Promise<string[]> {
  const { api } = await auth()
  const result = await api.signOut({ headers: new Headers({ cookie: headers.get('cookie') ?? '' }), returnHeaders: true })
  return result.headers.getSetCookie()
}

/** null: better-auth says no. Anything else, such as a catalogue that does not answer, is not the person's fault. */
function refusal(error: unknown): null {
  if (error instanceof APIError && error.statusCode >= 400 && error.statusCode < 500) return null
  throw unavailableOr(error)
}

/** Counts one use of a password, by account and by where it came from. Throws `too_many_requests`. */
export async function countTry(catalog: Kysely<Catalog>, headers: Headers, email: string): Promise<void> {
  const byAccount = await countAttempt(catalog, accountKey(email), windowSeconds)
  const byAddress = await countAttempt(catalog, `sign-in from ${addressGroup(clientAddress(headers))}`, windowSeconds)
  if (byAccount <= mostPerAccount && byAddress <= mostPerAddress) return
  throw new LifeboatError('too_many_requests', 'Too many attempts to sign in.', 'Wait a quarter of an hour, then try again.')
}

/** The server ends idle sessions; the cookie itself lives as long as a busy session may. */
function cookiesOf(headers: Headers): string[] {
  return headers.getSetCookie().map((cookie) => cookie.replace(/Max-Age=\d+/i, `Max-Age=${absoluteSeconds}`))
}

/** Whoever proved to be the owner starts anew, also after somebody else's guesses. */
export async function forgetTries(catalog: Kysely<Catalog>, email: string): Promise<void> {
  await forgetAttempts(catalog, accountKey(email))
}

function accountKey(email: string): string {
  return `sign-in account ${createHash('sha256').update(email.toLowerCase()).digest('hex')}`
}
