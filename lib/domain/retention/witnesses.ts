import { isDoubted, isScheduledTier, isVerified } from './evidence.ts'
import { dayMs } from './periods.ts'
import type { CopyFate, RetentionInput, RetentionPlan } from './types.ts'

export interface Witness {
  copyId: string
  backupId: string
}

/**
 * The copies that a plan leans on where it lets something go: of those that it keeps the newest verified one of each tier and day, the newest
 * of all, and the newest few of the catalogue. With these alone counted (`seen`) it comes out the same: every period is a number of whole
 * days, and what counts for a deletion is kept.
 */
export function witnessesOf({ backups, now }: RetentionInput, plan: RetentionPlan): Witness[] {
  const going = new Set(plan.copies.filter(goes).map((one) => one.copyId))
  const newest = new Map<string, Witness & { at: number }>()
  for (const backup of backups) {
    const at = backup.createdAt.getTime()
    if (backup.tier === 'imported' || at > now.getTime() || isDoubted(backup)) continue
    for (const copy of backup.copies) {
      if (!isVerified(copy) || going.has(copy.id)) continue
      const place = `${backup.databaseId}/${copy.storageId}`
      const keys = isScheduledTier(backup.tier) ? [place, `${place}/${backup.tier}/${Math.floor(at / dayMs)}`] : [place]
      for (const key of keys)
        if (at > (newest.get(key)?.at ?? Number.NEGATIVE_INFINITY)) newest.set(key, { copyId: copy.id, backupId: backup.id, at })
    }
  }
  const ofCatalogue = plan.copies.filter((one) => !going.has(one.copyId) && one.reasons.some(({ kind }) => kind === 'catalogue'))
  const each = new Map([...ofCatalogue, ...newest.values()].map(({ copyId, backupId }) => [copyId, { copyId, backupId }]))
  return [...each.values()]
}

/** Also what only waits for a later run: nothing is held against it. */
function goes({ action, reasons }: CopyFate): boolean {
  return action === 'delete' || reasons.some(({ kind }) => kind === 'cap')
}
