import { z } from 'zod'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { TransactionStatus } from '#lib/engine/postgres/transaction-status.ts'
import type { Loss } from '../compare.ts'
import { emptyResult, type RestoreResult } from '../report.ts'

/** What stands in operations.result from before the first write on: enough to ask the server what became of it. */
export const begunInPlace = z.object({
  restore: z.object({ safetyBackupId: z.string().nullable(), transactionId: z.string(), databaseOid: z.number() }),
})

export interface InPlaceResult extends RestoreResult {
  /** the database as it was before; null only where nothing was begun */
  safetyBackupId: string | null
  /** of the one transaction that writes, as txid_status takes it, and of its database */
  transactionId?: string
  databaseOid?: number
}

/** What a restore came to that ended before it could compare: known from what its transaction came to, never guessed. */
export function outcomeOf(
  status: TransactionStatus | 'database gone',
  known: { targetDbname: string; safetyBackupId: string | null; transactionId: string; why: LifeboatError },
): { error: LifeboatError; restore: InPlaceResult } {
  const { why, safetyBackupId, transactionId } = known
  const restore: InPlaceResult = { ...emptyResult(known), safetyBackupId, transactionId }
  const safety = safetyBackupId === null ? '' : ` The safety backup ${safetyBackupId} holds the database as it was before.`
  switch (status) {
    case 'aborted':
      return {
        error: new LifeboatError(
          why.code,
          why.message,
          `${known.targetDbname} is as it was before: the whole transaction was rolled back. Start it again.`,
        ),
        restore: { ...restore, outcome: 'failed' },
      }
    case 'committed':
      return {
        error: new LifeboatError(
          why.code,
          `${why.message} The restore itself was complete and committed; the comparison is missing.`,
          `${known.targetDbname} holds what the backup holds. Restore again to have it compared, or look at it.${safety}`,
        ),
        restore: { ...restore, outcome: 'completed_with_losses', losses: [notCompared] },
      }
    case 'database gone':
      return {
        error: new LifeboatError(
          why.code,
          `${known.targetDbname} is not there any more: somebody dropped it during the restore.`,
          `What the restore had done went with it. Restore into a new database.${safety}`,
        ),
        restore: { ...restore, outcome: 'failed' },
      }
    case 'in progress':
    case null:
      return {
        error: new LifeboatError(
          'indeterminate',
          `${why.message} Whether its transaction was committed could not be found out.`,
          `${known.targetDbname} is either as it was or as in the backup, never between: look at it.${safety}`,
        ),
        restore: { ...restore, outcome: 'indeterminate' },
      }
  }
}

const notCompared: Loss = { object: 'the comparison', cause: 'The restore was committed, and broke off before it was compared with the backup.' }
