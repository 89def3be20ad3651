import { type CopyRow, insertVerification, updateCopy } from '#lib/catalog/copies.ts'
import { copyVersions, recordVersions } from '#lib/catalog/copy-versions.ts'
import { noteSeen } from '#lib/catalog/storages.ts'
import type { CopyState, Verdict } from '#lib/domain/states.ts'
import type { RunContext } from '../run-context.ts'
import type { CopyLock } from './read-lock.ts'
import type { CopyVerdict } from './verify-copy.ts'

/**
 * What a verdict makes of a copy. Unrecoverable says something about the key and nothing about the bytes: a copy that was verified is
 * merely stored until a key opens it again, because what cannot be opened is not known to be good.
 */
const stateAfter = { valid: 'verified', corrupt: 'corrupt', missing: 'missing', unrecoverable: null } satisfies Record<Verdict, CopyState | null>

/** Writes what a reading of the whole copy found, and `lock`, where the storage was asked for that. */
export async function recordVerdict(context: RunContext, copy: CopyRow, verdict: CopyVerdict, lock: CopyLock | null = null): Promise<void> {
  await context.assertCurrent()
  const state = stateAfter[verdict.verdict] ?? (copy.state === 'verified' ? 'stored' : null)
  const problem = verdict.entries[0] ? `${verdict.entries[0].name}: ${verdict.entries[0].problem}` : null
  await context.catalog.transaction().execute(async (trx) => {
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
      ...(state === 'verified' ? { verified_at: new Date() } : {}),
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
