import { createHash, randomBytes } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { appendAudit } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type Role, roles } from '#lib/domain/permissions.ts'
import { setPassword } from './password.ts'
import { forgetTries } from './sign-in.ts'
import { countAdmins, createPerson } from './people.ts'

const firstAdminHours = 24
const inviteHours = 72
const passwordHours = 24

export type LinkPurpose = 'first_admin' | 'invite' | 'password'

export interface SetupLink {
  /** path and query; the origin stands in front */
  path: string
  expiresAt: Date
}

/** A fresh link for the first admin; links made before stop working. null: there is an admin already. */
export async function makeSetupLink(catalog: Kysely<Catalog>): Promise<SetupLink | null> {
  if ((await countAdmins(catalog)) > 0) return null
  await catalog.deleteFrom('setup_links').where('purpose', '=', 'first_admin').where('used_at', 'is', null).execute()
  return insertLink(catalog, { purpose: 'first_admin', email: null, role: 'admin', hours: firstAdminHours })
}

/** A link with which one person makes an account. A newer invitation to the same address replaces the older one. */
export async function makeInviteLink(catalog: Kysely<Catalog>, invited: { email: string; role: Role }): Promise<SetupLink> {
  const email = invited.email.toLowerCase()
  await catalog.deleteFrom('setup_links').where('purpose', '=', 'invite').where('email', '=', email).where('used_at', 'is', null).execute()
  return insertLink(catalog, { purpose: 'invite', email, role: invited.role, hours: inviteHours })
}

/** A link with which a person who has an account chooses a new password; a newer one replaces the older. Throws `not_found`. */
export async function makePasswordLink(catalog: Kysely<Catalog>, address: string): Promise<SetupLink> {
  const email = address.toLowerCase()
  const { rows } = await sql<{ role: Role }>`select role from auth."user" where email = ${email}`.execute(catalog)
  const role = rows[0]?.role
  if (role === undefined) throw new LifeboatError('not_found', `${email} has no account.`, 'lifeboat user list shows who has one.')
  await catalog.deleteFrom('setup_links').where('purpose', '=', 'password').where('email', '=', email).where('used_at', 'is', null).execute()
  return insertLink(catalog, { purpose: 'password', email, role, hours: passwordHours })
}

/** What an unused link is for; null: used, expired or never made. For the set-up page; accepting checks again. */
export async function readSetupLink(catalog: Kysely<Catalog>, token: string): Promise<{ purpose: LinkPurpose; email: string | null } | null> {
  const row = await catalog
    .selectFrom('setup_links')
    .select(['purpose', 'email'])
    .where('token_sha256', '=', hashOf(token))
    .where('used_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst()
  return row ?? null
}

/**
 * Consumes a link in one UPDATE and makes the account or sets its password, both or neither: of two who send it at once, one is refused.
 * An invitation and a password's link fix the address; the first admin chooses it.
 */
export async function acceptSetupLink(
  catalog: Kysely<Catalog>,
  token: string,
  person: { email?: string | undefined; name?: string | undefined; password: string },
): Promise<{ id: string; email: string; role: Role }> {
  return catalog.transaction().execute(async (trx) => {
    const link = await trx
      .updateTable('setup_links')
      .set({ used_at: sql<Date>`now()` })
      .where('token_sha256', '=', hashOf(token))
      .where('used_at', 'is', null)
      .where('expires_at', '>', sql<Date>`now()`)
      .returning(['purpose', 'email', 'role'])
      .executeTakeFirst()
    const role = roles.find((one) => one === link?.role)
    const spent = new LifeboatError(
      'refused',
      'This link was used, has expired or never existed.',
      'Ask for a new one; npm start prints one while there is no admin.',
    )
    if (link === undefined || role === undefined) throw spent
    if (link.purpose === 'first_admin' && (await countAdmins(trx)) > 0) throw spent
    const email = (link.email ?? person.email ?? '').toLowerCase()
    if (email === '') throw new LifeboatError('usage', 'An address is missing.', 'Type the address that you will sign in with.')
    if (link.purpose === 'password') return newPassword(trx, email, person.password)
    if (person.name === undefined) throw new LifeboatError('usage', 'A name is missing.', 'Type how you are called.')
    const { id } = await createPerson({ email, name: person.name, password: person.password, role })
    await appendAudit(trx, auditKey(), {
      actorKind: 'user',
      actorId: id,
      actorName: email,
      action: link.purpose === 'first_admin' ? 'user.first_admin' : 'user.accept_invite',
      subjectKind: 'user',
      subjectId: id,
      outcome: 'done',
      detail: { role },
    })
    return { id, email, role }
  })
}

/** The role is the one of now, not of when the link was made. */
async function newPassword(trx: Kysely<Catalog>, email: string, password: string): Promise<{ id: string; email: string; role: Role }> {
  const { rows } = await sql<{ id: string; role: Role }>`select id, role from auth."user" where email = ${email}`.execute(trx)
  const person = rows[0]
  if (person === undefined) throw new LifeboatError('refused', `${email} has no account any more.`, 'Ask an admin for an invitation.')
  await setPassword(trx, person.id, password)
  await forgetTries(trx, email)
  await appendAudit(trx, auditKey(), {
    actorKind: 'user',
    actorId: person.id,
    actorName: email,
    action: 'user.accept_password_link',
    subjectKind: 'user',
    subjectId: person.id,
    outcome: 'done',
    detail: {},
  })
  return { ...person, email }
}

async function insertLink(
  catalog: Kysely<Catalog>,
  link: { purpose: LinkPurpose; email: string | null; role: Role; hours: number },
): Promise<SetupLink> {
  const token = randomBytes(32).toString('base64url')
  const row = await catalog
    .insertInto('setup_links')
    .values({
      token_sha256: hashOf(token),
      purpose: link.purpose,
      email: link.email,
      role: link.role,
      expires_at: sql<Date>`now() + make_interval(hours => ${link.hours})`,
    })
    .returning('expires_at')
    .executeTakeFirstOrThrow()
  return { path: `/setup?token=${token}`, expiresAt: row.expires_at }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
