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

/**
 * Changes a role and ends the person's sessions: what a session may do never outlives the role it began with.
 * Within the caller's transaction. Throws `refused` where nobody would be left to manage people.
 */
export async function changeRole(trx: Kysely<Catalog>, userId: string, role: Role): Promise<void> {
  if (role !== 'admin') await assertAnotherAdmin(trx, userId)
  await sql`update auth."user" set role = ${role}, "updatedAt" = now() where id = ${userId}`.execute(trx)
  await sql`delete from auth."session" where "userId" = ${userId}`.execute(trx)
}

export async function countAdmins(catalog: Kysely<Catalog>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from auth."user" where role = 'admin'`.execute(catalog)
  return rows[0]?.n ?? 0
}

/**
 * Takes the account away and ends its sessions at once, within the caller's transaction. What the person did stays in the trail and
 * with the operations. Throws `refused` for the last admin.
 */
export async function removePerson(trx: Kysely<Catalog>, userId: string): Promise<void> {
  await assertAnotherAdmin(trx, userId)
  await trx.deleteFrom('user_databases').where('user_id', '=', userId).execute()
  // the sessions and the password go with the row
  await sql`delete from auth."user" where id = ${userId}`.execute(trx)
}

/** The admins are locked before they are counted, so that of two who demote each other at once the second sees what the first did. */
async function assertAnotherAdmin(trx: Kysely<Catalog>, userId: string): Promise<void> {
  // in one order for everybody, else two changes could wait for each other
  const { rows: admins } = await sql<{ id: string }>`select id from auth."user" where role = 'admin' order by id for update`.execute(trx)
  if (admins.length !== 1 || admins[0]?.id !== userId) return
  throw new LifeboatError('refused', 'This is the last admin.', 'Nothing was changed. Make another person an admin first.')
}
