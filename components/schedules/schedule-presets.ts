import type { ScheduledTier } from '#lib/domain/keep.ts'

/** What is often wanted of each tier; the first is that of the standard plan, in UTC. */
export const presets = {
  daily: [
    { label: 'Every day at 03:00', cron: '0 3 * * *' },
    { label: 'Every 6 hours', cron: '0 */6 * * *' },
    { label: 'Every hour', cron: '0 * * * *' },
    { label: 'Weekdays at 22:00', cron: '0 22 * * 1-5' },
  ],
  weekly: [
    { label: 'Sundays at 01:00', cron: '0 1 * * 0' },
    { label: 'Saturdays at 01:00', cron: '0 1 * * 6' },
  ],
  monthly: [
    { label: 'The 1st at 02:00', cron: '0 2 1 * *' },
    { label: 'The last day at 22:00', cron: '0 22 L * *' },
  ],
} satisfies Record<ScheduledTier, { label: string; cron: string }[]>

/** The expression for another tier: one that was typed stays, a preset gives way to that of the new tier. */
export function cronFor(tier: ScheduledTier, before: string): string {
  const isPreset = Object.values(presets).some((list) => list.some((one) => one.cron === before))
  return before.trim() === '' || isPreset ? (presets[tier][0]?.cron ?? before) : before
}
