import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { UserView } from '#lib/domain/views.ts'

/** People with an account, by address. Their passwords and sessions stay in the schema auth. */
export async function listUsers(catalog: Kysely<Catalog>, _actor: Actor): Promise<UserView[]> {
  const { rows } = await sql<Omit<UserView, 'createdAt'> & { createdAt: Date }>`
    select id, email, name, role, "createdAt",
      (select array_agg(database_id::text) from user_databases where user_id = people.id) as "databaseIds"
    from auth."user" as people order by email`.execute(catalog)
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }))
}
