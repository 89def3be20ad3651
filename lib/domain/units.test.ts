import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatRelative, formatShare, formatUtc, formatZoned } from './units.ts'

test('sizes carry at most three significant digits and never round into the next unit by the wrong name', () => {
  expect([0, 999, 1000, 1234, 980_000_000, 999_999, 2_300_000_000, null].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '1.2 kB',
    '980 MB',
    '1 MB',
    '2.3 GB',
    'unknown',
  ])
})

test('durations show two units at most and never sixty of the smaller one', () => {
  expect([0, 0.42, 9.96, 59.7, 61, 3599.6, 3600, 29_640, 97 * 86_400, null].map(formatDuration)).toEqual([
    '0 s',
    '0.4 s',
    '10 s',
    '1 min',
    '1 min 1 s',
    '1 h',
    '1 h',
    '8 h 14 min',
    '97 days',
    'unknown',
  ])
})

test('a count of one takes the singular', () => {
  expect([formatCount(1, 'table'), formatCount(42, 'table'), formatCount(2, 'copy', 'copies'), formatCount(3_412_118)]).toEqual([
    '1 table',
    '42 tables',
    '2 copies',
    '3,412,118',
  ])
})

test('a share is 100 % only when it is all of it', () => {
  expect([1, 0.999, 0.001, 0, 0.62].map(formatShare)).toEqual(['100 %', '99 %', 'under 1 %', '0 %', '62 %'])
})

test('a relative time says which way it lies, and never is never', () => {
  const now = new Date('2026-11-22T11:14:00Z')
  expect(formatRelative('2026-11-22T03:00:20Z', now)).toBe('8 h 14 min ago')
  expect(formatRelative('2026-11-22T11:14:02Z', now)).toBe('just now')
  expect(formatRelative('2026-11-23T03:00:00Z', now)).toBe('in 15 h 46 min')
  expect(formatRelative(null, now)).toBe('never')
})

test('an instant names its zone', () => {
  expect(formatUtc('2026-11-22T03:00:00Z')).toBe('22 Nov 2026, 03:00 UTC')
  expect(formatZoned('2026-11-22T03:00:00Z', 'America/New_York')).toBe('Sat 21 Nov 2026, 22:00 GMT-5')
})
