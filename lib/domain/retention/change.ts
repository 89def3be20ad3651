import type { Keep } from '../keep.ts'
import { keepsAsLong } from './periods.ts'
import { heldBefore, type PlaceOfRule, type Places, sameKeep, samePlace, shortens } from './places.ts'
import { keepAt } from './rules.ts'
import type { RetentionRule } from './types.ts'

export interface ChangeOfRule {
  keep: Keep
  pending: { keep: Keep | null; from: Date } | null
}

/** What surrounds a change: every rule, the places there are, and the catalogue's clock. */
export interface Surroundings {
  rules: readonly RetentionRule[]
  places: Places
  now: Date
  /** how long a shorter rule waits */
  delayHours: number
}

/**
 * What is written down when a rule is to keep so long. What certainly keeps as long as before acts at once; everything else waits. To set
 * what is in force takes a waiting change back; to ask for the same change again does not begin its time anew.
 */
export function changeRule(place: PlaceOfRule, wanted: Keep, around: Surroundings): ChangeOfRule {
  const rule = around.rules.find((one) => samePlace(one, place))
  const inForce = rule === undefined ? null : keepAt(rule, around.now.getTime())
  const before = inForce ?? heldBefore(around.rules, { id: '', ...place, keep: wanted, pending: null }, around.places, around.now)
  if (keepsAsLong(before, wanted)) return { keep: wanted, pending: null }
  const waiting = inForce !== null && rule?.pending && rule.pending.from > around.now ? rule.pending : null
  if (waiting !== null && sameKeep(waiting.keep, wanted)) return { keep: before, pending: waiting }
  return { keep: before, pending: { keep: wanted, from: actsFrom(around) } }
}

/** null: the rule goes away at once, because what decides without it keeps at least as long. Else it waits to go. */
export function dropRule(rule: RetentionRule, around: Surroundings): ChangeOfRule | null {
  const inForce = keepAt(rule, around.now.getTime())
  const without = around.rules.filter((one) => one.id !== rule.id)
  if (inForce === null || !shortens(around.rules, without, around.places, around.now)) return null
  if (rule.pending !== null && rule.pending.keep === null) return { keep: inForce, pending: rule.pending }
  return { keep: inForce, pending: { keep: null, from: actsFrom(around) } }
}

/** When a change made now begins to act, if it shortens anything. */
export function actsFrom({ now, delayHours }: Pick<Surroundings, 'now' | 'delayHours'>): Date {
  return new Date(now.getTime() + delayHours * 3_600_000)
}
