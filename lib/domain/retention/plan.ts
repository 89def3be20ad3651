import { type Evidence, gatherEvidence } from './evidence.ts'
import { type Considered, reasonsToKeep } from './reasons.ts'
import { ruleFinder } from './rules.ts'
import { dayMs } from './periods.ts'
import type { CopyFate, RetentionInput, RetentionPlan, RetentionReason } from './types.ts'

/**
 * Which copies stay, wait and go: a function of the history and of nothing else. It takes a few hundred milliseconds for 200,000 backups.
 * All that has an age is held against the newest verified backup of its database on its storage, never against the clock alone: a clock that
 * jumps deletes nothing, and neither does an outage. docs/decisions/026.
 */
export function planRetention(input: RetentionInput): RetentionPlan {
  const now = input.now.getTime()
  const evidence = gatherEvidence(input.backups, now)
  const databases = new Map(input.databases.map((one) => [one.id, one]))
  const dutiesByTag = Map.groupBy(input.duties, (duty) => duty.tag)
  const about = {
    now,
    settings: input.settings,
    findRule: ruleFinder(input.rules),
    dutiesOf: (databaseId: string) => (databases.get(databaseId)?.tags ?? []).flatMap((tag) => dutiesByTag.get(tag) ?? []),
    isCatalogue: (databaseId: string) => databases.get(databaseId)?.isCatalogue ?? false,
  }
  const copies: CopyFate[] = []
  const going: CopyFate[] = []
  for (const backup of input.backups) {
    for (const copy of backup.copies) {
      if (copy.state === 'deleted') continue
      const fate = fateOf({ backup, copy, evidence: evidence(backup.databaseId, copy.storageId), about })
      copies.push(fate)
      if (fate.action === 'delete') going.push(fate)
    }
  }
  return { at: input.now, copies, deletions: cap(going, input) }
}

function fateOf(one: Considered): CopyFate {
  const { backup, copy, about } = one
  const fate = (action: CopyFate['action'], reasons: RetentionReason[], until: number | null): CopyFate => ({
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
    until: until === null ? null : new Date(until),
  })
  const { keep, wait, past } = reasonsToKeep(one)
  if (keep.length > 0) {
    const reasons = [...keep, ...wait].sort((a, b) => weight(b) - weight(a))
    const longest = weight(reasons[0])
    return fate('keep', reasons, longest > about.now && Number.isFinite(longest) ? longest : null)
  }
  if (wait.length > 0) {
    const until = Math.max(...wait.map((reason) => (reason.kind === 'pending_rule' ? reason.from.getTime() : weight(reason))))
    return fate('wait', [...wait, ...past], until > about.now ? until : null)
  }
  // every way here has found a newer verified one; this is the belt
  if (!hasNewer(one.evidence, backup.createdAt.getTime()) && copy.state !== 'delete_pending') {
    return fate('keep', [{ kind: 'nothing_newer', tier: null }], null)
  }
  return fate('delete', past, about.now)
}

function hasNewer({ newest }: Evidence, at: number): boolean {
  return newest !== null && newest.at > at
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
  const order = (fate: CopyFate): number => (fate.state === 'delete_pending' ? 0 : 1)
  going.sort((a, b) => order(a) - order(b) || a.createdAt.getTime() - b.createdAt.getTime())
  if (going.length <= deletionsPerRun) return going
  for (const [index, fate] of going.entries()) {
    if (index < deletionsPerRun) continue
    fate.action = 'wait'
    fate.reasons = [{ kind: 'cap', limit: deletionsPerRun }, ...fate.reasons]
    fate.until = new Date(now.getTime() + Math.floor(index / deletionsPerRun) * dayMs)
  }
  return going.slice(0, deletionsPerRun)
}
