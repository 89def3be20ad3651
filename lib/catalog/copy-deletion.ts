import { type Kysely, sql, type Transaction } from 'kysely'
import type { CopyRow } from './copies.ts'
import type { CopyState } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

/** Locked until the transaction ends: whoever places a hold locks it too, so one of both comes first. */
export async function lockCopy(trx: Transaction<Catalog>, id: string): Promise<CopyRow | null> {
  return (await trx.selectFrom('copies').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()) ?? null
}

/** From here on the copy counts for nothing, whatever still lies on the storage. */
export async function writeTombstone(
  trx: Transaction<Catalog>,
  id: string,
  tombstone: { why: string; operationId: string; was: CopyState },
): Promise<void> {
  await trx
    .updateTable('copies')
    .set({ state: 'delete_pending', tombstoned_at: sql<Date>`now()`, tombstone: JSON.stringify(tombstone), problem: null })
    .where('id', '=', id)
    .execute()
}

/** Nothing of it is left; the room it took is free. */
export async function noteDeleted(trx: Transaction<Catalog>, copy: CopyRow): Promise<void> {
  await trx.updateTable('copies').set({ state: 'deleted', problem: null, retained_until: null }).where('id', '=', copy.id).execute()
  await trx.deleteFrom('copy_versions').where('copy_id', '=', copy.id).execute()
  await trx
    .updateTable('storages')
    .set((eb) => ({ used_bytes: eb.fn('greatest', [eb.lit(0), eb('used_bytes', '-', copy.stored_bytes)]) }))
    .where('id', '=', copy.storage_id)
    .where('used_bytes', 'is not', null)
    .execute()
}

/** Nothing of it was taken away, and nothing is to be: it is what it was. What it was before an earlier version began is not known: it is read anew. */
export async function takeBackTombstone(trx: Transaction<Catalog>, copy: CopyRow): Promise<void> {
  const was = stateBefore(copy)
  await trx
    .updateTable('copies')
    .set({ state: was ?? 'stored', tombstoned_at: null, tombstone: null, problem: null, ...(was === null ? { verified_at: null } : {}) })
    .where('id', '=', copy.id)
    .execute()
}

/** null: it is not known. */
function stateBefore(copy: CopyRow): CopyState | null {
  return copy.state === 'delete_pending' ? (copy.tombstone?.was ?? null) : copy.state
}

/**
 * A lock forbade it: it is what it was, and a copy that is bad stays bad. Until the lock ends nobody tries again; a lock without a date is asked
 * again after a day.
 */
export async function noteRetained(trx: Transaction<Catalog>, copy: CopyRow, until: Date | null): Promise<void> {
  const was = stateBefore(copy)
  const isBad = was === 'corrupt' || was === 'missing'
  await trx
    .updateTable('copies')
    .set({
      state: isBad ? was : 'retained',
      tombstoned_at: null,
      tombstone: null,
      problem: isBad ? 'It is damaged or missing, and a lock of the storage keeps what is left of it.' : null,
      ...(was === null ? { verified_at: null } : {}),
      retained_until: until ?? sql<Date>`now() + interval '1 day'`,
    })
    .where('id', '=', copy.id)
    .execute()
}

export async function noteDeletionProblem(db: Kysely<Catalog>, id: string, problem: string, until: Date | null = null): Promise<void> {
  await db
    .updateTable('copies')
    .set({ problem, ...(until === null ? {} : { retained_until: until }) })
    .where('id', '=', id)
    .where('state', '=', 'delete_pending')
    .execute()
}
