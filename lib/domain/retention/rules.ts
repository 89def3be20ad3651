import type { Keep, ScheduledTier } from '../keep.ts'
import { longestOf } from './periods.ts'
import type { RetentionRule } from './types.ts'

/** What a rule says at a moment: a shorter one that waited acts from its day on. null: it has gone away. */
export function keepAt({ keep, pending }: Pick<RetentionRule, 'keep' | 'pending'>, at: number): Keep | null {
  return pending !== null && pending.from.getTime() <= at ? pending.keep : keep
}

export interface RulePlace {
  databaseId: string
  storageId: string
  tier: ScheduledTier
}

/** What decides at a place: the rule in force, and a shorter one that waits for its day. */
export interface RuleInForce {
  keep: Keep
  /** `keep` null: no rule would be left, and everything stays */
  pending: { keep: Keep | null; from: Date } | null
}

/** A function that finds the most precise rule of a place. null: there is none, and nothing goes by rule. */
export function ruleFinder(rules: readonly RetentionRule[]): (place: RulePlace, at: number) => RuleInForce | null {
  const byPlace = new Map(rules.map((rule) => [placeKey(rule.databaseId, rule.storageId, rule.tier), rule]))
  return ({ databaseId, storageId, tier }, at) => {
    const precise = [
      byPlace.get(placeKey(databaseId, storageId, tier)),
      byPlace.get(placeKey(databaseId, null, tier)),
      byPlace.get(placeKey(null, storageId, tier)),
      byPlace.get(placeKey(null, null, tier)),
    ].filter((rule) => rule !== undefined)
    for (const [index, rule] of precise.entries()) {
      const keep = keepAt(rule, at)
      if (keep === null) continue
      const waits = rule.pending !== null && rule.pending.from.getTime() > at ? rule.pending : null
      return { keep, pending: waits && { keep: waits.keep ?? nextKeep(precise.slice(index + 1), at), from: waits.from } }
    }
    return null
  }
}

/** What holds once the rules before these have gone away: the longest of what the next one says now and what it will say. null: some day none is left. */
function nextKeep([next, ...rest]: readonly RetentionRule[], at: number): Keep | null {
  if (next === undefined) return null
  const keep = keepAt(next, at)
  if (keep === null) return nextKeep(rest, at)
  if (next.pending === null || next.pending.from.getTime() <= at) return keep
  const then = next.pending.keep ?? nextKeep(rest, at)
  return then === null ? null : longestOf([keep, then])
}

function placeKey(databaseId: string | null, storageId: string | null, tier: ScheduledTier): string {
  return `${databaseId ?? ''}/${storageId ?? ''}/${tier}`
}
