import { expect, test } from 'vitest'
import type { Keep } from '../keep.ts'
import { changeRule, dropRule, type Surroundings } from './change.ts'
import { shortens } from './places.ts'
import type { RetentionRule } from './types.ts'

const now = new Date('2026-11-22T06:00:00Z')
const later = new Date('2026-11-25T06:00:00Z')
const days = (count: number): Keep => ({ unit: 'days', count })
const rule = (databaseId: string | null, storageId: string | null, keep: Keep): RetentionRule => ({
  id: `${databaseId} ${storageId}`,
  databaseId,
  storageId,
  tier: 'daily',
  keep,
  pending: null,
})
const around = (...rules: RetentionRule[]): Surroundings => ({
  rules,
  places: { databaseIds: ['billing', 'shop'], storageIds: ['near', 'far'] },
  now,
  delayHours: 72,
})
const everywhere = { databaseId: null, storageId: null, tier: 'daily' } as const
const ofBilling = { databaseId: 'billing', storageId: null, tier: 'daily' } as const

test('a shorter rule waits and the old one stays in force; a longer one acts at once', () => {
  const before = rule(null, null, days(30))
  expect(changeRule(everywhere, days(1), around(before))).toEqual({ keep: days(30), pending: { keep: days(1), from: later } })
  expect(changeRule(everywhere, days(31), around(before))).toEqual({ keep: days(31), pending: null })
})

test('what is not certainly as long waits too', () => {
  const months = { unit: 'months', count: 2 } as const
  expect(changeRule(everywhere, months, around(rule(null, null, days(30))))).toEqual({ keep: days(30), pending: { keep: months, from: later } })
})

test('to set what is in force takes a waiting change back; the same change again does not wait anew', () => {
  const from = new Date('2026-11-23T00:00:00Z')
  const waiting = { ...rule(null, null, days(30)), pending: { keep: days(5), from } }
  expect(changeRule(everywhere, days(30), around(waiting))).toEqual({ keep: days(30), pending: null })
  expect(changeRule(everywhere, days(5), around(waiting))).toEqual({ keep: days(30), pending: { keep: days(5), from } })
  expect(changeRule(everywhere, days(4), around(waiting))).toEqual({ keep: days(30), pending: { keep: days(4), from: later } })
})

test('a new rule of one database that is shorter than what held for it waits, and until then what held is written into it', () => {
  const both = around(rule(null, null, days(30)), rule(null, 'far', days(60)))
  expect(changeRule(ofBilling, days(40), both)).toEqual({ keep: days(60), pending: { keep: days(40), from: later } })
  expect(changeRule(ofBilling, days(60), both)).toEqual({ keep: days(60), pending: null })
})

test('where what held cannot be compared, until then it is something that is longer than each', () => {
  const both = around(rule(null, null, days(30)), rule(null, 'far', { unit: 'months', count: 12 }))
  expect(changeRule(ofBilling, days(40), both)).toEqual({ keep: { unit: 'months', count: 30 }, pending: { keep: days(40), from: later } })
})

test('a rule whose going shortens waits to go; one whose going lengthens goes at once', () => {
  const longer = rule('billing', null, days(90))
  const shorter = rule('billing', null, days(7))
  expect(dropRule(longer, around(rule(null, null, days(30)), longer))).toEqual({ keep: days(90), pending: { keep: null, from: later } })
  expect(dropRule(shorter, around(rule(null, null, days(30)), shorter))).toBeNull()
})

test('the first rule of all is a shorter one: before it everything stayed', () => {
  expect(changeRule(everywhere, days(3000), around()).pending).toEqual({ keep: days(3000), from: later })
  expect(shortens([], [rule(null, null, days(3000))], around().places, now)).toBe(true)
})
