import { expect, test } from 'vitest'
import { LifeboatError } from '#lib/domain/errors.ts'
import { outcomeOf } from './outcome.ts'

const known = { targetDbname: 'shop', safetyBackupId: 'b1', transactionId: '77', why: new LifeboatError('interrupted', 'The worker died.') }

test('a transaction that was rolled back is a failed restore, and nothing has to be looked at', () => {
  const { error, restore } = outcomeOf('aborted', known)
  expect([error.code, restore.outcome, restore.safetyBackupId]).toEqual(['interrupted', 'failed', 'b1'])
  expect(error.hint).toContain('shop is as it was before')
})

test('a transaction that was committed is a restore that nobody compared: a loss, never "completed"', () => {
  const { error, restore } = outcomeOf('committed', known)
  expect(restore).toMatchObject({ outcome: 'completed_with_losses', losses: [{ object: 'the comparison' }], transactionId: '77' })
  expect(error.hint).toContain('safety backup b1')
})

test('a transaction that the server does not know any more is indeterminate, with the way out', () => {
  for (const status of [null, 'in progress'] as const) {
    const { error, restore } = outcomeOf(status, known)
    expect([error.code, restore.outcome]).toEqual(['indeterminate', 'indeterminate'])
    expect(error.hint).toMatch(/never between.*safety backup b1/)
  }
})

test('a database that is gone is not said to be as it was', () => {
  const { error, restore } = outcomeOf('database gone', known)
  expect([error.message, restore.outcome]).toEqual([expect.stringContaining('not there any more'), 'failed'])
  expect(error.hint).not.toContain('shop is as it was')
})
