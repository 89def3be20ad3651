import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rangesOf } from './clone-ranges.ts'

const gib = 2 ** 30
const table = (bytes: number, change: object = {}) => ({ pages: Math.ceil(bytes / 8192), bytes, condition: null, columns: ['n'], ...change })
const all = (bytes: number, change: object = {}) => ({ bytes, jobs: 4, versionNum: 150_020, ...change })

test('a table that is more than one session’s share is cut, and no page is read twice or not at all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 16 }), (own, others, jobs) => {
      const ranges = rangesOf(table(own * gib), all((own + others) * gib, { jobs }))
      const cut = jobs > 1 && own * jobs > own + others
      expect(ranges.length > 1).toBe(cut)
      expect(ranges.length).toBeLessThanOrEqual(2 * jobs)
      if (!cut) expect(ranges).toEqual([null])
      else expect(ranges[0]?.from).toBe(0)
      ranges.forEach((range, index) => expect(range?.to ?? null).toBe(ranges[index + 1]?.from ?? null))
    }),
  )
})

test('a table that others outlast, a small one, one of an older server and one that an extension filters is read whole', () => {
  expect(rangesOf(table(gib), all(4 * gib))).toEqual([null])
  expect(rangesOf(table(100 << 20), all(110 << 20))).toEqual([null])
  expect(rangesOf(table(10 * gib), all(11 * gib, { versionNum: 130_010 }))).toEqual([null])
  expect(rangesOf(table(10 * gib, { condition: 'WHERE n > 1' }), all(11 * gib))).toEqual([null])
  expect(rangesOf(table(10 * gib, { columns: [] }), all(11 * gib))).toEqual([null])
  // its rows are all stored out of line: there are no pages to cut between
  expect(rangesOf({ ...table(10 * gib), pages: 1 }, all(11 * gib))).toEqual([null])
})
