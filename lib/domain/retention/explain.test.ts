import { expect, test } from 'vitest'
import { explainReason, fateWords } from './explain.ts'

const until = new Date('2027-03-03T02:00:00Z')
const monthly = { kind: 'rule', tier: 'monthly', keep: { unit: 'months', count: 12 }, until } as const

test('one line says until when and by what', () => {
  expect(fateWords({ action: 'keep', reasons: [monthly], until })).toBe('kept until 3 March 2027 by monthly, 12 months')
  expect(fateWords({ action: 'keep', reasons: [{ kind: 'hold', hold: 'legal', reason: 'case 7' }, monthly], until: null })).toBe(
    'kept by a legal hold',
  )
  expect(fateWords({ action: 'keep', reasons: [{ kind: 'nothing_newer', tier: null }], until: null })).toBe('kept until a newer backup is verified')
  expect(fateWords({ action: 'wait', reasons: [{ kind: 'locked', until }], until })).toBe(
    'would go, and waits until 3 March 2027 by a lock of the storage',
  )
})

test('a hold of an unknown kind is named, and holds', () => {
  expect(explainReason({ kind: 'hold', hold: 'embargo', reason: '' })).toBe(
    'A hold of a kind that is not known here (embargo) keeps it until a person releases it: no reason was given.',
  )
})
