import { type Keep, keepWords, type ScheduledTier } from '#lib/domain/keep.ts'
import type { RetentionRuleView } from '#lib/domain/keeping-views.ts'

/** Where rules hold: one database on one storage, or null: every one. */
export interface Place {
  databaseId: string | null
  storageId: string | null
}
export interface DraftRule extends Place {
  tier: ScheduledTier
  keep: Keep
}
/** The whole set of rules as a person is changing it. */
export type Draft = readonly DraftRule[]

export function draftOf(rules: readonly RetentionRuleView[]): Draft {
  return rules.map((rule) => ({ databaseId: rule.database?.id ?? null, storageId: rule.storage?.id ?? null, tier: rule.tier, keep: rule.keep }))
}

export function samePlace(one: Place, other: Place): boolean {
  return one.databaseId === other.databaseId && one.storageId === other.storageId
}

export function placeKey(place: Place): string {
  return `${place.databaseId ?? 'every'}-${place.storageId ?? 'every'}`
}

/** Every place once: every database first, then the less precise before the more precise. */
export function placesIn(places: readonly Place[]): Place[] {
  const precision = (place: Place) => (place.databaseId === null ? 0 : 2) + (place.storageId === null ? 0 : 1)
  const once = new Map(places.map((one) => [placeKey(one), { databaseId: one.databaseId, storageId: one.storageId }]))
  return [...once.values()].sort((a, b) => precision(a) - precision(b))
}

export function keepAt(draft: Draft, place: Place, tier: ScheduledTier): Keep | null {
  return draft.find((one) => one.tier === tier && samePlace(one, place))?.keep ?? null
}

/** What holds at a place that says nothing itself: the most precise of the rules around it. null: no rule at all. */
export function inheritedAt(draft: Draft, place: Place, tier: ScheduledTier): Keep | null {
  const around: Place[] = [
    { databaseId: place.databaseId, storageId: null },
    { databaseId: null, storageId: place.storageId },
    { databaseId: null, storageId: null },
  ]
  for (const one of around) {
    const keep = samePlace(one, place) ? null : keepAt(draft, one, tier)
    if (keep !== null) return keep
  }
  return null
}

/** keep null: the rule goes away. */
export function withKeep(draft: Draft, place: Place, tier: ScheduledTier, keep: Keep | null): Draft {
  const others = draft.filter((one) => !(one.tier === tier && samePlace(one, place)))
  return keep === null ? others : [...others, { databaseId: place.databaseId, storageId: place.storageId, tier, keep }]
}

export interface RuleChange {
  place: Place
  tier: ScheduledTier
  before: Keep | null
  after: Keep | null
  /** of the rule that goes away; null: it is set */
  removes: string | null
  /** what holds there afterwards keeps for less long than what holds now */
  shorter: boolean
}

/** What has to be done so that the rules become the draft. */
export function changesOf(rules: readonly RetentionRuleView[], draft: Draft): RuleChange[] {
  const inForce = draftOf(rules)
  const set = draft.flatMap((one): RuleChange[] => {
    const before = keepAt(inForce, one, one.tier)
    if (before !== null && sameKeep(before, one.keep)) return []
    const held = before ?? inheritedAt(inForce, one, one.tier)
    return [{ place: one, tier: one.tier, before, after: one.keep, removes: null, shorter: held !== null && days(one.keep) < days(held) }]
  })
  const gone = rules.flatMap((rule): RuleChange[] => {
    const place = { databaseId: rule.database?.id ?? null, storageId: rule.storage?.id ?? null }
    if (keepAt(draft, place, rule.tier) !== null) return []
    const after = inheritedAt(draft, place, rule.tier)
    return [{ place, tier: rule.tier, before: rule.keep, after: null, removes: rule.id, shorter: after !== null && days(after) < days(rule.keep) }]
  })
  return [...set, ...gone]
}

export function sameKeep(one: Keep, other: Keep): boolean {
  return one.unit === other.unit && one.count === other.count
}

const unitDays = { days: 1, weeks: 7, months: 30.44, years: 365.25 } satisfies Record<Keep['unit'], number>
function days(keep: Keep): number {
  return keep.count * unitDays[keep.unit]
}

/** `30 days → 14 days`, `7 years, of its own`, `30 days, no rule of its own any more` */
export function changeWords({ before, after }: Pick<RuleChange, 'before' | 'after'>): string {
  if (after === null) return before === null ? 'no rule of its own' : `${keepWords(before)} → no rule of its own`
  return before === null ? `${keepWords(after)}, a rule of its own` : `${keepWords(before)} → ${keepWords(after)}`
}
