import { expect, test } from 'vitest'
import { estimateFrom, spreadOf } from './recovery-times.ts'

test('nothing measured is no estimate', () => {
  expect(spreadOf([])).toBeNull()
  expect(estimateFrom(null)).toEqual({ estimatedSeconds: null, estimateFrom: '', recoveryTimes: null })
})

test('median and 95th percentile are values that were measured, whatever their order', () => {
  expect(spreadOf([9])).toEqual({ runs: 1, medianSeconds: 9, p95Seconds: 9 })
  expect(spreadOf([4, 1, 3, 2])).toEqual({ runs: 4, medianSeconds: 2, p95Seconds: 4 })
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n)
  expect(spreadOf(hundred)).toEqual({ runs: 100, medianSeconds: 50, p95Seconds: 95 })
})

test('an estimate says from how many it comes', () => {
  const times = { runs: 4, medianSeconds: 60, p95Seconds: 120, stages: [] }
  expect(estimateFrom(times)).toMatchObject({ estimatedSeconds: 60, estimateFrom: expect.stringMatching(/median of 4.*95 of 100/) })
  expect(estimateFrom({ ...times, runs: 1 }).estimateFrom).toMatch(/the one/)
})
