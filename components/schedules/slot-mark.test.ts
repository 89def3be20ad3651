import { expect, test } from 'vitest'
import type { SlotView } from '#lib/domain/keeping-views.ts'
import { describeSlots, markOf } from './slot-mark.ts'

const slot = (change: Partial<SlotView> = {}): SlotView => ({
  at: '2026-11-22T03:00:00.000Z',
  state: 'filled',
  missed: false,
  reason: null,
  operation: { id: '1', state: 'succeeded' },
  ...change,
})

test('a run that failed is shown as failed although its slot was filled in time', () => {
  expect(markOf(slot({ operation: { id: '1', state: 'failed' } }))).toBe('failed')
  expect(markOf(slot({ state: 'late', operation: { id: '1', state: 'interrupted' } }))).toBe('failed')
  expect(markOf(slot({ operation: { id: '1', state: 'succeeded_with_findings' } }))).toBe('ran')
})

test('a slot that nobody served is missed, although its row still says owed', () => {
  expect(markOf(slot({ state: 'owed', operation: null, missed: true }))).toBe('missed')
  expect(markOf(slot({ state: 'owed', operation: null }))).toBe('due')
})

test('late, skipped and running differ', () => {
  expect(markOf(slot({ state: 'late' }))).toBe('late')
  expect(markOf(slot({ state: 'skipped', operation: null, missed: true }))).toBe('skipped')
  expect(markOf(slot({ operation: { id: '1', state: 'running' } }))).toBe('running')
})

test('the marks are told in words', () => {
  expect(describeSlots([])).toBe('no run was due yet')
  expect(describeSlots([slot(), slot(), slot({ state: 'missed', operation: null })])).toBe('last 3 runs: 2 ran, 1 missed')
})
