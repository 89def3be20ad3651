import { expect, test } from 'vitest'
import { keepOf } from './retention-words.ts'

test('how long is typed in words or short; an empty time, another unit and nonsense are refused', () => {
  expect(keepOf('30 days')).toEqual({ unit: 'days', count: 30 })
  expect(keepOf('1 week')).toEqual({ unit: 'weeks', count: 1 })
  expect(keepOf('12m')).toEqual({ unit: 'months', count: 12 })
  expect(keepOf(' 7 Years ')).toEqual({ unit: 'years', count: 7 })
  for (const wrong of ['', '0 days', '30', 'days', '5 hours', '-3 days', '1.5 days', '5000 days', '30 days or so'])
    expect(() => keepOf(wrong)).toThrow()
})
