import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { auth } from './auth.ts'

/** Makes an account with a password. Throws `conflict` where the address has one. */
export async function createPerson(person: { email: string; name: string; password: string; role: Role }): Promise<{ id: string }> {
  const context = await (await auth()).$context
  const email = person.email.toLowerCase()
  if ((await context.internalAdapter.findUserByEmail(email)) !== null) {
    throw new LifeboatError('conflict', `${email} has an account already.`, 'Sign in, or ask an admin to change the role.')
  }
  const user = await context.internalAdapter.createUser(
    { email, name: person.name, emailVerified: true, role: person.role },
    { method: 'email-password' },
  )
  await context.internalAdapter.linkAccount({
    userId: user.id,
    accountId: user.id,
    providerId: 'credential',
    password: await context.password.hash(person.password),
  })
  return { id: user.id }
}

/** Changes a role and ends the person's sessions: what a session may do never outlives the role it began with. */
export async function changeRole(userId: string, role: Role): Promise<void> {
  const context = await (await auth()).$context
  await context.internalAdapter.updateUser(userId, { role })
  await context.internalAdapter.deleteUserSessions(userId)
}

export async function countAdmins(catalog: Kysely<Catalog>, except: string | null = null): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from auth."user" where role = 'admin' and id is distinct from ${except}`.execute(catalog)
  return rows[0]?.n ?? 0
}
