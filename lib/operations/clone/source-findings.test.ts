import { expect, test } from 'vitest'
import type { CloneFacts } from '#lib/engine/postgres/clone-facts.ts'
import { sourceFindings } from './source-findings.ts'

const facts: CloneFacts = {
  like: { encoding: 'UTF8', collate: 'C', ctype: 'C' },
  inRecovery: false,
  unlogged: 3,
  subscriptions: 0,
  relations: 100,
  lockRoom: 6400,
}
const said = (change: Partial<CloneFacts>) =>
  sourceFindings({ ...facts, ...change }, { server: null, tables: [] })
    .filter((one) => one.severity !== 'info')
    .map((one) => [one.severity, one.code, one.overridable])

test('a primary with room for its locks has nothing against being cloned', () => {
  expect(said({})).toEqual([])
})

test('a standby is said to be one, and what it has no rows of is counted', () => {
  expect(said({ inRecovery: true })).toEqual([
    ['warning', 'source_standby', true],
    ['warning', 'unlogged_rows', true],
  ])
  expect(said({ inRecovery: true, unlogged: 0 })).toEqual([['warning', 'source_standby', true]])
})

test('subscriptions, which would take over the source’s slots, are named', () => {
  expect(said({ subscriptions: 1 })).toEqual([['warning', 'subscriptions', true]])
})

test('more tables than the server has locks for block the clone until somebody overrides that', () => {
  expect(said({ relations: 5121 })).toEqual([['blocker', 'locks', true]])
  expect(said({ relations: 5120 })).toEqual([])
})
