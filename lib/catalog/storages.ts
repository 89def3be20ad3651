import { type Insertable, type Kysely, type Selectable, sql, type Updateable } from 'kysely'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Catalog } from './schema.ts'

export type StorageRow = Selectable<Catalog['storages']>

export async function listStorages(db: Kysely<Catalog>): Promise<StorageRow[]> {
  return db.selectFrom('storages').selectAll().where('removed_at', 'is', null).orderBy('name').execute()
}

/** Also a removed one: its copies still name it. */
export async function getStorage(db: Kysely<Catalog>, id: string): Promise<StorageRow | null> {
  return (await db.selectFrom('storages').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

export async function findStorageByName(db: Kysely<Catalog>, name: string): Promise<StorageRow | null> {
  const row = await db.selectFrom('storages').selectAll().where('name', '=', name).where('removed_at', 'is', null).executeTakeFirst()
  return row ?? null
}

/** null: the name is taken. */
export async function insertStorage(db: Kysely<Catalog>, values: Insertable<Catalog['storages']>): Promise<StorageRow | null> {
  const row = await db
    .insertInto('storages')
    .values(values)
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

export async function updateStorage(db: Kysely<Catalog>, id: string, values: Updateable<Catalog['storages']>): Promise<StorageRow | null> {
  return (await db.updateTable('storages').set(values).where('id', '=', id).returningAll().executeTakeFirst()) ?? null
}

export interface PlaceChange {
  region?: string | null | undefined
  agreement?: string | null | undefined
  medium?: 'online' | 'offline' | undefined
}

/** Set on each object that is stored from now on; null: none. Both or neither. */
export interface LockChange {
  lockMode?: 'GOVERNANCE' | 'COMPLIANCE' | null | undefined
  lockDays?: number | null | undefined
}

/**
 * Name, budget, where it lies, its medium, its lock and, sealed, credentials; what is undefined stays. With new credentials nobody knows
 * whether the storage lets us in until a check has ended. Throws `conflict` where another storage has the name, `usage` where a bucket is to
 * be an offline medium or a directory to lock, `refused` where the bucket said that it has no Object Lock.
 */
export async function changeStorage(
  trx: Kysely<Catalog>,
  id: string,
  change: { name?: string | undefined; budgetBytes?: number | null | undefined; sealed?: string | undefined } & PlaceChange & LockChange,
): Promise<void> {
  const { name, budgetBytes, sealed, region, agreement, medium, lockMode, lockDays } = change
  const namesake = name === undefined ? null : await findStorageByName(trx, name)
  if (namesake !== null && namesake.id !== id) {
    throw new LifeboatError('conflict', 'Another storage has this name.', 'Nothing was changed. Choose another name.')
  }
  if (medium === 'offline' && (await getStorage(trx, id))?.kind === 's3') {
    throw new LifeboatError('usage', 'A bucket is no offline medium: only a directory may be absent.', 'Nothing was changed.')
  }
  if (lockMode != null) await assertCanLock(trx, id)
  await updateStorage(trx, id, {
    ...(lockMode === undefined ? {} : { lock_mode: lockMode, lock_days: lockMode === null ? null : (lockDays ?? null) }),
    ...(region === undefined ? {} : { region }),
    ...(agreement === undefined ? {} : { agreement }),
    ...(medium === undefined ? {} : { medium }),
    ...(name === undefined ? {} : { name }),
    ...(budgetBytes === undefined ? {} : { budget_bytes: budgetBytes }),
    ...(sealed === undefined ? {} : { secret_sealed: sealed, reachable: null, checked_at: null, problem: null }),
  })
}

async function assertCanLock(trx: Kysely<Catalog>, id: string): Promise<void> {
  const storage = await getStorage(trx, id)
  if (storage?.kind !== 's3') throw new LifeboatError('usage', 'A directory cannot lock what lies in it: only a bucket can.', 'Nothing was changed.')
  if (storage.bucket?.objectLock === false) {
    const hint = 'Nothing was changed. A bucket gets Object Lock when it is made; test its credentials again if it has it now.'
    throw new LifeboatError('refused', 'This bucket has no Object Lock.', hint)
  }
}

/** Takes it off the list; copies and objects stay. */
export async function removeStorage(db: Kysely<Catalog>, id: string): Promise<boolean> {
  const removed = await db
    .updateTable('storages')
    .set({ removed_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  return removed.numUpdatedRows === 1n
}

/**
 * A run was just there: what it stored or read is as good as a check. A reader leaves a known problem alone, because a place that can be
 * read may still refuse to be written; who stored something there has disproved it.
 */
export async function noteSeen(db: Kysely<Catalog>, id: string, did: 'read' | 'stored'): Promise<void> {
  let update = db.updateTable('storages').set({ reachable: true, checked_at: sql<Date>`now()`, problem: null }).where('id', '=', id)
  if (did === 'read') update = update.where('reachable', 'is distinct from', false)
  await update.execute()
}
