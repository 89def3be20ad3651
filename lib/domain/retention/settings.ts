import { z } from 'zod'

const whole = (least: number, most: number) => z.number().int().min(least, `At least ${least}.`).max(most, `At most ${most}.`)

/** A wait of less than a day, or a look of less than a month, would protect from nothing. */
const bounds = {
  deletionsPerRun: whole(1, 100_000),
  shrinkDelayHours: whole(24, 8760),
  safetyDays: whole(1, 3650),
  unlookedDays: whole(30, 3650),
}

/** As delivered where nothing was set. */
export const retentionSettings = z.object({
  deletionsPerRun: bounds.deletionsPerRun.default(200),
  shrinkDelayHours: bounds.shrinkDelayHours.default(72),
  safetyDays: bounds.safetyDays.default(30),
  unlookedDays: bounds.unlookedDays.default(90),
})

/** What is absent stays. */
export const retentionSettingsChange = z.object(bounds).partial()
