import { addKeep, dayMs, periodOf, periodStart } from './periods.ts'
import type { Keep, ScheduledTier } from '../keep.ts'
import { catalogueBackups, countedPeriods, type Evidence, isDoubted, isScheduledTier, isStored, isVerified, newerPeriods } from './evidence.ts'
import type { RuleInForce, RulePlace } from './rules.ts'
import type { RetentionBackup, RetentionCopy, RetentionDuty, RetentionReason, RetentionSettings } from './types.ts'

/** One copy and all that decides about it. `about` is the same for every copy of a plan. */
export interface Considered {
  backup: RetentionBackup
  copy: RetentionCopy
  evidence: Evidence
  about: {
    now: number
    settings: RetentionSettings
    findRule: (place: RulePlace, at: number) => RuleInForce | null
    dutiesOf: (databaseId: string) => readonly RetentionDuty[]
    isCatalogue: (databaseId: string) => boolean
  }
}

/** keep: each of them alone keeps it. wait: it would go, but for these. past: why it goes where neither is there. */
export interface Reasons {
  keep: RetentionReason[]
  wait: RetentionReason[]
  past: RetentionReason[]
}

export function reasonsToKeep(one: Considered): Reasons {
  const { backup, copy, evidence, about } = one
  const reasons: Reasons = { keep: [], wait: [], past: [] }
  for (const hold of backup.holds) reasons.keep.push({ kind: 'hold', hold: hold.kind, reason: hold.reason })
  if (copy.state === 'delete_pending') reasons.past.push({ kind: 'begun' })
  else if (backup.createdAt.getTime() > about.now) reasons.keep.push({ kind: 'from_the_future', createdAt: backup.createdAt })
  else if (!isStored(copy.state)) reasons.keep.push({ kind: 'not_stored', state: copy.state })
  else if (backup.tier === 'manual' || backup.tier === 'imported') reasons.keep.push({ kind: backup.tier })
  else {
    if (isVerified(copy) && (evidence.newest?.backupId === backup.id || evidence.newestScheduled?.backupId === backup.id))
      reasons.keep.push({ kind: 'last_verified' })
    // what is held against the age: how far verified backups have gone on, by no clock
    const asOf = (isScheduledTier(backup.tier) ? evidence.newestScheduled : evidence.newest)?.at ?? Number.NEGATIVE_INFINITY
    if (isScheduledTier(backup.tier)) byRule(one, backup.tier, asOf, reasons)
    else bySafety(one, asOf, reasons)
    byDoubt(one, asOf, reasons)
    byLock(one, asOf, reasons)
  }
  if (copy.state === 'delete_pending') byLock(one, about.now, reasons)
  return reasons
}

/** Kept until then. By the clock it may be over, and still nothing newer has come: then that is what keeps it. */
function keepUntil(reasons: Reasons, { until, now, asOf }: { until: number; now: number; asOf: number }, reason: RetentionReason): boolean {
  if (until <= asOf) return false
  if (until > now) reasons.keep.push(reason)
  else nothingNewer(reasons.keep, null)
  return true
}

function nothingNewer(into: RetentionReason[], tier: ScheduledTier | null): void {
  if (!into.some(({ kind }) => kind === 'nothing_newer')) into.push({ kind: 'nothing_newer', tier })
}

function byRule({ backup, copy, evidence, about }: Considered, tier: ScheduledTier, asOf: number, reasons: Reasons): void {
  const at = backup.createdAt.getTime()
  const { now } = about
  for (const duty of about.dutiesOf(backup.databaseId)) {
    if (duty.tier !== tier || (duty.endsAt !== null && duty.endsAt.getTime() <= asOf)) continue
    const until = addKeep(at, duty.keep)
    keepUntil(reasons, { until, now, asOf }, { kind: 'duty', name: duty.name, tier, keep: duty.keep, until: new Date(until) })
  }
  if (about.isCatalogue(backup.databaseId) && isVerified(copy) && !isDoubted(backup) && isAmongNewest(evidence.counting[tier], at))
    reasons.keep.push({ kind: 'catalogue' })
  const rule = about.findRule({ databaseId: backup.databaseId, storageId: copy.storageId, tier }, asOf)
  if (rule === null) {
    reasons.keep.push({ kind: 'no_rule', tier })
    return
  }
  const place = { tier, at, evidence, now, asOf }
  const until = ruleUntil(rule.keep, place)
  if (rule.pending !== null) byBoth({ ...rule, pending: rule.pending }, { until, place }, reasons)
  else if (until !== null) untilThen(rule.keep, { until, place }, reasons)
  else reasons.past.push({ kind: 'past_rule', tier, keep: rule.keep, since: new Date(addKeep(at, rule.keep)) })
}

function untilThen(keep: Keep, { until, place: { tier, now } }: { until: number; place: Place }, reasons: Reasons): void {
  if (until > now) reasons.keep.push({ kind: 'rule', tier, keep, until: new Date(until) })
  else nothingNewer(reasons.keep, tier)
}

/** Before a changed rule acts, what either of the two keeps is kept; from its day on only what it keeps itself. */
function byBoth(
  { keep, pending }: { keep: Keep; pending: { keep: Keep | null; from: Date } },
  { until, place }: { until: number | null; place: Place },
  reasons: Reasons,
): void {
  const { tier, at, now } = place
  const next = pending.keep === null ? Number.POSITIVE_INFINITY : ruleUntil(pending.keep, place)
  const from = pending.from.getTime()
  if (until === null && next === null) reasons.past.push({ kind: 'past_rule', tier, keep, since: new Date(addKeep(at, keep)) })
  else if (next !== null && next >= (until ?? 0)) {
    if (pending.keep === null) reasons.keep.push({ kind: 'no_rule', tier })
    else untilThen(pending.keep, { until: next, place }, reasons)
  } else if (until !== null && from >= until) untilThen(keep, { until, place }, reasons)
  else {
    const ends = Math.max(next ?? 0, from)
    // under the next rule it goes at once
    if (next !== null) untilThen(keep, { until: ends, place }, reasons)
    if (from > now) reasons.wait.push({ kind: 'pending_rule', tier, keep: pending.keep, from: pending.from })
    else nothingNewer(reasons.wait, tier)
  }
}

interface Place {
  tier: ScheduledTier
  at: number
  evidence: Evidence
  now: number
  asOf: number
}

/**
 * Until when a rule keeps it if backups go on in every period, in milliseconds: both its age and its place among the periods that hold a
 * backup must be past. null: both are. At or before `now`: the next verified backup ends it.
 */
function ruleUntil(keep: Keep, { tier, at, evidence, now, asOf }: Place): number | null {
  const byAge = addKeep(at, keep)
  const periods = countedPeriods(evidence, tier, keep.unit)
  const newer = newerPeriods(periods, periodOf(keep.unit, at))
  if (newer >= keep.count) return byAge > asOf ? byAge : null
  const next = Math.max((periods[0] ?? periodOf(keep.unit, at)) + 1, periodOf(keep.unit, now))
  return Math.max(byAge, periodStart(keep.unit, next + keep.count - newer - 1))
}

function bySafety({ backup, about }: Considered, asOf: number, reasons: Reasons): void {
  const { safetyDays } = about.settings
  const until = Math.max(backup.createdAt.getTime() + safetyDays * dayMs, backup.undoUntil?.getTime() ?? 0)
  if (!keepUntil(reasons, { until, now: about.now, asOf }, { kind: 'safety', until: new Date(until) }))
    reasons.past.push({ kind: 'past_safety', days: safetyDays, since: new Date(until) })
}

/** What does not count is not deleted either, until somebody looked or a long time passed. */
function byDoubt({ backup, copy, about }: Considered, asOf: number, reasons: Reasons): void {
  const until = backup.createdAt.getTime() + about.settings.unlookedDays * dayMs
  const times = { until, now: about.now, asOf }
  if (backup.suspicious && backup.looked === null) keepUntil(reasons, times, { kind: 'not_looked_at', until: new Date(until) })
  if (!isVerified(copy)) keepUntil(reasons, times, { kind: 'unverified', until: new Date(until) })
}

/** Also the end of a lock is no matter of the clock alone: where it jumped, a deletion would be asked for that the storage refuses. */
function byLock({ copy, about }: Considered, asOf: number, reasons: Reasons): void {
  const until = copy.retainedUntil
  if (until === null || until.getTime() <= asOf) return
  if (until.getTime() > about.now) reasons.wait.push({ kind: 'locked', until })
  else nothingNewer(reasons.wait, null)
}

/** Times newest first. */
function isAmongNewest(times: readonly number[], at: number): boolean {
  return times.length <= catalogueBackups || at >= (times[catalogueBackups - 1] ?? 0)
}
