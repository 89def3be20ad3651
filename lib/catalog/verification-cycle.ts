import { type Kysely, sql } from 'kysely'
import type { CycleCopy } from '#lib/domain/verification-cycle.ts'
import { openOperationStates, readableCopyStates } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

/** Every readable copy of a storage, as the verification cycle looks at it. */
export async function listCycleCopies(db: Kysely<Catalog>, storageId: string): Promise<(CycleCopy & { backupId: string })[]> {
  const rows = await db
    .selectFrom('copies')
    .innerJoin('backups', 'backups.id', 'copies.backup_id')
    .select(['copies.id', 'copies.backup_id', 'copies.stored_bytes', 'copies.stored_at', 'copies.verified_at'])
    .select(['backups.database_id', 'backups.created_at'])
    .where('copies.storage_id', '=', storageId)
    .where('copies.state', 'in', readableCopyStates)
    .where('backups.finished_at', 'is not', null)
    .execute()
  const tried = await triedToday(db)
  return rows.map((row) => ({
    id: row.id,
    backupId: row.backup_id,
    bytes: row.stored_bytes,
    databaseId: row.database_id,
    createdAt: row.created_at,
    storedAt: row.stored_at,
    verifiedAt: row.verified_at,
    tried: tried.has(row.id),
  }))
}

/** Copies that the cycle asked to be read in the last day, or that a verification is at work on. */
async function triedToday(db: Kysely<Catalog>): Promise<Set<string>> {
  const rows = await db
    .selectFrom('operations')
    .select(sql<string[] | null>`array(select jsonb_array_elements_text(input -> 'copyIds'))`.as('copies'))
    .where('kind', '=', 'verify')
    .where(sql<boolean>`(input ->> 'paced')::boolean`)
    .where((where) => where.or([where('state', 'in', openOperationStates), where('created_at', '>', sql<Date>`now() - interval '23 hours'`)]))
    .execute()
  return new Set(rows.flatMap((row) => row.copies ?? []))
}

/** A reading of the cycle on this storage that has not ended: the next one waits for it. */
export async function cycleIsAtWork(db: Kysely<Catalog>, storageId: string): Promise<boolean> {
  const row = await db
    .selectFrom('operations')
    .select('id')
    .where('kind', '=', 'verify')
    .where('storage_id', '=', storageId)
    .where('state', 'in', openOperationStates)
    .where(sql<boolean>`(input ->> 'paced')::boolean`)
    .executeTakeFirst()
  return row !== undefined
}

/** What the cycle asked for on a storage in the last 24 hours, in stored bytes. */
export async function cycleBytes(db: Kysely<Catalog>, storageId: string): Promise<number> {
  const row = await db
    .selectFrom('operations')
    .innerJoin('backups', 'backups.id', 'operations.backup_id')
    .select(sql<number>`coalesce(sum(backups.stored_bytes), 0)::bigint`.as('bytes'))
    .where('operations.kind', '=', 'verify')
    .where('operations.storage_id', '=', storageId)
    .where('operations.created_at', '>', sql<Date>`now() - interval '24 hours'`)
    .where(sql<boolean>`(input ->> 'paced')::boolean`)
    .executeTakeFirst()
  return Number(row?.bytes ?? 0)
}
