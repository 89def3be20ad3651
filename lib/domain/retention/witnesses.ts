import { gatherEvidence, isDoubted, isScheduledTier, isVerified } from './evidence.ts'
import { dayMs } from './periods.ts'
import type { CopyFate, RetentionInput, RetentionPlan } from './types.ts'

export interface Witness {
  copyId: string
  backupId: string
}

/**
 * The copies that a plan leans on where it lets something go: of those that it keeps the newest verified one of each tier and day, the newest
 * of all, and the newest few of the catalogue; and those that tell the time, which may go themselves. With these alone counted (`seen`) it comes
 * out the same: every period is a number of whole days, and what counts for a deletion is kept.
 */
export function witnessesOf(input: RetentionInput, plan: RetentionPlan): Witness[] {
  const going = new Set(plan.copies.filter(goes).map((one) => one.copyId))
  const now = input.now.getTime()
  const evidenceOf = gatherEvidence(input, now)
  const newest = new Map<string, Witness & { at: number }>()
  const witnesses = new Map<string, Witness>()
  for (const backup of input.backups) {
    const at = backup.createdAt.getTime()
    if (backup.tier === 'imported' || at > now || isDoubted(backup)) continue
    for (const copy of backup.copies) {
      if (!isVerified(copy)) continue
      const witness = { copyId: copy.id, backupId: backup.id }
      const { asOf } = evidenceOf(backup.databaseId, copy.storageId)
      const scheduled = isScheduledTier(backup.tier)
      if (asOf.any.from.includes(at) || (scheduled && asOf.scheduled.from.includes(at))) witnesses.set(copy.id, witness)
      if (going.has(copy.id)) continue
      const place = `${backup.databaseId}/${copy.storageId}`
      const keys = scheduled ? [place, `${place}/${backup.tier}/${Math.floor(at / dayMs)}`] : [place]
      for (const key of keys) if (at > (newest.get(key)?.at ?? Number.NEGATIVE_INFINITY)) newest.set(key, { ...witness, at })
    }
  }
  const ofCatalogue = plan.copies.filter((one) => !going.has(one.copyId) && one.reasons.some(({ kind }) => kind === 'catalogue'))
  for (const { copyId, backupId } of [...ofCatalogue, ...newest.values()]) witnesses.set(copyId, { copyId, backupId })
  return [...witnesses.values()]
}

/** Also what only waits for a later run: nothing is held against it. */
function goes({ action, reasons }: CopyFate): boolean {
  return action === 'delete' || reasons.some(({ kind }) => kind === 'cap')
}
