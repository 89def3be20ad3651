import { type Keep, type ScheduledTier, scheduledTiers } from '../keep.ts'
import { keepsAsLong, longestOf } from './periods.ts'
import { type RulePlace, ruleFinder } from './rules.ts'
import type { RetentionRule } from './types.ts'

/** The databases and storages there are, by id; rules are compared at each pair of them, and at one that is yet to come. */
export interface Places {
  databaseIds: readonly string[]
  storageIds: readonly string[]
}

/** Of what is in no rule: as for a database that is registered tomorrow. */
const other = 'any other'

/** Without a rule everything stays: nothing is longer. */
export const withoutEnd: Keep = { unit: 'years', count: 1_000_000 }

/** Every place with what holds there, before and after. */
function* pairs(
  before: readonly RetentionRule[],
  after: readonly RetentionRule[],
  places: Places,
  now: Date,
): Generator<{ before: Keep; after: Keep }> {
  const at = now.getTime()
  const finders = { before: ruleFinder(before), after: ruleFinder(after) }
  for (const databaseId of [...places.databaseIds, other])
    for (const storageId of [...places.storageIds, other])
      for (const tier of scheduledTiers) {
        const place: RulePlace = { databaseId, storageId, tier }
        yield { before: finders.before(place, at)?.keep ?? withoutEnd, after: finders.after(place, at)?.keep ?? withoutEnd }
      }
}

/** Whether somewhere less may be kept than before. What is not certainly as long counts as shorter. */
export function shortens(before: readonly RetentionRule[], after: readonly RetentionRule[], places: Places, now: Date): boolean {
  for (const pair of pairs(before, after, places, now)) if (!keepsAsLong(pair.before, pair.after)) return true
  return false
}

/** What keeps at least as long as everything that holds now at the places that a new rule would decide. */
export function heldBefore(rules: readonly RetentionRule[], added: RetentionRule, places: Places, now: Date): Keep {
  const held: Keep[] = []
  const marker: Keep = { unit: 'days', count: -1 }
  const after = [...rules.filter((rule) => !samePlace(rule, added)), { ...added, keep: marker, pending: null }]
  for (const pair of pairs(rules, after, places, now)) if (pair.after === marker) held.push(pair.before)
  const [first, ...others] = held
  return first === undefined ? withoutEnd : longestOf([first, ...others])
}

export function samePlace(one: PlaceOfRule, other: PlaceOfRule): boolean {
  return one.databaseId === other.databaseId && one.storageId === other.storageId && one.tier === other.tier
}

export function sameKeep(one: Keep | null, other: Keep | null): boolean {
  return one === other || (one !== null && other !== null && one.unit === other.unit && one.count === other.count)
}

export interface PlaceOfRule {
  databaseId: string | null
  storageId: string | null
  tier: ScheduledTier
}
