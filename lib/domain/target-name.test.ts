import { expect, test } from 'vitest'
import { problemOfTargetName, suggestTargetName } from './target-name.ts'

test('the suggested name says what it is and from when', () => {
  expect(suggestTargetName('cap_table', '2026-11-22T03:00:12.000Z')).toBe('cap_table_restored_20261122_0300')
})

test('the suggested name of a long database fits into 63 bytes without cutting a character in two', () => {
  const name = suggestTargetName('ä'.repeat(31), '2026-11-22T03:00:12.000Z')
  expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(63)
  expect(name).toMatch(/^ä+_restored_20261122_0300$/)
})

test('the live database and the databases of the server itself are refused', () => {
  expect(problemOfTargetName('cap_table', 'cap_table')).toContain('live database')
  expect(problemOfTargetName('template1', 'cap_table')).toContain('server itself')
  expect(problemOfTargetName('', 'cap_table')).toContain('name')
  expect(problemOfTargetName('ä'.repeat(32), 'cap_table')).toContain('63 bytes')
  expect(problemOfTargetName('cap_table_2', 'cap_table')).toBeNull()
})
