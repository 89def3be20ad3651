import { sql } from 'kysely'
import type { BackupRow } from '#lib/catalog/backups.ts'
import { type CopyRow, getCopy } from '#lib/catalog/copies.ts'
import { copyVersions } from '#lib/catalog/copy-versions.ts'
import { isHeld } from '#lib/catalog/holds.ts'
import { keptOf } from '#lib/catalog/views/kept.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { deleteCopy } from '../run/delete-copy.ts'
import { readLock } from '../run/read-lock.ts'
import { recordVerdict } from '../run/record-verdict.ts'
import { storageFor } from '../run/storage-for.ts'
import { verifyCopy } from '../run/verify-copy.ts'
import type { RunContext } from '../run-context.ts'

/**
 * The second half of a move: the new copy is read back whole, and only then the old one goes. Whatever speaks against it (a bad byte, a hold,
 * a lock) leaves both, and is told. true: the old one is gone.
 */
export async function finishMove(
  context: RunContext,
  options: { backup: BackupRow; fromCopyId: string; made: CopyRow; target: StorageDriver; targetName: string },
): Promise<{ moved: boolean; verified: boolean; findings: Finding[] }> {
  const { backup, fromCopyId, made, target, targetName } = options
  context.progress({ phase: `reading the copy on ${targetName} back` })
  const place = { path: backup.path, backupId: backup.id, versions: await copyVersions(context.catalog, made.id) }
  const verdict = await verifyCopy(context, target, place, async () => {})
  await recordVerdict(context, made, verdict, await readLock(target, backup.path, context.signal))
  if (verdict.verdict !== 'valid') {
    const message = `The copy on ${targetName} was read back and is ${verdict.verdict}. The one that was to be moved stays.`
    return { moved: false, verified: false, findings: [finding('blocker', 'move_unverified', message, 'Look at that storage, then move it again.')] }
  }
  const from = await getCopy(context.catalog, fromCopyId)
  if (from === null || from.state === 'deleted') return { moved: true, verified: true, findings: [] }
  if (await wouldNotStay(context, { backup, madeId: made.id, fromId: from.id })) {
    const message = `The rules of ${targetName} would let the copy there go, those of the storage it comes from keep it: both stay.`
    return stays('move_short_lived', message, 'Give the target a longer rule, or place a hold, then move it again.')
  }
  const { storage, driver } = await storageFor(context, from.storage_id)
  try {
    context.progress({ phase: `deleting the copy on ${storage.name}` })
    const deletion = await deleteCopy(context, driver, {
      copyId: from.id,
      path: backup.path,
      storageName: storage.name,
      why: `It was moved to ${targetName}.`,
      spare: async (trx) => {
        const held = await trx.selectFrom('backups').select(isHeld.as('held')).where('id', '=', backup.id).executeTakeFirst()
        if (held?.held !== false) return 'A hold keeps every copy of this backup.'
        const now = await trx
          .selectFrom('copies')
          .select(['state', sql<boolean>`true`.as('there')])
          .where('id', '=', made.id)
          .forUpdate()
          .executeTakeFirst()
        return now?.state === 'verified' || now?.state === 'retained' ? null : `The copy on ${targetName} is not verified any more.`
      },
    })
    switch (deletion.outcome) {
      case 'deleted':
        return { moved: true, verified: true, findings: [] }
      case 'spared':
        return stays(
          'move_spared',
          `The copy on ${storage.name} stays: ${deletion.why}`,
          'Release the hold, then move it again. Both copies are whole.',
        )
      case 'retained': {
        const until = deletion.until === null ? '' : ` until ${deletion.until.toISOString().slice(0, 10)}`
        return stays(
          'copy_locked',
          `A lock keeps the copy on ${storage.name}${until}.`,
          'Both copies are whole. Retention deletes it after the lock ended.',
        )
      }
      case 'pending':
        return stays(
          'copy_pending',
          `The copy on ${storage.name} is not deleted yet: ${deletion.problem.message}`,
          'The next prune of that storage goes on with it.',
        )
    }
  } finally {
    await driver.close()
  }
}

/** What is kept where it lies, and would be deleted by rule where it is moved to: each storage has rules of its own. */
async function wouldNotStay(
  context: RunContext,
  { backup, madeId, fromId }: { backup: BackupRow; madeId: string; fromId: string },
): Promise<boolean> {
  const kept = await keptOf(context.catalog, { id: backup.id, databaseId: backup.database_id })
  const goes = (copyId: string) => kept.copies.find((one) => one.copyId === copyId)?.action !== 'keep'
  return goes(madeId) && !goes(fromId)
}

function stays(code: string, message: string, remedy: string) {
  return { moved: false, verified: true, findings: [finding('warning', code, message, remedy)] }
}

function finding(severity: Finding['severity'], code: string, message: string, remedy: string): Finding {
  return { severity, code, message, remedy, overridable: false }
}
