import { expect, test } from 'vitest'
import { serverFindings } from './findings.ts'

const usual = { isPooler: false, inRecovery: false, versionNum: 150_020, version: '15.20' }

test('one table is written on a primary of the backup’s major or a newer one, and through no transaction pooler', () => {
  const codes = (change: Partial<typeof usual>) =>
    serverFindings({ ...usual, ...change }, { serverNum: 150_004 }).map((one) => [one.code, one.overridable])
  expect(codes({})).toEqual([])
  expect(codes({ versionNum: 170_001 })).toEqual([])
  expect(codes({ isPooler: true })).toEqual([['transaction_pooler', false]])
  expect(codes({ inRecovery: true })).toEqual([['read_only_server', false]])
  expect(codes({ versionNum: 140_009 })).toEqual([['server_older', true]])
})
