import { expect, test } from 'vitest'
import { fateOf } from './fate-of.ts'

const fate = (action: 'keep' | 'delete' | 'wait', until: string | null) => ({ action, until, words: '' })
const march = '2027-03-01T00:00:00.000Z'
const june = '2027-06-01T00:00:00.000Z'

test('what goes and what waits is told first', () => {
  expect(fateOf({ now: fate('keep', march), tried: fate('delete', march) })).toBe('goes')
  expect(fateOf({ now: fate('keep', march), tried: fate('wait', march) })).toBe('waits')
})

test('what goes under the rules in force too is not blamed on those tried out', () => {
  expect(fateOf({ now: fate('delete', march), tried: fate('delete', march) })).toBe('goes_anyway')
})

test('what stays is told by whether it stays longer or less long than now', () => {
  expect(fateOf({ now: fate('keep', march), tried: fate('keep', march) })).toBe('stays')
  expect(fateOf({ now: fate('keep', june), tried: fate('keep', march) })).toBe('sooner')
  expect(fateOf({ now: fate('keep', march), tried: fate('keep', june) })).toBe('longer')
  expect(fateOf({ now: fate('keep', march), tried: fate('keep', null) })).toBe('otherwise')
  expect(fateOf({ now: fate('keep', null), tried: fate('keep', march) })).toBe('sooner')
  expect(fateOf({ now: fate('delete', march), tried: fate('keep', june) })).toBe('longer')
})
