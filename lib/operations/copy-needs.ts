import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { restorableCopies } from '#lib/catalog/copies.ts'

/** The local storages that hold copies of a backup (only `copyIds`, if given): a worker must reach them to read these. */
export async function localStoragesOf(catalog: Kysely<Catalog>, backupId: string, copyIds?: readonly string[]): Promise<string[]> {
  const rows = await catalog
    .selectFrom('copies')
    .innerJoin('storages', 'storages.id', 'copies.storage_id')
    .select('storages.id')
    .where('copies.backup_id', '=', backupId)
    .where('storages.kind', '=', 'local')
    .where('storages.removed_at', 'is', null)
    .$if(copyIds !== undefined && copyIds.length > 0, (query) => query.where('copies.id', 'in', copyIds ?? []))
    .execute()
  return rows.map((row) => row.id)
}

/** What a restore must reach: nothing special where a copy lies on S3, else one local storage with a readable copy. null: none can be read. */
export async function storageNeededToRead(catalog: Kysely<Catalog>, backupId: string): Promise<{ storageIds: string[] } | null> {
  const restorable = await restorableCopies(catalog, backupId)
  if (restorable.size === 0) return null
  const rows = await catalog
    .selectFrom('copies')
    .innerJoin('storages', 'storages.id', 'copies.storage_id')
    .select(['storages.id', 'storages.kind', 'copies.state'])
    .where('copies.backup_id', '=', backupId)
    .where('copies.id', 'in', [...restorable])
    .orderBy('storages.id')
    .execute()
  const best = rows.find((row) => row.state === 'verified') ?? rows[0]
  if (best === undefined) return null
  return { storageIds: rows.some((row) => row.kind === 's3') ? [] : [best.id] }
}
