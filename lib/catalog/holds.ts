import { type Insertable, type Kysely, type Selectable, sql } from 'kysely'
import { readableCopyStates } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'
import { isUuid } from './views/scope.ts'

export type HoldRow = Selectable<Catalog['holds']>

/** Whether anything but a released row holds a backup, whatever kind it says. */
export const isHeld = sql<boolean>`exists (select from holds where holds.backup_id = backups.id and holds.released_at is null)`

/** Of one backup, the newest first, released ones too. */
export async function listHolds(db: Kysely<Catalog>, backupId: string): Promise<HoldRow[]> {
  return db.selectFrom('holds').selectAll().where('backup_id', '=', backupId).orderBy('placed_at', 'desc').orderBy('id').execute()
}

/** Of every backup, the newest first, with what it holds. */
export async function listOpenHolds(db: Kysely<Catalog>): Promise<(HoldRow & { backup: string; database_id: string; database: string })[]> {
  return db
    .selectFrom('holds')
    .innerJoin('backups', 'backups.id', 'holds.backup_id')
    .innerJoin('databases', 'databases.id', 'backups.database_id')
    .selectAll('holds')
    .select(['backups.name as backup', 'backups.database_id', 'databases.name as database'])
    .where('holds.released_at', 'is', null)
    .orderBy('holds.placed_at', 'desc')
    .execute()
}

export async function getHold(db: Kysely<Catalog>, id: string): Promise<HoldRow | null> {
  // as it stands in an address
  if (!isUuid(id)) return null
  return (await db.selectFrom('holds').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** null: a row with this id is there already, also a released one. */
export async function insertHold(db: Kysely<Catalog>, values: Insertable<Catalog['holds']>): Promise<HoldRow | null> {
  const row = await db
    .insertInto('holds')
    .values(values)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** null: there is none, or it was released before. */
export async function closeHold(
  db: Kysely<Catalog>,
  id: string,
  released: { by: string | null; name: string; reason: string },
): Promise<HoldRow | null> {
  const row = await db
    .updateTable('holds')
    .set({ released_at: sql<Date>`now()`, released_by: released.by, released_name: released.name, release_reason: released.reason })
    .where('id', '=', id)
    .where('released_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

export interface CopyToHold {
  id: string
  backup_id: string
  storage_id: string
  storage: string
  kind: 'local' | 's3'
  state: string
}

/** The copies of a backup that are not gone, locked until the transaction ends: whoever deletes one locks it too, so one of both comes first. */
export async function lockCopiesToHold(db: Kysely<Catalog>, backupId: string): Promise<CopyToHold[]> {
  return db
    .selectFrom('copies')
    .innerJoin('storages', 'storages.id', 'copies.storage_id')
    .select(['copies.id', 'copies.backup_id', 'copies.storage_id', 'copies.state', 'storages.name as storage', 'storages.kind'])
    .where('copies.backup_id', '=', backupId)
    .where('copies.state', 'not in', ['deleted', 'delete_pending'])
    .orderBy('copies.id')
    .forUpdate('copies')
    .execute()
}

/** Readable copies on a storage, of backups that are held or ever were, or that lie at one of these paths (where a hold object was seen). */
export async function copiesWithHolds(
  db: Kysely<Catalog>,
  storageId: string,
  paths: readonly string[],
): Promise<{ id: string; backup_id: string; path: string; held: boolean }[]> {
  return db
    .selectFrom('copies')
    .innerJoin('backups', 'backups.id', 'copies.backup_id')
    .select(['copies.id', 'copies.backup_id', 'backups.path', isHeld.as('held')])
    .where('copies.storage_id', '=', storageId)
    .where('copies.state', 'in', readableCopyStates)
    .where((eb) => eb.or([isHeld, sql<boolean>`backups.path = any(${[...paths]}::text[])`]))
    .orderBy('backups.path')
    .execute()
}
