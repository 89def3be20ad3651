import { latestBackup } from '#lib/catalog/backups.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import type { StorageRow } from '#lib/catalog/storages.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { residencyProblem } from '#lib/domain/residency.ts'
import { type Estimate, estimateBackup, roomProblem } from '#lib/domain/room.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import type { RunContext } from '../../run-context.ts'
import { storageFor } from '../storage-for.ts'
import type { Target } from './fan-out.ts'

/** Whose copies these will be, and how large one is expected to be; null: nothing says. */
export interface Stored {
  database: Pick<DatabaseRow, 'id' | 'name' | 'allowed_regions'>
  estimate: Estimate | null
}

/**
 * Opens every storage of the backup, looks for its marker, whether copies of the database may lie there, and whether there is room. One
 * that is absent or refused fails its copy only; its `problem` says why.
 */
export async function openTargets(context: RunContext, storageIds: readonly string[], stored: Stored): Promise<Target[]> {
  return Promise.all(storageIds.map((storageId) => openTarget(context, storageId, stored)))
}

/** How large a backup of the database will be. */
export async function expectBackup(context: RunContext, databaseId: string, databaseBytes: number | null): Promise<Estimate | null> {
  const previous = await latestBackup(context.catalog, databaseId)
  return estimateBackup({ previousStoredBytes: previous?.stored_bytes ?? null, databaseBytes })
}

async function openTarget(context: RunContext, storageId: string, stored: Stored): Promise<Target> {
  const { storage, driver } = await storageFor(context, storageId)
  const target: Target = { storageId, storageName: storage.name, driver, problem: null, waits: false, versions: {} }
  try {
    if (storage.removed_at !== null) throw new LifeboatError('not_found', `Storage ${storage.name} was removed.`, 'Choose another storage.')
    await refuseStoring(context, { storage, driver, ...stored })
  } catch (error) {
    context.signal.throwIfAborted()
    target.problem = asLifeboatError(error)
    // an offline medium that is not there is how it is meant to be
    target.waits = storage.medium === 'offline' && target.problem.code === 'storage_absent'
  }
  return target
}

/** Throws where a copy may not lie, or would not fit, or the storage is not there. */
export async function refuseStoring(context: RunContext, at: { storage: StorageRow; driver: StorageDriver } & Stored): Promise<void> {
  const { storage, driver, database, estimate } = at
  const elsewhere = residencyProblem({ name: database.name, allowedRegions: database.allowed_regions }, storage)
  if (elsewhere !== null) throw elsewhere
  await checkMarker(driver, storage.id, context.signal)
  const { freeBytes } = await driver.capacity({ signal: context.signal })
  const full = roomProblem({ name: storage.name, freeBytes, usedBytes: storage.used_bytes, budgetBytes: storage.budget_bytes }, estimate)
  if (full !== null) throw full
}

export async function closeTargets(targets: readonly Target[]): Promise<void> {
  await Promise.all(targets.map((target) => target.driver.close()))
}
