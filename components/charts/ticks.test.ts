import { expect, test } from 'vitest'
import { byteTicks, durationTicks } from './ticks.ts'

test('duration marks are round and reach the longest value', () => {
  expect(durationTicks(1290)).toEqual([0, 300, 600, 900, 1200, 1500])
  expect(durationTicks(0.9)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
})

test('byte marks are round in decimal units', () => {
  expect(byteTicks(2_600_000_000)).toEqual([0, 1e9, 2e9, 3e9])
})
