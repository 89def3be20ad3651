import { type Insertable, type Kysely, type Selectable, sql, type Updateable } from 'kysely'
import type { Catalog } from './schema.ts'

export type ContactRow = Selectable<Catalog['contacts']>

/** By level in the order in which they are called, then by their place in it. */
export async function listContacts(db: Kysely<Catalog>): Promise<ContactRow[]> {
  return db
    .selectFrom('contacts')
    .selectAll()
    .where('removed_at', 'is', null)
    .orderBy(sql`array_position(array['dba', 'devops', 'cto', 'external'], level)`)
    .orderBy('position')
    .orderBy('created_at')
    .execute()
}

export async function insertContact(db: Kysely<Catalog>, values: Insertable<Catalog['contacts']>): Promise<ContactRow> {
  return db.insertInto('contacts').values(values).returningAll().executeTakeFirstOrThrow()
}

export async function lockContact(trx: Kysely<Catalog>, id: string): Promise<ContactRow | null> {
  return (await trx.selectFrom('contacts').selectAll().where('id', '=', id).where('removed_at', 'is', null).forUpdate().executeTakeFirst()) ?? null
}

export async function updateContact(db: Kysely<Catalog>, id: string, values: Updateable<Catalog['contacts']>): Promise<void> {
  await db.updateTable('contacts').set(values).where('id', '=', id).execute()
}
