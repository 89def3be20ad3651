import type { Transaction } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { lockCopy, noteDeleted, noteDeletionProblem, noteRetained, takeBackTombstone, writeTombstone } from '#lib/catalog/copy-deletion.ts'
import { type CopyRow, getCopy } from '#lib/catalog/copies.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { asLifeboatError, type LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import type { RunContext } from '../run-context.ts'
import { whyNotGoOn } from './begun-deletion.ts'
import { adoptHolds, readHoldObject } from './read-hold-object.ts'

/** What became of a copy that was to be deleted. */
export type Deletion =
  /** `hidden`: objects whose bytes the storage keeps as older versions */
  | { outcome: 'deleted'; freedBytes: number; hidden: number }
  /** a lock of the storage forbids it; nothing was taken away */
  | { outcome: 'retained'; until: Date | null }
  /** something speaks against it by now; nothing was taken away */
  | { outcome: 'spared'; why: string }
  /** it was begun and is not done: it is tried again by the next run */
  | { outcome: 'pending'; problem: LifeboatError }

export interface CopyToDelete {
  copyId: string
  /** of the backup, on the storage */
  path: string
  storageName: string
  /** why it goes, as a sentence; it stays in the catalogue */
  why: string
  /** asked under the copy's lock, in the transaction that writes the tombstone: why it must not go after all; null: it may */
  spare(trx: Transaction<Catalog>, copy: CopyRow): Promise<string | null>
}

/**
 * Deletes one copy: the tombstone is committed before anything is touched, then the manifest goes, by which the copy ceases to exist, then its
 * entries, keys and whatever else lies in its directory. Repeating it after a death at any point ends the same way. Never throws for what a
 * storage did, only when the run is aborted: a storage that fails leaves a copy that is still to be deleted, and the row says so.
 */
export async function deleteCopy(context: RunContext, driver: StorageDriver, target: CopyToDelete): Promise<Deletion> {
  const refused = await lookForHolds(context, driver, target)
  if (refused !== null) return { outcome: 'spared', why: refused }
  const begun = await begin(context, driver, target)
  if (typeof begun === 'string') return { outcome: 'spared', why: begun }
  failPoint('delete.tombstoned')
  try {
    return await carryOut(context, driver, target, begun)
  } catch (error) {
    context.signal.throwIfAborted()
    const problem = asLifeboatError(error)
    // whoever is the current attempt goes on with it
    if (problem.code === 'interrupted') throw error
    await noteDeletionProblem(context.catalog, target.copyId, `Its deletion is not done: ${problem.message}`)
    return { outcome: 'pending', problem }
  }
}

/** A hold that lies beside the copy and that the catalogue does not know becomes a row, which then spares it. A text: it could not be asked. */
async function lookForHolds(context: RunContext, driver: StorageDriver, target: CopyToDelete): Promise<string | null> {
  const copy = await getCopy(context.catalog, target.copyId)
  if (copy === null || copy.state === 'delete_pending') return null
  const place = { backupId: copy.backup_id, path: target.path }
  try {
    await adoptHolds(context, place, await readHoldObject(context, driver, place))
    return null
  } catch (error) {
    context.signal.throwIfAborted()
    return `Whether a hold lies beside it could not be asked: ${asLifeboatError(error).message}`
  }
}

/** The copy as it was before; a text: why it stays. */
async function begin(context: RunContext, driver: StorageDriver, target: CopyToDelete): Promise<CopyRow | string> {
  // without a manifest there is no copy any more, and what is left of it goes
  const asBefore = await getCopy(context.catalog, target.copyId)
  const manifest = `${target.path}/manifest`
  const isThere = asBefore?.state !== 'delete_pending' || (await driver.head(manifest, { signal: context.signal }).catch(() => undefined)) !== null
  await context.assertCurrent()
  return context.catalog.transaction().execute(async (trx) => {
    const copy = await lockCopy(trx, target.copyId)
    if (copy === null || copy.state === 'deleted') return 'It is gone already.'
    const spared = await target.spare(trx, copy)
    if (spared !== null) return spared
    if (copy.state === 'delete_pending') return goOn(trx, copy, { target, isThere })
    await writeTombstone(trx, copy.id, { why: target.why, operationId: context.operationId, was: copy.state })
    await audit(trx, copy, target, 'attempted', {})
    return copy
  })
}

/** A deletion that was begun goes on, unless what it leaned on is gone by now and the copy is still there. */
async function goOn(trx: Transaction<Catalog>, copy: CopyRow, { target, isThere }: { target: CopyToDelete; isThere: boolean }) {
  const kept = isThere ? await whyNotGoOn(trx, copy) : null
  if (kept === null) return copy
  await takeBackTombstone(trx, copy)
  await audit(trx, copy, target, 'denied', { kept })
  return kept
}

async function carryOut(context: RunContext, driver: StorageDriver, target: CopyToDelete, copy: CopyRow): Promise<Deletion> {
  const { signal } = context
  await context.assertCurrent()
  const manifest = await driver.purge(`${target.path}/manifest`, { signal })
  if (manifest === 'retained') return retain(context, driver, target, copy)
  let hidden = manifest === 'hidden' ? 1 : 0
  failPoint('delete.manifest_removed')
  const keys: string[] = []
  for await (const object of driver.list(`${target.path}/`, { signal })) keys.push(object.key)
  for (const key of keys) {
    // one that was superseded meanwhile may stand at a place where a new copy is made
    await context.assertCurrent()
    const removal = await driver.purge(key, { signal })
    // the manifest is gone, so there is no copy any more: what a lock keeps of it is tried again after the lock
    if (removal === 'retained') return retainRest(context, driver, target, key)
    if (removal === 'hidden') hidden += 1
    failPoint('delete.entry_removed')
  }
  await driver.sweep(`${target.path}/`, new Date(Date.now() + 60_000), { signal })
  await context.catalog.transaction().execute(async (trx) => {
    await noteDeleted(trx, copy)
    await audit(trx, copy, target, 'done', { freedBytes: copy.stored_bytes, hidden })
  })
  return { outcome: 'deleted', freedBytes: hidden === 0 ? copy.stored_bytes : 0, hidden }
}

async function retain(context: RunContext, driver: StorageDriver, target: CopyToDelete, copy: CopyRow): Promise<Deletion> {
  const until = await lockedUntil(context, driver, `${target.path}/manifest`)
  await context.catalog.transaction().execute(async (trx) => {
    await noteRetained(trx, copy, until)
    await audit(trx, copy, target, 'denied', { retainedUntil: until?.toISOString() ?? null })
  })
  return { outcome: 'retained', until }
}

async function retainRest(context: RunContext, driver: StorageDriver, target: CopyToDelete, key: string): Promise<Deletion> {
  const until = await lockedUntil(context, driver, key)
  await noteDeletionProblem(context.catalog, target.copyId, 'A lock of the storage keeps some of its objects.', until)
  return { outcome: 'retained', until }
}

/** null: the storage does not tell until when. */
async function lockedUntil(context: RunContext, driver: StorageDriver, key: string): Promise<Date | null> {
  return (await driver.lock(key, { signal: context.signal }))?.until ?? null
}

async function audit(
  trx: Transaction<Catalog>,
  copy: CopyRow,
  target: CopyToDelete,
  outcome: 'attempted' | 'done' | 'denied',
  detail: Record<string, unknown>,
): Promise<void> {
  await appendAudit(trx, auditKey(), {
    ...auditActor(systemActor),
    action: 'copy.delete',
    subjectKind: 'backup',
    subjectId: copy.backup_id,
    outcome,
    detail: { copyId: copy.id, storage: target.storageName, path: target.path, why: target.why, ...detail },
  })
}
