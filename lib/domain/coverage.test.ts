import { expect, test } from 'vitest'
import { coverageOf } from './coverage.ts'

const entry = { ordinal: 1, schema: 'public', name: 't', rows: 1, rawBytes: 1, storedBytes: 1, rawSha256: '' }

test('before the first backup nothing of the database counts as in', () => {
  expect(coverageOf(null).filter((one) => one.in === true)).toEqual([])
})

test('what no backup holds is named as not in', () => {
  const notIn = coverageOf({ contents: [{ ...entry, kind: 'table' }] }).filter((one) => one.in === false)
  expect(notIn.map((one) => one.what)).toEqual(expect.arrayContaining(['Storage files', 'Secrets', 'Server settings', 'Roles']))
})

test('roles are in when the globals are, and their passwords never', () => {
  const roles = coverageOf({ contents: [{ ...entry, kind: 'globals' }] }).find((one) => one.what === 'Roles')
  expect(roles?.in).toBe(true)
  expect(roles?.detail).toContain('Never their passwords')
})
