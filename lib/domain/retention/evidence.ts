import { type KeepUnit, type ScheduledTier, scheduledTiers } from '../keep.ts'
import type { CopyState, Tier } from '../states.ts'
import { type AsOf, tellTime } from './as-of.ts'
import { periodOf } from './periods.ts'
import type { RetentionBackup, RetentionCopy, RetentionInput } from './types.ts'

/** So many of the newest backups of the catalogue stay whatever a rule says: it knows all the others. */
export const catalogueBackups = 7

/**
 * What a database's verified backups on one storage prove: how far time has gone on by backups and not by a clock, and which periods hold one.
 * Times are milliseconds, the newest first.
 */
export interface Evidence {
  /** of tiers that schedules make; what came after a step in time that nothing confirms yet is left out */
  counting: Record<ScheduledTier, number[]>
  /** of the other tiers but imported */
  others: number[]
  /** how far time has gone on by backups of tiers that schedules make, and by any but imported */
  asOf: { scheduled: AsOf; any: AsOf }
  /** all that were read back, of any tier but imported; `newest` is the one that is never deleted */
  newest: { at: number; backupId: string } | null
  newestScheduled: { at: number; backupId: string } | null
  periods: Map<string, number[]>
}

export function isScheduledTier(tier: Tier): tier is ScheduledTier {
  return (scheduledTiers as readonly Tier[]).includes(tier)
}

/** Read back whole at least once, and readable as far as anyone knows. */
export function isVerified({ state, verifiedAt }: Pick<RetentionCopy, 'state' | 'verifiedAt'>): boolean {
  return state === 'verified' || (state === 'retained' && verifiedAt !== null)
}

/** Suspicious, and no person found it fine. */
export function isDoubted({ suspicious, looked }: Pick<RetentionBackup, 'suspicious' | 'looked'>): boolean {
  return suspicious && looked !== 'fine'
}

const nothingThere = new Set<CopyState>(['waiting', 'storing', 'failed'])

/** There is something to delete, or may be. */
export function isStored(state: CopyState): boolean {
  return !nothingThere.has(state)
}

/** In one pass, by database and storage. A backup from the future is no evidence of anything but of a wrong clock. */
export function gatherEvidence(
  { backups, seen }: Pick<RetentionInput, 'backups' | 'seen'>,
  now: number,
): (databaseId: string, storageId: string) => Evidence {
  const found = new Map<string, Map<string, Evidence>>()
  for (const backup of backups) {
    const at = backup.createdAt.getTime()
    if (backup.tier === 'imported' || at > now || isDoubted(backup)) continue
    for (const copy of backup.copies)
      if (isVerified(copy) && (seen === undefined || seen.has(copy.id))) note(evidenceOf(found, backup.databaseId, copy.storageId), backup, at)
  }
  for (const storages of found.values()) for (const evidence of storages.values()) settle(evidence)
  return (databaseId, storageId) => evidenceOf(found, databaseId, storageId)
}

function note(evidence: Evidence, { id, tier }: RetentionBackup, at: number): void {
  if (evidence.newest === null || at > evidence.newest.at) evidence.newest = { at, backupId: id }
  if (!isScheduledTier(tier)) {
    evidence.others.push(at)
    return
  }
  evidence.counting[tier].push(at)
  if (evidence.newestScheduled === null || at > evidence.newestScheduled.at) evidence.newestScheduled = { at, backupId: id }
}

/** Once everything is noted. */
function settle(evidence: Evidence): void {
  const { counting, others } = evidence
  const scheduled = scheduledTiers.map((tier) => counting[tier])
  for (const times of [...scheduled, others]) times.sort((a, b) => b - a)
  evidence.asOf = { scheduled: tellTime(...scheduled), any: tellTime(...scheduled, others) }
  const { leapt, at } = evidence.asOf.scheduled
  if (leapt) for (const tier of scheduledTiers) counting[tier] = counting[tier].filter((time) => time <= at)
}

function evidenceOf(found: Map<string, Map<string, Evidence>>, databaseId: string, storageId: string): Evidence {
  let storages = found.get(databaseId)
  if (storages === undefined) found.set(databaseId, (storages = new Map()))
  let evidence = storages.get(storageId)
  if (evidence === undefined)
    storages.set(
      storageId,
      (evidence = {
        counting: { daily: [], weekly: [], monthly: [] },
        others: [],
        asOf: { scheduled: tellTime(), any: tellTime() },
        newest: null,
        newestScheduled: null,
        periods: new Map(),
      }),
    )
  return evidence
}

/** The periods of a unit that hold a counting backup of the tier, the newest first, each once. */
export function countedPeriods(evidence: Evidence, tier: ScheduledTier, unit: KeepUnit): number[] {
  const key = `${tier}/${unit}`
  const known = evidence.periods.get(key)
  if (known !== undefined) return known
  const periods: number[] = []
  for (const at of evidence.counting[tier]) {
    const period = periodOf(unit, at)
    if (periods.at(-1) !== period) periods.push(period)
  }
  evidence.periods.set(key, periods)
  return periods
}

/** How many of the periods, newest first, are newer than this one. */
export function newerPeriods(periods: readonly number[], period: number): number {
  let low = 0
  let high = periods.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((periods[middle] ?? 0) > period) low = middle + 1
    else high = middle
  }
  return low
}
