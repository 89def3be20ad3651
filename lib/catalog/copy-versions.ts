import { type Kysely, sql } from 'kysely'
import type { Catalog } from './schema.ts'

/** Object name within the copy (`manifest`, `key`, `e000001`) -> the storage's id of the version that holds what was stored. */
export type Versions = Record<string, string>

/** null: none are known, because the storage keeps none or because the copy was found by a rebuild. */
export async function copyVersions(db: Kysely<Catalog>, copyId: string): Promise<Versions | null> {
  const row = await db.selectFrom('copy_versions').select('versions').where('copy_id', '=', copyId).executeTakeFirst()
  return row?.versions ?? null
}

/** Replaces what was known. An empty list says nothing and is not kept. */
export async function recordVersions(db: Kysely<Catalog>, copyId: string, versions: Versions): Promise<void> {
  if (Object.keys(versions).length === 0) return
  const values = { versions: JSON.stringify(versions), recorded_at: sql<Date>`now()` }
  await db
    .insertInto('copy_versions')
    .values({ copy_id: copyId, ...values })
    .onConflict((conflict) => conflict.column('copy_id').doUpdateSet(values))
    .execute()
}
