import { expect, test } from 'vitest'
import type { Keep } from '#lib/domain/keep.ts'
import type { RetentionRuleView } from '#lib/domain/keeping-views.ts'
import { changesOf, draftOf, inheritedAt, placesIn, withKeep } from './draft-rules.ts'

const days = (count: number): Keep => ({ unit: 'days', count })
const named = (id: string | null) => (id === null ? null : { id, name: id })
const rule = (database: string | null, storage: string | null, keep: Keep, change: Partial<RetentionRuleView> = {}): RetentionRuleView => ({
  id: `${database}-${storage}`,
  database: named(database),
  storage: named(storage),
  tier: 'daily',
  keep,
  pending: null,
  changedAt: '2026-11-01T00:00:00.000Z',
  changedName: 'Ada',
  ...change,
})
const every = { databaseId: null, storageId: null }

test('a draft that says what is in force changes nothing, also where a shorter rule is waiting', () => {
  const rules = [rule(null, null, days(30), { pending: { keep: days(7), from: '2026-11-25T00:00:00.000Z' } })]
  expect(changesOf(rules, draftOf(rules))).toEqual([])
})

test('a smaller number is shorter, a larger is not, and units are compared by time', () => {
  const rules = [rule(null, null, days(30))]
  const change = (keep: Keep) => changesOf(rules, withKeep(draftOf(rules), every, 'daily', keep))[0]
  expect(change(days(14))).toMatchObject({ before: days(30), after: days(14), shorter: true, removes: null })
  expect(change(days(60))).toMatchObject({ shorter: false })
  expect(change({ unit: 'weeks', count: 4 })).toMatchObject({ shorter: true })
  expect(change({ unit: 'years', count: 1 })).toMatchObject({ shorter: false })
})

test('an exception that goes away is removed by its id, and is shorter where what holds then is', () => {
  const rules = [rule(null, null, days(30)), rule('billing', null, days(90))]
  const draft = withKeep(draftOf(rules), { databaseId: 'billing', storageId: null }, 'daily', null)
  expect(changesOf(rules, draft)).toMatchObject([{ removes: 'billing-null', before: days(90), after: null, shorter: true }])
})

test('a new exception that keeps for less long than the rule around it is shorter', () => {
  const rules = [rule(null, null, days(30))]
  const draft = withKeep(draftOf(rules), { databaseId: 'billing', storageId: 's3' }, 'daily', days(3))
  expect(changesOf(rules, draft)).toMatchObject([{ before: null, after: days(3), shorter: true }])
})

test('a place without a rule of its own takes that of its database before that of its storage', () => {
  const draft = draftOf([rule(null, null, days(30)), rule(null, 's3', days(60)), rule('billing', null, days(90))])
  expect(inheritedAt(draft, { databaseId: 'billing', storageId: 's3' }, 'daily')).toEqual(days(90))
  expect(inheritedAt(draft, { databaseId: 'app', storageId: 's3' }, 'daily')).toEqual(days(60))
  expect(inheritedAt(draft, { databaseId: 'app', storageId: null }, 'daily')).toEqual(days(30))
  expect(inheritedAt(draft, every, 'daily')).toBeNull()
})

test('places come once, the least precise first', () => {
  const places = placesIn([
    { databaseId: 'b', storageId: 's' },
    { databaseId: 'b', storageId: null },
    every,
    every,
    { databaseId: null, storageId: 's' },
  ])
  expect(places.map((one) => [one.databaseId, one.storageId])).toEqual([
    [null, null],
    [null, 's'],
    ['b', null],
    ['b', 's'],
  ])
})
