import type { Keep, ScheduledTier } from '../keep.ts'
import type { Context } from './context.ts'
import { catalogueBackups, countedPeriods, isDoubted, isScheduledTier, isStored, isVerified, newerPeriods } from './evidence.ts'
import { addKeep, dayMs, periodOf, periodStart } from './periods.ts'
import type { RuleInForce } from './rules.ts'
import type { RetentionBackup, RetentionCopy, RetentionReason } from './types.ts'

/** One copy and all that decides about it; `at`: when its backup was made, in milliseconds. */
export interface Considered {
  backup: RetentionBackup
  copy: RetentionCopy
  at: number
  context: Context
}

/** keep: each of them alone keeps it. wait: it would go, but for these. past: why it goes where neither is there. */
export interface Reasons {
  keep: RetentionReason[]
  wait: RetentionReason[]
  past: readonly RetentionReason[]
}

export const begun: readonly RetentionReason[] = [{ kind: 'begun' }]

/** Adds to `reasons`, which comes empty. */
export function findReasons(one: Considered, reasons: Reasons): void {
  const { backup, copy, at, context } = one
  for (const hold of backup.holds) reasons.keep.push({ kind: 'hold', hold: hold.kind, reason: hold.reason })
  if (copy.state === 'delete_pending') {
    reasons.past = begun
    byLock(one, context.now, reasons)
  } else if (at > context.now) reasons.keep.push({ kind: 'from_the_future', createdAt: backup.createdAt })
  else if (!isStored(copy.state)) reasons.keep.push({ kind: 'not_stored', state: copy.state })
  else if (backup.tier === 'manual' || backup.tier === 'imported') reasons.keep.push({ kind: backup.tier })
  else {
    const { newest, newestScheduled } = context.evidence
    if (isVerified(copy) && (newest?.backupId === backup.id || newestScheduled?.backupId === backup.id)) reasons.keep.push({ kind: 'last_verified' })
    const scheduled = isScheduledTier(backup.tier)
    const asOf = scheduled ? context.asOf.scheduled : context.asOf.any
    if (scheduled) byTier(one, backup.tier as ScheduledTier, reasons)
    else bySafety(one, asOf, reasons)
    byDoubt(one, asOf, reasons)
    byLock(one, asOf, reasons)
  }
}

/** Kept until then. By the clock it may be over, and still nothing newer has come: then that is what keeps it. */
function keepUntil(reasons: Reasons, until: number, { now, asOf }: { now: number; asOf: number }, reason: (until: Date) => RetentionReason): boolean {
  if (until <= asOf) return false
  if (until > now) reasons.keep.push(reason(new Date(until)))
  else nothingNewer(reasons.keep, null)
  return true
}

function nothingNewer(into: RetentionReason[], tier: ScheduledTier | null): void {
  if (!into.some(({ kind }) => kind === 'nothing_newer')) into.push({ kind: 'nothing_newer', tier })
}

function byTier({ backup, copy, at, context }: Considered, tier: ScheduledTier, reasons: Reasons): void {
  const { rule, duties, past } = context.tiers[tier]
  for (const { name, keep } of duties) {
    const times = { now: context.now, asOf: context.asOf.scheduled }
    keepUntil(reasons, addKeep(at, keep), times, (until) => ({ kind: 'duty', name, tier, keep, until }))
  }
  if (context.isCatalogue && isVerified(copy) && !isDoubted(backup) && isAmongNewest(context.evidence.counting[tier], at))
    reasons.keep.push({ kind: 'catalogue' })
  if (rule === null) {
    reasons.keep.push({ kind: 'no_rule', tier })
    return
  }
  const until = ruleUntil(rule.keep, tier, at, context)
  if (rule.pending !== null) byBoth({ ...rule, pending: rule.pending, past }, { tier, at, context, until }, reasons)
  else if (until !== null) untilThen(rule.keep, { tier, now: context.now, until }, reasons)
  else reasons.past = past
}

function untilThen(keep: Keep, { tier, now, until }: { tier: ScheduledTier; now: number; until: number }, reasons: Reasons): void {
  if (until > now) reasons.keep.push({ kind: 'rule', tier, keep, until: new Date(until) })
  else nothingNewer(reasons.keep, tier)
}

/** Before a changed rule acts, what either of the two keeps is kept; from its day on only what it keeps itself. */
function byBoth(
  { keep, pending, past }: { keep: Keep; pending: NonNullable<RuleInForce['pending']>; past: readonly RetentionReason[] },
  { tier, at, context, until }: { tier: ScheduledTier; at: number; context: Context; until: number | null },
  reasons: Reasons,
): void {
  const { now } = context
  const next = pending.keep === null ? Number.POSITIVE_INFINITY : ruleUntil(pending.keep, tier, at, context)
  const from = pending.from.getTime()
  if (until === null && next === null) reasons.past = past
  else if (next !== null && next >= (until ?? 0)) {
    if (pending.keep === null) reasons.keep.push({ kind: 'no_rule', tier })
    else untilThen(pending.keep, { tier, now, until: next }, reasons)
  } else if (until !== null && from >= until) untilThen(keep, { tier, now, until }, reasons)
  else {
    // where the next rule lets it go at once, only its day stands in the way
    if (next !== null) untilThen(keep, { tier, now, until: Math.max(next, from) }, reasons)
    if (from > now) reasons.wait.push({ kind: 'pending_rule', tier, keep: pending.keep, from: pending.from })
    else nothingNewer(reasons.wait, tier)
  }
}

/**
 * Until when a rule keeps it if backups go on in every period, in milliseconds: both its age and its place among the periods that hold a
 * backup must be past. null: both are. At or before `now`: the next verified backup ends it.
 */
function ruleUntil(keep: Keep, tier: ScheduledTier, at: number, { evidence, now, asOf }: Context): number | null {
  const byAge = addKeep(at, keep)
  const periods = countedPeriods(evidence, tier, keep.unit)
  const period = periodOf(keep.unit, at)
  const newer = newerPeriods(periods, period)
  if (newer >= keep.count) return byAge > asOf.scheduled ? byAge : null
  const next = Math.max((periods[0] ?? period) + 1, periodOf(keep.unit, now))
  return Math.max(byAge, periodStart(keep.unit, next + keep.count - newer - 1))
}

function bySafety({ backup, at, context }: Considered, asOf: number, reasons: Reasons): void {
  const { safetyDays } = context.settings
  const until = Math.max(at + safetyDays * dayMs, backup.undoUntil?.getTime() ?? 0)
  if (!keepUntil(reasons, until, { now: context.now, asOf }, (then) => ({ kind: 'safety', until: then })))
    reasons.past = [{ kind: 'past_safety', days: safetyDays }]
}

/** What does not count is not deleted either, until somebody looked or a long time passed. */
function byDoubt({ backup, copy, at, context }: Considered, asOf: number, reasons: Reasons): void {
  const times = { now: context.now, asOf }
  const until = at + context.settings.unlookedDays * dayMs
  if (backup.suspicious && backup.looked === null) keepUntil(reasons, until, times, (then) => ({ kind: 'not_looked_at', until: then }))
  if (!isVerified(copy)) keepUntil(reasons, until, times, (then) => ({ kind: 'unverified', until: then }))
}

/** Also the end of a lock is no matter of the clock alone: where it jumped, a deletion would be asked for that the storage refuses. */
function byLock({ copy, context }: Considered, asOf: number, reasons: Reasons): void {
  const until = copy.retainedUntil
  if (until === null || until.getTime() <= asOf) return
  if (until.getTime() > context.now) reasons.wait.push({ kind: 'locked', until })
  else nothingNewer(reasons.wait, null)
}

/** Times newest first. */
function isAmongNewest(times: readonly number[], at: number): boolean {
  return at >= (times[catalogueBackups - 1] ?? Number.NEGATIVE_INFINITY)
}
