import { expect, test } from 'vitest'
import type { TargetFingerprint } from '#lib/domain/plan.ts'
import { refuseOtherTarget } from './same-target.ts'

const confirmed: TargetFingerprint = { host: 'db', port: 5432, systemIdentifier: '7', dbname: 'shop', oid: 16_400, inRecovery: false }

test('the target that was confirmed is the target', () => {
  expect(() => refuseOtherTarget({ ...confirmed }, confirmed)).not.toThrow()
  expect(() => refuseOtherTarget({ ...confirmed }, null)).not.toThrow()
})

test.each([
  [{ host: 'other' }, 'another address'],
  [{ port: 5433 }, 'another address'],
  [{ systemIdentifier: '8' }, 'another server'],
  [{ dbname: 'till' }, 'another name'],
  [{ oid: 16_401 }, 'another database has its name'],
  [{ oid: null }, 'another database has its name'],
  [{ inRecovery: true }, 'standby'],
] as const)('a target with %j is another one', (change, words) => {
  expect(() => refuseOtherTarget({ ...confirmed, ...change }, confirmed)).toThrow(words)
})

test('what the server did not show when it was confirmed is not asked for', () => {
  expect(() => refuseOtherTarget(confirmed, { ...confirmed, systemIdentifier: null, oid: null, dbname: null })).not.toThrow()
})
