import { expect, test } from 'vitest'
import { timelineOf } from './timeline.ts'
import type { CopyFate, RetentionPlan } from './types.ts'

const at = new Date('2026-11-22T06:00:00Z')

function plan(...untils: (string | null)[]): RetentionPlan {
  const copies = untils.map(
    (until) => ({ until: until === null ? null : new Date(until), reasons: [{ kind: 'manual' }], storedBytes: 10 }) as unknown as CopyFate,
  )
  return { at, copies, deletions: [] }
}

test('what goes is counted by day, and what one run may not delete is left to the next days', () => {
  expect(
    timelineOf(plan('2026-11-22T06:00:00Z', '2026-11-22T06:00:00Z', '2026-11-22T06:00:00Z', '2026-11-23T09:00:00Z', '2026-12-01T00:00:00Z', null), 2),
  ).toEqual([
    { day: '2026-11-22', deleted: 2, bytes: 20 },
    { day: '2026-11-23', deleted: 2, bytes: 20 },
    { day: '2026-12-01', deleted: 1, bytes: 10 },
  ])
})
