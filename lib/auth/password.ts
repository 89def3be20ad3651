import { type Kysely, sql } from 'kysely'
import { appendAudit } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { auth } from './auth.ts'
import { countTry, signIn } from './sign-in.ts'

/**
 * Changes a person's own password: every session of theirs ends, and the Set-Cookie headers of a new one come back. A wrong present
 * password counts like a failed sign-in, so that a borrowed browser cannot be used to guess it. Throws `refused` and `too_many_requests`.
 */
export async function changePassword(
  catalog: Kysely<Catalog>,
  headers: Headers,
  person: { id: string; email: string },
  words: { current: string; next: string },
): Promise<string[]> {
  await countTry(catalog, headers, person.email)
  if (!(await isPasswordOf(person.id, words.current))) {
    await noteChange(catalog, person, 'denied')
    throw new LifeboatError('refused', 'The present password is wrong.', 'Nothing was changed. An admin can make you a link for a new one.')
  }
  await catalog.transaction().execute(async (trx) => {
    await setPassword(trx, person.id, words.next)
    await noteChange(trx, person, 'done')
  })
  return signIn(catalog, headers, { email: person.email, password: words.next })
}

/** Count the try first: whoever may ask often may guess. */
export async function isPasswordOf(userId: string, password: string): Promise<boolean> {
  const context = await (await auth()).$context
  const account = (await context.internalAdapter.findAccounts(userId)).find((one) => one.providerId === 'credential')
  return account?.password != null && (await context.password.verify({ hash: account.password, password }))
}

/** Within the caller's transaction; every session of the person ends. */
export async function setPassword(trx: Kysely<Catalog>, userId: string, password: string): Promise<void> {
  const context = await (await auth()).$context
  const hash = await context.password.hash(password)
  await sql`update auth.account set password = ${hash}, "updatedAt" = now() where "userId" = ${userId} and "providerId" = 'credential'`.execute(trx)
  await sql`delete from auth.session where "userId" = ${userId}`.execute(trx)
}

async function noteChange(db: Kysely<Catalog>, person: { id: string; email: string }, outcome: 'done' | 'denied'): Promise<void> {
  await appendAudit(db, auditKey(), {
    actorKind: 'user',
    actorId: person.id,
    actorName: person.email,
    action: 'user.change_password',
    subjectKind: 'user',
    subjectId: person.id,
    outcome,
    detail: {},
  })
}
