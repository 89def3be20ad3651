import type { ScheduledTier } from '../keep.ts'

/** The plan that most databases have: kept by the rules that hold for every database, 30 days, 12 weeks and 12 months. */
export const standardPlan: readonly { tier: ScheduledTier; cron: string; timeZone: string }[] = [
  { tier: 'daily', cron: '0 3 * * *', timeZone: 'UTC' },
  { tier: 'weekly', cron: '0 1 * * 0', timeZone: 'UTC' },
  { tier: 'monthly', cron: '0 2 1 * *', timeZone: 'UTC' },
]
