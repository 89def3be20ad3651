import { expect, test } from 'vitest'
import { addKeep, endsBefore, keepsAsLong, periodOf, periodStart } from './periods.ts'

const at = (text: string): number => Date.parse(text)

test('weeks begin on Monday, all periods at midnight in UTC', () => {
  const sunday = periodOf('weeks', at('2026-11-22T23:59:59Z'))
  expect(periodOf('weeks', at('2026-11-23T00:00:00Z'))).toBe(sunday + 1)
  expect(new Date(periodStart('weeks', sunday)).toISOString()).toBe('2026-11-16T00:00:00.000Z')
  expect(new Date(periodStart('months', periodOf('months', at('2027-01-31T12:00:00Z')))).toISOString()).toBe('2027-01-01T00:00:00.000Z')
  expect(new Date(periodStart('years', periodOf('years', at('2026-11-22T12:00:00Z')))).toISOString()).toBe('2026-01-01T00:00:00.000Z')
})

test('a month after the 31st runs over into the next month: never earlier than a month', () => {
  const after = (text: string, keep: Parameters<typeof addKeep>[1]): string => new Date(addKeep(at(text), keep)).toISOString().slice(0, 10)
  expect(after('2027-01-31T02:00:00Z', { unit: 'months', count: 1 })).toBe('2027-03-03')
  expect(after('2024-02-29T02:00:00Z', { unit: 'years', count: 1 })).toBe('2025-03-01')
  expect(after('2026-03-03T02:00:00Z', { unit: 'months', count: 12 })).toBe('2027-03-03')
})

test('a rule is longer only where it certainly is: 90 days that hold a backup may reach back further than 3 months', () => {
  expect(keepsAsLong({ unit: 'days', count: 30 }, { unit: 'days', count: 30 })).toBe(true)
  expect(keepsAsLong({ unit: 'days', count: 30 }, { unit: 'days', count: 29 })).toBe(false)
  expect(keepsAsLong({ unit: 'days', count: 90 }, { unit: 'months', count: 3 })).toBe(false)
  expect(keepsAsLong({ unit: 'days', count: 12 }, { unit: 'months', count: 12 })).toBe(true)
  expect(keepsAsLong({ unit: 'months', count: 12 }, { unit: 'years', count: 1 })).toBe(false)
  expect(keepsAsLong({ unit: 'years', count: 1 }, { unit: 'months', count: 12 })).toBe(true)
  // the 31st of January and the 1st of February are two months in one week
  expect(keepsAsLong({ unit: 'weeks', count: 2 }, { unit: 'months', count: 3 })).toBe(false)
  expect(keepsAsLong({ unit: 'weeks', count: 2 }, { unit: 'months', count: 4 })).toBe(true)
})

test('by age 12 months are less than 7 years and as much as 1 year; 365 days may be less than a year', () => {
  expect(endsBefore({ unit: 'months', count: 12 }, { unit: 'years', count: 7 })).toBe(true)
  expect(endsBefore({ unit: 'months', count: 12 }, { unit: 'years', count: 1 })).toBe(false)
  expect(endsBefore({ unit: 'days', count: 365 }, { unit: 'years', count: 1 })).toBe(true)
  expect(endsBefore({ unit: 'days', count: 366 }, { unit: 'years', count: 1 })).toBe(false)
})
