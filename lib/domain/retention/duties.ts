import { keepWords } from '../keep.ts'
import type { ScheduledTier } from '../keep.ts'
import type { Finding } from '../plan.ts'
import { formatCount } from '../units.ts'
import { endsBefore } from './periods.ts'
import { ruleFinder } from './rules.ts'
import type { RetentionDuty, RetentionRule } from './types.ts'

export interface DutiesInput {
  now: Date
  rules: readonly RetentionRule[]
  duties: readonly RetentionDuty[]
  /** those that are protected now */
  databases: readonly { id: string; name: string; tags: readonly string[] }[]
  storages: readonly { id: string; name: string }[]
  schedules: readonly { databaseId: string; tier: ScheduledTier; paused: boolean }[]
}

/**
 * Where a rule would let go what a duty needs, and duties that no schedule meets. The duty wins: that it contradicts is said because a person
 * who reads the rule alone believes something else.
 */
export function dutyFindings(input: DutiesInput): Finding[] {
  return input.duties.flatMap((duty) => {
    const tagged = input.databases.filter((database) => database.tags.includes(duty.tag))
    return [...contradictions(duty, tagged, input), ...unmet(duty, tagged, input)]
  })
}

function contradictions(duty: RetentionDuty, tagged: DutiesInput['databases'], { now, rules, storages }: DutiesInput): Finding[] {
  const findRule = ruleFinder(rules)
  const shorter = new Map<string, { words: string; databases: Set<string>; storages: Set<string> }>()
  for (const database of tagged)
    for (const storage of storages) {
      const rule = findRule({ databaseId: database.id, storageId: storage.id, tier: duty.tier }, now.getTime())
      const keep = rule?.pending?.keep ?? rule?.keep
      if (keep === undefined || !endsBefore(keep, duty.keep)) continue
      const words = keepWords(keep)
      const known = shorter.get(words) ?? { words, databases: new Set(), storages: new Set() }
      known.databases.add(database.name)
      known.storages.add(storage.name)
      shorter.set(words, known)
    }
  return [...shorter.values()].map((one) => {
    const where = one.storages.size === storages.length ? '' : ` on ${listed([...one.storages])}`
    return {
      severity: 'warning',
      code: 'duty_contradicts_rule',
      message: `${duty.name} asks for ${duty.tier} backups of ${listed([...one.databases])} for ${keepWords(duty.keep)}; the rule keeps them ${one.words}${where}.`,
      remedy: `The duty holds: they stay ${keepWords(duty.keep)} whatever the rule says. Lengthen the rule, so that both say the same.`,
      overridable: false,
    }
  })
}

function unmet(duty: RetentionDuty, tagged: DutiesInput['databases'], { schedules }: DutiesInput): Finding[] {
  const without = tagged.filter((database) => !schedules.some((one) => one.databaseId === database.id && one.tier === duty.tier && !one.paused))
  if (without.length === 0) return []
  const names = listed(without.map((database) => database.name))
  return [
    {
      severity: 'warning',
      code: 'duty_unmet',
      message: `${duty.name} asks for ${duty.tier} backups of ${names}, and no schedule that is on makes them.`,
      remedy: `Add a ${duty.tier} schedule, or resume the one that is paused. Nothing can be kept that is never made.`,
      overridable: false,
    },
  ]
}

function listed(names: readonly string[]): string {
  const first = names.slice(0, 5)
  return names.length > 5 ? `${first.join(', ')} and ${formatCount(names.length - 5)} more` : first.join(', ')
}
