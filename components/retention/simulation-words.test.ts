import { expect, test } from 'vitest'
import { bucketsOf } from './simulation-words.ts'

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
