import { expect, test } from 'vitest'
import type { SimulationView } from '#lib/domain/keeping-views.ts'
import { bucketsOf, verdictOf } from './simulation-words.ts'

test('deletions of a few weeks are told by day, with the empty days between', () => {
  const buckets = bucketsOf([
    { day: '2026-11-28', deleted: 2, bytes: 20 },
    { day: '2026-12-01', deleted: 1, bytes: 5 },
  ])
  expect(buckets.map((one) => [one.label, one.deleted])).toEqual([
    ['28 Nov', 2],
    ['29 Nov', 0],
    ['30 Nov', 0],
    ['1 Dec', 1],
  ])
})

test('deletions of more than four months are told by month, and none is lost', () => {
  const buckets = bucketsOf([
    { day: '2026-11-28', deleted: 2, bytes: 20 },
    { day: '2026-11-30', deleted: 1, bytes: 1 },
    { day: '2027-05-31', deleted: 4, bytes: 5 },
  ])
  expect(buckets).toHaveLength(7)
  expect(buckets[0]).toMatchObject({ label: 'Nov 2026', deleted: 3, bytes: 21 })
  expect(buckets.at(-1)).toMatchObject({ label: 'May 2027', deleted: 4 })
})

test('nothing that goes needs no axis', () => {
  expect(bucketsOf([])).toEqual([])
})

test('deletions of seven years are told by year', () => {
  const buckets = bucketsOf([
    { day: '2026-11-28', deleted: 2, bytes: 20 },
    { day: '2033-10-24', deleted: 1, bytes: 1 },
  ])
  expect(buckets.map((one) => one.label)).toEqual(['2026', '2027', '2028', '2029', '2030', '2031', '2032', '2033'])
})

test('what goes under the rules in force anyway is not blamed on the change', () => {
  const view = (deleted: number): SimulationView => ({
    at: '2026-11-23T00:00:00.000Z',
    backups: [],
    more: 0,
    totals: { kept: 10, deleted, waiting: 0, freedBytes: 9_000_000 },
    storages: [],
    timeline: [],
    dutiesBroken: [],
    actsFrom: null,
  })
  expect(verdictOf(view(12), view(5))).toBe('12 copies would go, 10 copies would stay; that frees 9 MB. Under the rules in force 5 copies would.')
  expect(verdictOf(view(5), view(5))).toContain('The same go under the rules in force.')
  expect(verdictOf(view(2), view(5))).toContain('That is 3 fewer than under the rules in force.')
})
