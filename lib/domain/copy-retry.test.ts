import { expect, test } from 'vitest'
import { nextCopyTry } from './copy-retry.ts'

test('a copy that fails again and again is tried less and less often, and at least once a day', () => {
  const now = new Date('2026-11-23T00:00:00Z')
  const minutes = [0, 1, 2, 3, 6, 7, 500].map((tries) => (nextCopyTry(tries, now).getTime() - now.getTime()) / 60_000)
  expect(minutes).toEqual([15, 30, 60, 120, 960, 1440, 1440])
})
