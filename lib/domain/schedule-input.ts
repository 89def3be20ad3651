import { z } from 'zod'
import { scheduledTiers } from './keep.ts'

const cron = z.string().max(200)
const timeZone = z.string().max(100)
/** in order, the first is the primary; empty: every storage that the database may use */
const storageIds = z.array(z.uuid()).max(50)

export const newScheduleInput = z.object({
  databaseId: z.uuid(),
  tier: z.enum(scheduledTiers),
  cron,
  timeZone: timeZone.default('UTC'),
  storageIds: storageIds.default([]),
})
export type NewScheduleInput = z.output<typeof newScheduleInput>

/** What is absent stays. Another tier is another schedule. */
export const scheduleChangeInput = z.object({ cron: cron.optional(), timeZone: timeZone.optional(), storageIds: storageIds.optional() })
export type ScheduleChange = z.output<typeof scheduleChangeInput>

export const schedulePreviewInput = z.object({ cron, timeZone: timeZone.default('UTC') })
