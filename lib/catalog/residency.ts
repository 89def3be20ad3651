import type { Kysely } from 'kysely'
import { mayLieOn, type Place } from '#lib/domain/residency.ts'
import type { Catalog } from './schema.ts'

export interface Misplaced {
  database: string
  storage: Place
  copies: number
}

/** Where readable copies lie of databases that do not allow it: of one database, on one storage, or all. */
export async function listMisplaced(db: Kysely<Catalog>, of: { databaseId?: string; storageId?: string } = {}): Promise<Misplaced[]> {
  const rows = await db
    .selectFrom('copy_counts')
    .innerJoin('databases', 'databases.id', 'copy_counts.database_id')
    .innerJoin('storages', 'storages.id', 'copy_counts.storage_id')
    .select(['databases.name as database', 'databases.allowed_regions', 'storages.name as storage', 'storages.region', 'copy_counts.readable'])
    .where('copy_counts.readable', '>', 0)
    .where('databases.allowed_regions', 'is not', null)
    .$if(of.databaseId !== undefined, (query) => query.where('databases.id', '=', of.databaseId ?? ''))
    .$if(of.storageId !== undefined, (query) => query.where('storages.id', '=', of.storageId ?? ''))
    .orderBy('databases.name')
    .orderBy('storages.name')
    .execute()
  return rows
    .filter((row) => !mayLieOn(row.allowed_regions, row.region))
    .map((row) => ({ database: row.database, storage: { name: row.storage, region: row.region }, copies: row.readable }))
}
