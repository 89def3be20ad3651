import type { Insertable, Kysely, Selectable, Updateable } from 'kysely'
import { type CopyState, readableCopyStates } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

export type CopyRow = Selectable<Catalog['copies']>

export async function insertCopy(db: Kysely<Catalog>, values: Insertable<Catalog['copies']>): Promise<CopyRow> {
  return db.insertInto('copies').values(values).returningAll().executeTakeFirstOrThrow()
}

export async function getCopy(db: Kysely<Catalog>, id: string): Promise<CopyRow | null> {
  return (await db.selectFrom('copies').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

export async function listCopies(db: Kysely<Catalog>, backupId: string): Promise<CopyRow[]> {
  return db.selectFrom('copies').selectAll().where('backup_id', '=', backupId).orderBy('storage_id').execute()
}

export async function listCopiesOnStorage(
  db: Kysely<Catalog>,
  storageId: string,
): Promise<(CopyRow & { path: string; entries: number; finished_at: Date | null })[]> {
  return db
    .selectFrom('copies')
    .innerJoin('backups', 'backups.id', 'copies.backup_id')
    .selectAll('copies')
    .select(['backups.path', 'backups.entries', 'backups.finished_at'])
    .where('copies.storage_id', '=', storageId)
    .orderBy('backups.path')
    .execute()
}

/** Ids of the databases with a copy on a storage that is not deleted, in no order that means anything but always the same. */
export async function databasesOn(db: Kysely<Catalog>, storageId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('copies')
    .innerJoin('backups', 'backups.id', 'copies.backup_id')
    .select('backups.database_id')
    .distinct()
    .where('copies.storage_id', '=', storageId)
    .where('copies.state', '<>', 'deleted')
    .orderBy('backups.database_id')
    .execute()
  return rows.map((row) => row.database_id)
}

/**
 * Ids of the copies of a backup that a restore may read: the readable ones, and those that were overwritten or deleted on a storage that
 * keeps versions, of which the stored versions are known.
 */
export async function restorableCopies(db: Kysely<Catalog>, backupId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('copies')
    .leftJoin('copy_versions', 'copy_versions.copy_id', 'copies.id')
    .select('copies.id')
    .where('copies.backup_id', '=', backupId)
    .where((eb) =>
      eb.or([
        eb('copies.state', 'in', readableCopyStates),
        eb.and([eb('copies.state', 'in', ['missing', 'corrupt']), eb('copy_versions.copy_id', 'is not', null)]),
      ]),
    )
    .execute()
  return new Set(rows.map((row) => row.id))
}

export async function updateCopy(db: Kysely<Catalog>, id: string, values: Updateable<Catalog['copies']>): Promise<CopyRow | null> {
  return (await db.updateTable('copies').set(values).where('id', '=', id).returningAll().executeTakeFirst()) ?? null
}

/** Writes only while the copy is in one of these states; null: it is in another by now, and nothing was written. */
export async function updateCopyWhile(
  db: Kysely<Catalog>,
  id: string,
  states: readonly CopyState[],
  values: Updateable<Catalog['copies']>,
): Promise<CopyRow | null> {
  return (await db.updateTable('copies').set(values).where('id', '=', id).where('state', 'in', states).returningAll().executeTakeFirst()) ?? null
}

export async function insertVerification(db: Kysely<Catalog>, values: Insertable<Catalog['verifications']>): Promise<void> {
  await db.insertInto('verifications').values(values).execute()
}
