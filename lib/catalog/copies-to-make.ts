import { type Kysely, sql } from 'kysely'
import { openOperationStates, readableCopyStates } from '#lib/domain/states.ts'
import type { CopyRow } from './copies.ts'
import type { Catalog } from './schema.ts'

export interface CopyToMake {
  copyId: string
  backupId: string
  storageId: string
  storage: string
  region: string | null
  database: string
  allowedRegions: string[] | null
  tries: number
}

/**
 * Copies that wait or failed, whose time has come at `now`, whose backup has a copy that can be read, and whose storage is there: a bucket
 * that is not known to be away, a directory whose marker a living worker sees. One for each backup, the newest backups first.
 */
export async function listCopiesToMake(
  db: Kysely<Catalog>,
  options: { now: Date; presentIds: readonly string[]; limit: number },
): Promise<CopyToMake[]> {
  const { now, presentIds, limit } = options
  const rows = await db
    .selectFrom('copies')
    .innerJoin('backups', 'backups.id', 'copies.backup_id')
    .innerJoin('storages', 'storages.id', 'copies.storage_id')
    .innerJoin('databases', 'databases.id', 'backups.database_id')
    .select([
      'copies.id as copyId',
      'copies.tries',
      'backups.id as backupId',
      'storages.id as storageId',
      'storages.name as storage',
      'storages.region',
      'databases.name as database',
      'databases.allowed_regions as allowedRegions',
    ])
    .where('copies.state', 'in', ['waiting', 'failed'])
    .where((eb) => eb.or([eb('copies.next_try_at', 'is', null), eb('copies.next_try_at', '<=', now)]))
    .where('backups.finished_at', 'is not', null)
    .where('backups.state', 'in', readableCopyStates)
    .where('storages.removed_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb.and([eb('storages.kind', '=', 's3'), eb('storages.reachable', 'is distinct from', false)]),
        eb('storages.id', '=', sql<string>`ANY (${[...presentIds]}::uuid[])`),
      ]),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('operations')
            .select('operations.id')
            .whereRef('operations.backup_id', '=', 'backups.id')
            .where('operations.kind', '=', 'copy')
            .where('operations.state', 'in', openOperationStates),
        ),
      ),
    )
    .orderBy('backups.created_at', 'desc')
    .orderBy('copies.id')
    .limit(limit * 4)
    .execute()
  const seen = new Set<string>()
  return rows.filter((row) => !seen.has(row.backupId) && seen.add(row.backupId)).slice(0, limit)
}

/** One more try is made of it; the next one not before. */
export async function noteCopyTry(db: Kysely<Catalog>, copyId: string, nextTryAt: Date): Promise<void> {
  await db
    .updateTable('copies')
    .set((eb) => ({ tries: eb('tries', '+', 1), next_try_at: nextTryAt }))
    .where('id', '=', copyId)
    .execute()
}

/** The copy of a backup on a storage, for this transaction alone; null: there never was one. */
export async function lockCopyOn(db: Kysely<Catalog>, backupId: string, storageId: string): Promise<CopyRow | null> {
  const row = await db
    .selectFrom('copies')
    .selectAll()
    .where('backup_id', '=', backupId)
    .where('storage_id', '=', storageId)
    .forUpdate()
    .executeTakeFirst()
  return row ?? null
}

/** What reading a copy told of it, where nobody else has said something of it meanwhile. */
export async function noteBadSource(db: Kysely<Catalog>, copyId: string, found: { state: 'corrupt' | 'missing'; problem: string }): Promise<void> {
  await db.updateTable('copies').set(found).where('id', '=', copyId).where('state', 'in', readableCopyStates).execute()
}
