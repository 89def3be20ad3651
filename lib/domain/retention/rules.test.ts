import { expect, test } from 'vitest'
import { ruleFinder } from './rules.ts'
import type { RetentionRule } from './types.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const days = (count: number) => ({ unit: 'days' as const, count })
const rule = (storageId: string | null, count: number, pending: RetentionRule['pending']): RetentionRule => ({
  id: `${storageId}`,
  databaseId: null,
  storageId,
  tier: 'daily',
  keep: days(count),
  pending,
})
const place = { databaseId: 'shop', storageId: 'far', tier: 'daily' as const }
const goes = { keep: null, from: new Date(now + 3_600_000) }

test('where a rule goes away and the next one goes away too, nothing would be left, and everything stays', () => {
  const found = ruleFinder([rule('far', 1, goes), rule(null, 1, goes)])(place, now)
  expect(found).toEqual({ keep: days(1), pending: { keep: null, from: goes.from } })
  expect(ruleFinder([rule('far', 1, goes), rule(null, 1, goes)])(place, now + 3_600_000)).toBeNull()
})

test('where the next rule will say something shorter, the longer of the two counts until then', () => {
  const shorter = { keep: days(2), from: new Date(now + 7_200_000) }
  const found = ruleFinder([rule('far', 30, goes), rule(null, 14, shorter)])(place, now)
  expect(found?.pending?.keep).toEqual(days(14))
})
