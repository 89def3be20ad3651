import { sql } from 'kysely'
import { catalog } from '#lib/catalog/pool.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { type Role, roles } from '#lib/domain/permissions.ts'
import { absoluteSeconds, auth } from './auth.ts'
import { unavailableOr } from './auth-failure.ts'
import { hashToken } from './hashed-sessions.ts'

/** A signed-in person. `email` is for the account menu; the audit trail and operations use `name`. */
export interface Person extends Actor {
  kind: 'user'
  id: string
  email: string
  /** as the person is called; `name` is the address, which is unique */
  displayName: string
  session: { tokenSha256: string; beganAt: Date }
}

/** Who sends this request, by its session cookie; null: nobody. Asks the catalogue each time, so revoking works at once. */
export async function currentActor(request: { headers: Headers }): Promise<Person | null> {
  if (!request.headers.has('cookie')) return null
  const { api, $context } = await auth()
  const found = await api.getSession({ headers: new Headers({ cookie: request.headers.get('cookie') ?? '' }) }).catch((error: unknown) => {
    throw unavailableOr(error)
  })
  if (found === null) return null
  const { session, user } = found
  if (Date.now() - new Date(session.createdAt).getTime() > absoluteSeconds * 1000) {
    await (await $context).internalAdapter.deleteSession(session.token)
    return null
  }
  const role = roles.find((one) => one === user.role)
  if (role === undefined) return null
  return {
    kind: 'user',
    id: user.id,
    name: user.email,
    email: user.email,
    displayName: user.name,
    session: { tokenSha256: hashToken(session.token), beganAt: new Date(session.createdAt) },
    role,
    databaseIds: await databasesOf(user.id, role),
  }
}

/** null: all. An admin is never limited. */
async function databasesOf(userId: string, role: Role): Promise<string[] | null> {
  if (role === 'admin') return null
  const rows = await catalog().selectFrom('user_databases').select(sql<string>`database_id::text`.as('id')).where('user_id', '=', userId).execute()
  return rows.length === 0 ? null : rows.map((row) => row.id)
}
