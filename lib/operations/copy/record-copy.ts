import type { BackupRow } from '#lib/catalog/backups.ts'
import { lockCopyOn } from '#lib/catalog/copies-to-make.ts'
import { type CopyRow, insertCopy, updateCopy, updateCopyWhile } from '#lib/catalog/copies.ts'
import { recordVersions } from '#lib/catalog/copy-versions.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { noteUsage } from '#lib/catalog/storage-usage.ts'
import { noteSeen } from '#lib/catalog/storages.ts'
import { nextCopyTry } from '#lib/domain/copy-retry.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import type { CopiedBackup } from '../run/copy-backup.ts'
import type { RunContext } from '../run-context.ts'

export interface BegunCopy {
  copy: CopyRow
  /** as it stood before; null: there was none */
  before: CopyRow | null
  /** there: it can be read already. repair: a bad one is made good, and is bad until it is. new: nothing that counts lies there */
  what: 'there' | 'repair' | 'new'
}

/** The row exists before the first byte is written, so that what a killed attempt left is known. Throws `conflict` where it is being deleted. */
export async function beginCopy(context: RunContext, backup: BackupRow, storageId: string): Promise<BegunCopy> {
  await context.assertCurrent()
  return context.catalog.transaction().execute(async (trx) => {
    const before = await lockCopyOn(trx, backup.id, storageId)
    if (before === null) {
      const copy = await insertCopy(trx, { backup_id: backup.id, storage_id: storageId, state: 'storing' })
      return { copy, before, what: 'new' }
    }
    if (before.state === 'delete_pending')
      throw new LifeboatError('conflict', 'The copy there is being deleted.', 'Wait until it is gone, then copy again.')
    if ((readableCopyStates as readonly string[]).includes(before.state)) return { copy: before, before, what: 'there' }
    if (before.state === 'corrupt' || before.state === 'missing') return { copy: before, before, what: 'repair' }
    const fresh = { tombstoned_at: null, tombstone: null, retained_until: null, lock_mode: null, verified_at: null }
    const copy = await updateCopy(trx, before.id, { ...fresh, state: 'storing', problem: null })
    return { copy: copy ?? before, before, what: 'new' }
  })
}

/** The manifest is there: the copy exists, and the catalogue says so in one transaction. */
export async function recordCopied(context: RunContext, begun: BegunCopy, copied: CopiedBackup): Promise<void> {
  await context.assertCurrent()
  await context.catalog.transaction().execute(async (trx) => {
    await updateCopy(trx, begun.copy.id, {
      state: 'stored',
      stored_bytes: copied.bytes,
      stored_at: await catalogueNow(trx),
      verified_at: null,
      problem: null,
      tries: 0,
      next_try_at: null,
      key_ids: copied.keyIds,
    })
    await recordVersions(trx, begun.copy.id, copied.versions)
    if (begun.what === 'new') {
      await trx
        .updateTable('storages')
        .set((eb) => ({ used_bytes: eb(eb.fn.coalesce('used_bytes', eb.lit(0)), '+', copied.bytes) }))
        .where('id', '=', begun.copy.storage_id)
        .execute()
      await noteUsage(trx, begun.copy.storage_id)
    }
    await noteSeen(trx, begun.copy.storage_id, 'stored')
  })
}

/**
 * It was not made: a repair leaves the copy as bad as it was, an offline medium that went away leaves it waiting, and what somebody cancelled
 * is as if it had never been asked for. Anything else has failed, and is tried again later.
 */
export async function recordNotCopied(context: RunContext, begun: BegunCopy, problem: LifeboatError, waits: boolean): Promise<void> {
  const { copy, before, what } = begun
  if (what === 'there') return
  const now = await catalogueNow(context.catalog)
  if (what === 'repair')
    return void (await updateCopyWhile(context.catalog, copy.id, ['corrupt', 'missing'], {
      problem: `${copy.problem ?? ''} Not repaired: ${problem.message}`.trim(),
    }))
  if (problem.code === 'cancelled' && before === null) {
    await context.catalog.deleteFrom('copies').where('id', '=', copy.id).where('state', '=', 'storing').execute()
    return
  }
  await updateCopyWhile(context.catalog, copy.id, ['storing'], {
    state: before?.state === 'deleted' ? 'deleted' : waits ? 'waiting' : 'failed',
    problem: problem.message,
    next_try_at: nextTry(copy, { now, cancelled: problem.code === 'cancelled' }),
  })
}

/** What somebody cancelled is left alone for a day; whoever enqueued it by itself has noted the next try already. */
function nextTry(copy: CopyRow, { now, cancelled }: { now: Date; cancelled: boolean }): Date {
  if (cancelled) return nextCopyTry(Number.POSITIVE_INFINITY, now)
  return copy.next_try_at !== null && copy.next_try_at > now ? copy.next_try_at : nextCopyTry(copy.tries, now)
}
