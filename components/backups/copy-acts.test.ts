import { expect, test } from 'vitest'
import { copyStates } from '#lib/domain/states.ts'
import { copyCan, isReadable, noSource, refusedAt } from './copy-acts.ts'

const storage = { id: 's2', name: 'second', region: 'eu' }
const copy = (id: string, state: (typeof copyStates)[number]) => ({
  id: `c-${id}`,
  storage: { id, name: id, kind: 'local' as const },
  state,
  storedBytes: 1,
  storedAt: null,
  verifiedAt: null,
  problem: null,
  retainedUntil: null,
  nextTryAt: null,
})

test('a copy is not made where one lies or waits, and is made again where one was deleted or went bad', () => {
  const at = (state: (typeof copyStates)[number]) => refusedAt(storage, { copies: [copy('s1', 'verified'), copy('s2', state)] }, null)
  expect(at('verified')).toContain('already')
  expect(at('waiting')).toContain('waits already')
  expect(at('deleted')).toBeNull()
  expect(at('corrupt')).toBeNull()
})

test('a database that names its regions keeps its copies out of every other, and out of a storage that names none', () => {
  const backup = { copies: [copy('s1', 'verified')] }
  const database = { name: 'shop', allowedRegions: ['eu'] }
  expect(refusedAt(storage, backup, database)).toBeNull()
  expect(refusedAt({ ...storage, region: 'us' }, backup, database)).toContain('copies of shop may lie in eu only')
  expect(refusedAt({ ...storage, region: null }, backup, database)).toContain('Nobody said in which region second lies')
  expect(refusedAt({ ...storage, region: null }, backup, { ...database, allowedRegions: null })).toBeNull()
})

test('nothing is copied from a backup that no copy of can be read, and only what is damaged is repaired', () => {
  expect(noSource({ copies: [copy('s1', 'corrupt')] })).not.toBeNull()
  expect(noSource({ copies: [copy('s1', 'retained')] })).toBeNull()
  for (const state of copyStates) expect(copyCan({ state }).repair && isReadable({ state })).toBe(false)
})

test('what a lock keeps is not moved', () => {
  expect(copyCan({ state: 'retained' }).move).toBe(false)
})
