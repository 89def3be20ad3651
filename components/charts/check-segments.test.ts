import { expect, test } from 'vitest'
import { describeCheck } from './describe-check.ts'
import { secondsOf, segmentsOf } from './check-segments.ts'

const start = Date.parse('2026-11-23T00:00:00Z')
const at = (minutes: number) => new Date(start + minutes * 60_000).toISOString()
const point = (minutes: number, status: 'ok' | 'critical' | 'unknown', value: number | null = null) => ({ at: at(minutes), status, value, words: '' })
const history = {
  points: [point(10, 'ok', 12), point(15, 'ok', 20), point(20, 'critical'), point(30, 'ok', 16), point(55, 'unknown')],
  gaps: [{ from: at(35), to: at(50) }],
}

test('a period is cut into stretches of one state: before the first look and where nobody looked nothing is known', () => {
  const minutes = segmentsOf(history, start, start + 60 * 60_000).map((one) => [(one.from - start) / 60_000, (one.to - start) / 60_000, one.state])
  expect(minutes).toEqual([
    [0, 10, 'none'],
    [10, 20, 'ok'],
    [20, 30, 'critical'],
    [30, 35, 'ok'],
    [35, 50, 'gap'],
    [50, 55, 'ok'],
    [55, 60, 'unknown'],
  ])
})

test('a check without any point is unknown for the whole period', () => {
  expect(secondsOf(segmentsOf({ points: [], gaps: [] }, start, start + 60_000))).toEqual({
    ok: 0,
    warning: 0,
    critical: 0,
    unknown: 0,
    gap: 0,
    none: 60,
  })
})

test('the finding names what was bad, what nobody knows, and the numbers', () => {
  const said = describeCheck({ ...history, unit: 'milliseconds' }, start, start + 60 * 60_000)
  expect(said).toBe(
    'On record for 50 min only: well for 40 % of the time, critical for 10 min, not judged for 5 min, not looked at for 15 min. Median 16 ms, most 20 ms.',
  )
})

test('only a period that was looked at from end to end is called well throughout', () => {
  const whole = { points: [point(-1, 'ok', 3), point(30, 'ok', 4)], gaps: [], unit: 'milliseconds' as const }
  expect(describeCheck(whole, start, start + 60 * 60_000)).toBe('Well throughout. Median 3.5 ms, most 4 ms.')
  expect(describeCheck({ ...whole, points: [point(-1, 'critical')] }, start, start + 60 * 60_000)).toBe('Never well, critical for 1 h.')
  expect(describeCheck({ ...whole, points: [], gaps: [] }, start, start + 60 * 60_000)).toBe('Nothing was looked at in this time.')
})
