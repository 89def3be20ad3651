import { type Insertable, type Kysely, type Selectable, sql, type Updateable } from 'kysely'
import { closeSchedules } from './schedules.ts'
import type { Catalog } from './schema.ts'

export type DatabaseRow = Selectable<Catalog['databases']>

/** Registered databases by name; `only`: the ids that the asker may see, null for all. */
export async function listDatabases(db: Kysely<Catalog>, only: readonly string[] | null = null): Promise<DatabaseRow[]> {
  return db
    .selectFrom('databases')
    .selectAll()
    .where('removed_at', 'is', null)
    .$if(only !== null, (query) => query.where('id', 'in', [...(only ?? []), nobody]))
    .orderBy('name')
    .execute()
}

/** `IN ()` is not SQL: an id that no row has keeps the list from being empty */
const nobody = '00000000-0000-0000-0000-000000000000'

/** Also a removed one: its backups still name it. */
export async function getDatabase(db: Kysely<Catalog>, id: string): Promise<DatabaseRow | null> {
  return (await db.selectFrom('databases').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** The same; whoever else would change it waits until this transaction has ended. */
export async function lockDatabase(trx: Kysely<Catalog>, id: string): Promise<DatabaseRow | null> {
  return (await trx.selectFrom('databases').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()) ?? null
}

export async function findDatabaseByName(db: Kysely<Catalog>, name: string): Promise<DatabaseRow | null> {
  const row = await db.selectFrom('databases').selectAll().where('name', '=', name).where('removed_at', 'is', null).executeTakeFirst()
  return row ?? null
}

/** null: the name is taken. */
export async function insertDatabase(db: Kysely<Catalog>, values: Insertable<Catalog['databases']>): Promise<DatabaseRow | null> {
  const row = await db
    .insertInto('databases')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

export async function updateDatabase(db: Kysely<Catalog>, id: string, values: Updateable<Catalog['databases']>): Promise<DatabaseRow | null> {
  return (await db.updateTable('databases').set(values).where('id', '=', id).returningAll().executeTakeFirst()) ?? null
}

/** Takes it off the list, and its schedules with it; rows and backups stay. */
export async function removeDatabase(db: Kysely<Catalog>, id: string): Promise<boolean> {
  await closeSchedules(db, id)
  const removed = await db
    .updateTable('databases')
    .set({ removed_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  return removed.numUpdatedRows === 1n
}

export async function getCaCertificate(db: Kysely<Catalog>, id: string): Promise<{ name: string; pem: string } | null> {
  return (await db.selectFrom('ca_certificates').select(['name', 'pem']).where('id', '=', id).executeTakeFirst()) ?? null
}

export async function insertCaCertificate(db: Kysely<Catalog>, values: { name: string; pem: string }): Promise<string> {
  return (await db.insertInto('ca_certificates').values(values).returning('id').executeTakeFirstOrThrow()).id
}
