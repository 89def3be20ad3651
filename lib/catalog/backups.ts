import type { Insertable, Kysely, Selectable, Updateable } from 'kysely'
import { type CopyState, readableCopyStates, type Tier } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'
import { isUuid } from './views/scope.ts'

export type BackupRow = Selectable<Catalog['backups']>
export type BackupTableRow = Selectable<Catalog['backup_tables']>

/** null: its id or its path is known already (a rebuild found it twice). */
export async function insertBackup(db: Kysely<Catalog>, values: Insertable<Catalog['backups']>): Promise<BackupRow | null> {
  const row = await db
    .insertInto('backups')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

export async function getBackup(db: Kysely<Catalog>, id: string): Promise<BackupRow | null> {
  // as it stands in an address
  if (!isUuid(id)) return null
  return (await db.selectFrom('backups').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

export async function findBackupByPath(db: Kysely<Catalog>, path: string): Promise<BackupRow | null> {
  return (await db.selectFrom('backups').selectAll().where('path', '=', path).executeTakeFirst()) ?? null
}

export interface BackupFilter {
  databaseId?: string
  tier?: Tier
  notTier?: Tier
  name?: string
  /** false: none of Lifeboat's own catalogue */
  ofCatalogue?: boolean
  /** only finished ones with a copy in one of these states: `readableCopyStates` for what a restore could read */
  copies?: readonly CopyState[]
  limit?: number
}

/** Newest recovery point first. */
export async function listBackups(db: Kysely<Catalog>, filter: BackupFilter = {}): Promise<BackupRow[]> {
  let query = db.selectFrom('backups').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc')
  if (filter.databaseId !== undefined) query = query.where('database_id', '=', filter.databaseId)
  if (filter.tier !== undefined) query = query.where('tier', '=', filter.tier)
  if (filter.notTier !== undefined) query = query.where('tier', '!=', filter.notTier)
  if (filter.name !== undefined) query = query.where('name', '=', filter.name)
  if (filter.ofCatalogue === false) {
    query = query.where('database_id', 'not in', db.selectFrom('databases').select('id').where('is_catalogue', '=', true))
  }
  const { copies } = filter
  if (copies !== undefined) {
    query = query
      .where('finished_at', 'is not', null)
      .where((eb) =>
        eb.exists(eb.selectFrom('copies').select('copies.id').whereRef('copies.backup_id', '=', 'backups.id').where('copies.state', 'in', copies)),
      )
  }
  return query.limit(filter.limit ?? 1_000).execute()
}

/** The newest finished backup of a database that can be read; its manifest's hash goes into the next one. */
export async function latestBackup(db: Kysely<Catalog>, databaseId: string, tier?: Tier): Promise<BackupRow | null> {
  const filter: BackupFilter = { databaseId, copies: readableCopyStates, limit: 1, ...(tier === undefined ? {} : { tier }) }
  return (await listBackups(db, filter))[0] ?? null
}

export async function updateBackup(db: Kysely<Catalog>, id: string, values: Updateable<Catalog['backups']>): Promise<BackupRow | null> {
  return (await db.updateTable('backups').set(values).where('id', '=', id).returningAll().executeTakeFirst()) ?? null
}

/** Removes a backup's row with its copies and tables; for an attempt that left nothing on any storage. */
export async function deleteBackup(db: Kysely<Catalog>, id: string): Promise<void> {
  await db.deleteFrom('backups').where('id', '=', id).execute()
}

/** In pieces: one statement takes at most 65,535 parameters. */
export async function insertBackupTables(db: Kysely<Catalog>, rows: readonly Insertable<Catalog['backup_tables']>[]): Promise<void> {
  for (let at = 0; at < rows.length; at += 1_000) {
    await db
      .insertInto('backup_tables')
      .values(rows.slice(at, at + 1_000))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

export async function listBackupTables(db: Kysely<Catalog>, backupId: string): Promise<BackupTableRow[]> {
  return db.selectFrom('backup_tables').selectAll().where('backup_id', '=', backupId).orderBy('ordinal').execute()
}
