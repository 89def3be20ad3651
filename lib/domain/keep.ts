import { z } from 'zod'
import { formatCount } from './units.ts'

/** How long, counted in periods that hold a backup: the newest so many days, weeks, months or years. docs/decisions/026. */
export const keepUnits = ['days', 'weeks', 'months', 'years'] as const
export type KeepUnit = (typeof keepUnits)[number]

export const keep = z.object({
  unit: z.enum(keepUnits),
  count: z.number().int().min(1, 'An empty rule would keep nothing: at least 1.').max(1000),
})
export type Keep = z.output<typeof keep>

const nouns = { days: 'day', weeks: 'week', months: 'month', years: 'year' } satisfies Record<KeepUnit, string>

/** `30 days`, `1 year`. */
export function keepWords({ unit, count }: Keep): string {
  return formatCount(count, nouns[unit])
}

/** The tiers that schedules make and rules count; the others stay by rules of their own. */
export const scheduledTiers = ['daily', 'weekly', 'monthly'] as const
export type ScheduledTier = (typeof scheduledTiers)[number]
