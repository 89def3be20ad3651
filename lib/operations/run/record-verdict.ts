import { catalogueNow } from '#lib/catalog/clock.ts'
import { type CopyRow, insertVerification, updateCopy } from '#lib/catalog/copies.ts'
import { lockCopy } from '#lib/catalog/copy-deletion.ts'
import { copyVersions, recordVersions } from '#lib/catalog/copy-versions.ts'
import { noteSeen } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type CopyState, storedOnceCopyStates, type Verdict } from '#lib/domain/states.ts'
import type { RunContext } from '../run-context.ts'
import type { CopyLock } from './read-lock.ts'
import type { CopyVerdict } from './verify-copy.ts'

/**
 * What a verdict makes of a copy. Unrecoverable says something about the key and nothing about the bytes: a copy that was verified is
 * merely stored until a key opens it again, because what cannot be opened is not known to be good.
 */
const stateAfter = { valid: 'verified', corrupt: 'corrupt', missing: 'missing', unrecoverable: null } satisfies Record<Verdict, CopyState | null>

/**
 * Writes what a reading of the whole copy found, and `lock`, where the storage was asked for that. Throws `conflict` where the copy was deleted or
 * made anew while it was read: what was read says nothing of what lies there now.
 */
export async function recordVerdict(context: RunContext, copy: CopyRow, verdict: CopyVerdict, lock: CopyLock | null = null): Promise<void> {
  await context.assertCurrent()
  const problem = verdict.entries[0] ? `${verdict.entries[0].name}: ${verdict.entries[0].problem}` : null
  await context.catalog.transaction().execute(async (trx) => {
    const now = await lockCopy(trx, copy.id)
    if (now === null || !isSameCopy(copy, now)) {
      throw new LifeboatError('conflict', 'It was deleted or made anew while it was read.', 'Verify the backup again to see how it is now.')
    }
    const state = stateAfter[verdict.verdict] ?? (now.state === 'verified' ? 'stored' : null)
    await insertVerification(trx, {
      copy_id: copy.id,
      operation_id: context.operationId,
      verdict: verdict.verdict,
      entries_checked: verdict.entriesChecked,
      bytes_read: verdict.bytesRead,
      bad_entries: JSON.stringify(verdict.entries),
    })
    await updateCopy(trx, copy.id, {
      problem,
      ...(state === null ? {} : { state }),
      ...(state === 'verified' ? { verified_at: await catalogueNow(trx) } : {}),
      ...lock,
    })
    await noteSeen(trx, copy.storage_id, 'read')
    // these very bytes were authenticated; a copy that a rebuild found gets its versions here
    if (verdict.verdict === 'valid') {
      const known = Object.entries((await copyVersions(trx, copy.id)) ?? {})
      // a key object that this machine did not need was not read, and stays known
      const unread = known.filter(([name]) => /^key_\d+$/.test(name))
      await recordVersions(trx, copy.id, { ...Object.fromEntries(unread), ...verdict.versions })
    }
  })
}

function isSameCopy(read: CopyRow, now: CopyRow): boolean {
  return (storedOnceCopyStates as readonly CopyState[]).includes(now.state) && read.stored_at?.getTime() === now.stored_at?.getTime()
}
