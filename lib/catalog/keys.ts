import { type Kysely, type Selectable, sql } from 'kysely'
import type { Catalog } from './schema.ts'

export type KeyRow = Selectable<Catalog['keys']>

export async function listKeys(db: Kysely<Catalog>): Promise<KeyRow[]> {
  return db.selectFrom('keys').selectAll().orderBy('created_at').execute()
}

/** The key in use for a purpose; null: none yet. */
export async function currentKey(db: Kysely<Catalog>, purpose: KeyRow['purpose']): Promise<KeyRow | null> {
  const row = await db
    .selectFrom('keys')
    .selectAll()
    .where('purpose', '=', purpose)
    .where('retired_at', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** Makes a key known; one that is known already stays as it is. */
export async function insertKey(db: Kysely<Catalog>, values: { id: string; purpose: KeyRow['purpose']; publicKey: string | null }): Promise<void> {
  await db
    .insertInto('keys')
    .values({ id: values.id, purpose: values.purpose, public_key: values.publicKey })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Recovery key: its holder has shown that it is saved. */
export async function confirmKey(db: Kysely<Catalog>, id: string): Promise<boolean> {
  const row = await db.updateTable('keys').set({ confirmed_at: sql<Date>`now()` }).where('id', '=', id).executeTakeFirst()
  return row.numUpdatedRows === 1n
}

export async function retireKeys(db: Kysely<Catalog>, purpose: KeyRow['purpose'], except: string): Promise<void> {
  await db
    .updateTable('keys')
    .set({ retired_at: sql<Date>`now()` })
    .where('purpose', '=', purpose)
    .where('id', '!=', except)
    .where('retired_at', 'is', null)
    .execute()
}

/** A key that was given up; its row stays, because older objects name it. */
export async function markRetired(db: Kysely<Catalog>, id: string): Promise<void> {
  await db.updateTable('keys').set({ retired_at: sql<Date>`now()` }).where('id', '=', id).where('retired_at', 'is', null).execute()
}

/** Public halves of every signing key that was ever in use, the newest first: manifests stay signed by the key of their time. */
export async function signingKeys(db: Kysely<Catalog>): Promise<string[]> {
  const rows = await db.selectFrom('keys').select('public_key').where('purpose', '=', 'signing').orderBy('created_at', 'desc').execute()
  return rows.flatMap((row) => (row.public_key === null ? [] : [row.public_key]))
}
