import { expect, test } from 'vitest'
import { areFiltered, backupsHref, readFilters } from './backup-filters.ts'

test('a link with a filter that does not exist shows the list without it', () => {
  expect(readFilters({ tier: 'hourly', state: 'corrupt', from: '2026-02-31', databaseId: 'x' })).toEqual({ state: 'corrupt' })
})

test('filters survive the way through the address', () => {
  const values = readFilters({ tier: 'daily', from: '2026-11-01' })
  expect(readFilters(Object.fromEntries(new URLSearchParams(backupsHref(values).split('?')[1])))).toEqual(values)
  expect(backupsHref({})).toBe('/backups')
})

test('a page further down is not a filter', () => {
  expect(areFiltered(readFilters({ cursor: 'abc' }))).toBe(false)
  expect(areFiltered(readFilters({ state: 'corrupt' }))).toBe(true)
})
