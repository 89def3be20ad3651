import { type Kysely, sql } from 'kysely'
import { appendAudit } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Person } from './current-actor.ts'
import { isPasswordOf } from './password.ts'
import { countTry, forgetTries } from './sign-in.ts'

/** A browser that was left open is no consent: for so long after the password was typed, dangerous acts are not asked about again. */
export const confirmedForSeconds = 300

/** Throws `confirm_password` where neither the session began nor the password was confirmed within the last five minutes. */
export async function assertConfirmed(catalog: Kysely<Catalog>, person: Person): Promise<void> {
  if (Date.now() - person.session.beganAt.getTime() < confirmedForSeconds * 1000) return
  const found = await catalog
    .selectFrom('session_confirmations')
    .select('user_id')
    .where('session_token_sha256', '=', person.session.tokenSha256)
    .where('user_id', '=', person.id)
    .where('confirmed_at', '>', sql<Date>`now() - make_interval(secs => ${confirmedForSeconds})`)
    .executeTakeFirst()
  if (found !== undefined) return
  throw new LifeboatError(
    'confirm_password',
    'Type your password again for this.',
    'Nothing was changed. It is asked for before acts that overwrite or remove, when it was last typed more than five minutes ago.',
  )
}

/** A wrong password counts like a failed sign-in. Throws `refused` and `too_many_requests`. */
export async function confirmPassword(catalog: Kysely<Catalog>, headers: Headers, person: Person, password: string): Promise<void> {
  await countTry(catalog, headers, person.email)
  const right = await isPasswordOf(person.id, password)
  await appendAudit(catalog, auditKey(), {
    actorKind: 'user',
    actorId: person.id,
    actorName: person.email,
    action: 'session.confirm',
    outcome: right ? 'done' : 'denied',
    detail: {},
  })
  if (!right) throw new LifeboatError('refused', 'The password is wrong.', 'Nothing was changed. Try again.')
  await forgetTries(catalog, person.email)
  const now = sql<Date>`now()`
  await catalog
    .insertInto('session_confirmations')
    .values({ session_token_sha256: person.session.tokenSha256, user_id: person.id })
    .onConflict((conflict) => conflict.column('session_token_sha256').doUpdateSet({ confirmed_at: now }))
    .execute()
  await catalog.deleteFrom('session_confirmations').where('confirmed_at', '<', sql<Date>`now() - interval '1 day'`).execute()
}
