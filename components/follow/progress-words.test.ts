import { expect, test } from 'vitest'
import { progressWords, shareOf } from './progress-words.ts'

test('unknown numbers are left out, and an unknown time left is being estimated', () => {
  expect(progressWords({})).toBe('time left: estimating')
  expect(progressWords({ doneItems: 12, totalItems: 42, itemNoun: 'table', bytesPerSecond: 48_000_000, secondsLeft: 4.2 })).toBe(
    '29 % · 12 of 42 tables · 48 MB/s · about 4 s left',
  )
})

test('a share is never above one, and is unknown without a total', () => {
  expect(shareOf({ doneBytes: 7, totalBytes: 5 })).toBe(1)
  expect(shareOf({ doneBytes: 7 })).toBeNull()
  expect(shareOf({ doneBytes: 0, totalBytes: 0 })).toBeNull()
})
