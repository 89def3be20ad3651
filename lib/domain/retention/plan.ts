import { contextsOf } from './context.ts'
import { dayMs } from './periods.ts'
import { begun, type Considered, findReasons, type Reasons } from './reasons.ts'
import type { CopyFate, RetentionInput, RetentionPlan, RetentionReason } from './types.ts'

/**
 * Which copies stay, wait and go: a function of the history and of nothing else. It takes a few hundred milliseconds for 200,000 backups.
 * All that has an age is held against the newest verified backup of its database on its storage (as-of.ts), never against the clock alone: a
 * clock that jumps deletes nothing, and neither does an outage. docs/decisions/026.
 */
export function planRetention(input: RetentionInput): RetentionPlan {
  const contextsOfDatabase = contextsOf(input)
  const copies: CopyFate[] = []
  const going: CopyFate[] = []
  const reasons: Reasons = { keep: [], wait: [], past: [] }
  for (const backup of input.backups) {
    const at = backup.createdAt.getTime()
    const contextOf = contextsOfDatabase(backup.databaseId)
    for (const copy of backup.copies) {
      if (copy.state === 'deleted') continue
      const fate = fateOf({ backup, copy, at, context: contextOf(copy.storageId) }, input.now, reasons)
      copies.push(fate)
      if (fate.action === 'delete') going.push(fate)
    }
  }
  return { at: input.now, copies, deletions: cap(going, input) }
}

/** `reasons` is used again for every copy: three lists of their own for each of 400,000 cost as much as all the rest. */
function fateOf(one: Considered, now: Date, reasons: Reasons): CopyFate {
  reasons.keep.length = 0
  reasons.wait.length = 0
  reasons.past = []
  findReasons(one, reasons)
  const { keep, wait, past } = reasons
  if (keep.length > 0) {
    const all = [...keep, ...wait]
    if (all.length > 1) all.sort((a, b) => weight(b) - weight(a))
    const longest = weight(all[0])
    return fate(one, 'keep', all, longest > one.context.now && Number.isFinite(longest) ? new Date(longest) : null)
  }
  if (wait.length > 0) {
    const until = Math.max(...wait.map((reason) => (reason.kind === 'pending_rule' ? reason.from.getTime() : weight(reason))))
    return fate(one, 'wait', [...wait, ...past], until > one.context.now ? new Date(until) : null)
  }
  // every way here has found a newer verified one; this is the belt
  if (past !== begun && !(one.context.asOf.any > one.at)) return fate(one, 'keep', [{ kind: 'nothing_newer', tier: null }], null)
  return fate(one, 'delete', past, now)
}

function fate({ backup, copy }: Considered, action: CopyFate['action'], reasons: readonly RetentionReason[], until: Date | null): CopyFate {
  return {
    copyId: copy.id,
    backupId: backup.id,
    databaseId: backup.databaseId,
    storageId: copy.storageId,
    tier: backup.tier,
    createdAt: backup.createdAt,
    state: copy.state,
    storedBytes: copy.storedBytes,
    action,
    reasons,
    until,
  }
}

/** How long a reason holds, in milliseconds; for ever: infinite. */
function weight(reason: RetentionReason | undefined): number {
  if (reason === undefined) return 0
  if ('until' in reason) return reason.until.getTime()
  return inTheCourseOfThings.has(reason.kind) ? 0 : Number.POSITIVE_INFINITY
}

/** What ends by itself once newer backups come, and what shortens. */
const inTheCourseOfThings = new Set<RetentionReason['kind']>(['last_verified', 'nothing_newer', 'catalogue', 'pending_rule'])

/** Deletions that were begun come first, then the oldest; what is too many for one run waits for the daily ones after it. */
function cap(going: CopyFate[], { now, settings: { deletionsPerRun } }: RetentionInput): CopyFate[] {
  const order = (one: CopyFate): number => (one.state === 'delete_pending' ? 0 : 1)
  going.sort((a, b) => order(a) - order(b) || a.createdAt.getTime() - b.createdAt.getTime())
  if (going.length <= deletionsPerRun) return going
  const capped = new Map<readonly RetentionReason[], readonly RetentionReason[]>()
  let until = now
  for (const [index, one] of going.entries()) {
    if (index < deletionsPerRun) continue
    if (index % deletionsPerRun === 0) until = new Date(now.getTime() + (index / deletionsPerRun) * dayMs)
    let reasons = capped.get(one.reasons)
    if (reasons === undefined) capped.set(one.reasons, (reasons = [{ kind: 'cap', limit: deletionsPerRun }, ...one.reasons]))
    one.action = 'wait'
    one.reasons = reasons
    one.until = until
  }
  return going.slice(0, deletionsPerRun)
}
