import { type Keep, type ScheduledTier, scheduledTiers } from '../keep.ts'
import { type Evidence, gatherEvidence } from './evidence.ts'
import { type RuleInForce, ruleFinder } from './rules.ts'
import type { RetentionDuty, RetentionInput, RetentionReason, RetentionSettings } from './types.ts'

/** What decides in one tier of a database on a storage. */
export interface TierContext {
  /** null: there is no rule, and everything stays */
  rule: RuleInForce | null
  duties: readonly RetentionDuty[]
  /** one object for all that goes by the rule: 400,000 of their own cost a second */
  past: readonly RetentionReason[]
}

/** All that is the same for every copy of a database on a storage. Times are milliseconds. */
export interface Context {
  now: number
  settings: RetentionSettings
  evidence: Evidence
  isCatalogue: boolean
  /** what ages are held against: how far verified backups say that time has gone on; `any`: of any tier but imported */
  asOf: { scheduled: number; any: number }
  tiers: Record<ScheduledTier, TierContext>
}

/** Looks each database and storage up once, whatever the number of its copies. */
export function contextsOf(input: RetentionInput): (databaseId: string) => (storageId: string) => Context {
  const now = input.now.getTime()
  const evidenceOf = gatherEvidence(input, now)
  const databases = new Map(input.databases.map((one) => [one.id, one]))
  const findRule = ruleFinder(input.rules)
  const known = new Map<string, Map<string, Context>>()

  function make(databaseId: string, storageId: string): Context {
    const evidence = evidenceOf(databaseId, storageId)
    const database = databases.get(databaseId)
    const asOf = { scheduled: evidence.asOf.scheduled.at, any: evidence.asOf.any.at }
    const tags = new Set(database?.tags)
    for (const { tag, endsAt } of database?.endingTags ?? []) if (endsAt.getTime() > asOf.scheduled) tags.add(tag)
    const tier = (of: ScheduledTier): TierContext => {
      const rule = findRule({ databaseId, storageId, tier: of }, asOf.scheduled)
      const duties = input.duties.filter(
        (duty) => duty.tier === of && tags.has(duty.tag) && (duty.endsAt === null || duty.endsAt.getTime() > asOf.scheduled),
      )
      return { rule, duties, past: rule === null ? [] : [pastRule(of, rule.keep)] }
    }
    const [daily, weekly, monthly] = scheduledTiers.map(tier) as [TierContext, TierContext, TierContext]
    return { now, settings: input.settings, evidence, isCatalogue: database?.isCatalogue ?? false, asOf, tiers: { daily, weekly, monthly } }
  }

  return (databaseId) => {
    let storages = known.get(databaseId)
    if (storages === undefined) known.set(databaseId, (storages = new Map()))
    const found = storages
    return (storageId) => {
      let context = found.get(storageId)
      if (context === undefined) found.set(storageId, (context = make(databaseId, storageId)))
      return context
    }
  }
}

function pastRule(tier: ScheduledTier, keep: Keep): RetentionReason {
  return { kind: 'past_rule', tier, keep }
}
