import { expect, test } from 'vitest'
import { parseCron } from '#lib/domain/schedules/cron.ts'
import { standardPlan } from '#lib/domain/schedules/standard-plan.ts'
import { cronFor, presets } from './schedule-presets.ts'

test('the first preset of each tier is that of the standard plan', () => {
  expect(standardPlan.map(({ tier, cron }) => [tier, cron])).toEqual(Object.entries(presets).map(([tier, list]) => [tier, list[0]?.cron]))
})

test('every preset is accepted by the parser that fires', () => {
  for (const { cron } of Object.values(presets).flat()) expect(parseCron({ cron, timeZone: 'Europe/Berlin' }).cron).toBe(cron)
})

test('another tier brings its own time, unless a time was typed', () => {
  expect(cronFor('weekly', '0 3 * * *')).toBe('0 1 * * 0')
  expect(cronFor('weekly', '17 4 * * 2')).toBe('17 4 * * 2')
})
