import { expect, test } from 'vitest'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { errorOf, exitCodeOf } from './follow.ts'
import { plain, size, table } from './output.ts'

const row = (values: Partial<OperationRow>): OperationRow =>
  ({ state: 'succeeded', dry_run: false, result: null, error: null, findings: [], ...values }) as OperationRow

test.each([
  ['done', row({}), 0],
  ['done with a failed copy', row({ state: 'succeeded_with_findings' }), 3],
  ['failed', row({ state: 'failed', error: { code: 'tool_failed', message: '', hint: '' } }), 1],
  ['refused as unsafe', row({ state: 'failed', error: { code: 'target_exists', message: '', hint: '' } }), 5],
  ['failed with a code of a newer version', row({ state: 'failed', error: { code: 'never_heard_of', message: '', hint: '' } }), 1],
  ['interrupted', row({ state: 'interrupted' }), 75],
  ['cancelled', row({ state: 'cancelled' }), 130],
  ['a plan', row({ dry_run: true, result: { plan: { blocked: false } }, state: 'succeeded_with_findings' }), 0],
  ['a blocked plan', row({ dry_run: true, result: { plan: { blocked: true } }, state: 'succeeded_with_findings' }), 5],
  ['a valid verdict', row({ result: { verdict: 'valid' } }), 0],
  ['a corrupt verdict', row({ result: { verdict: 'corrupt' }, state: 'succeeded_with_findings' }), 3],
  ['a complete restore', row({ result: { restore: { outcome: 'completed' } } }), 0],
  ['a restore with losses', row({ result: { restore: { outcome: 'completed_with_losses' } }, state: 'succeeded_with_findings' }), 3],
  [
    'an indeterminate restore',
    row({ result: { restore: { outcome: 'indeterminate' } }, state: 'failed', error: { code: 'indeterminate', message: '', hint: '' } }),
    1,
  ],
])('%s has the exit code of the contract', (_what, operation, code) => {
  expect(exitCodeOf(operation)).toBe(code)
})

test('an operation that did not come to its end is an error with its own code', () => {
  expect(errorOf(row({}))).toBeNull()
  expect(errorOf(row({ state: 'interrupted' }))?.code).toBe('interrupted')
  expect(errorOf(row({ state: 'failed', error: { code: 'disk_full', message: 'full', hint: '' } }))?.code).toBe('disk_full')
})

test('a name cannot steer the terminal: control characters are shown', () => {
  expect(plain('a\u001b[2Jb\nc')).toBe('a\\x1b[2Jb\\x0ac')
  expect(table(['NAME'], [['x\u0007']])).toBe('NAME\nx\\x07')
})

test('sizes are said in units of a thousand, and unknown is no number', () => {
  expect([size(999), size(4_055_909), size(null)]).toEqual(['999 B', '4.1 MB', '–'])
})
