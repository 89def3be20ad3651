import { z } from 'zod'
import { keep, scheduledTiers } from '../keep.ts'
import { samePlace } from './places.ts'

/** What people set about retention, checked once for form, API and CLI. */
export const ruleInput = z.object({
  databaseId: z.uuid().nullable().default(null),
  storageId: z.uuid().nullable().default(null),
  tier: z.enum(scheduledTiers),
  keep,
})
export type RuleInput = z.output<typeof ruleInput>

const words = (most: number) =>
  z
    .string()
    .trim()
    .max(most, `At most ${most} characters.`)
    .regex(/^[^\p{Cc}]*$/u, 'No control characters.')

export const dutyInput = z.object({
  name: words(60).min(1, 'A name is missing.'),
  /** of the databases it is for */
  tag: words(60).min(1, 'A tag is missing.'),
  tier: z.enum(scheduledTiers),
  keep,
  reference: words(500).default(''),
})
export type DutyInput = z.output<typeof dutyInput>

/** The whole set of rules as it would be; without any, everything would have to stay for ever, or nothing would. */
export const simulationInput = z.object({
  rules: z
    .array(ruleInput)
    .min(1, 'An empty set of rules is refused: at least one.')
    .max(2000)
    .refine(
      (rules) => rules.every((rule, index) => rules.findIndex((other) => samePlace(rule, other)) === index),
      'Two rules stand at the same place.',
    ),
  databaseId: z.uuid().nullable().default(null),
})
