import { expect, test } from 'vitest'
import { readAddress } from './wizard-address.ts'
import { furthestStep, shownStep, stepsOf, type WizardAnswers } from './wizard-steps.ts'

const whole = { happened: 'database', way: 'new', database: 'd', backup: 'b', name: 'new_db', plan: 'p' }
const complete: WizardAnswers = { address: readAddress(whole), planPassed: true, begun: false }
const without = (change: Record<string, string | undefined>): WizardAnswers => ({ ...complete, address: readAddress({ ...whole, ...change }) })

test('a link to the confirmation without a passed dry run leads to the dry run', () => {
  expect(shownStep('confirm', { ...complete, planPassed: false })).toBe('dry-run')
  expect(shownStep('confirm', without({ plan: '' }))).toBe('dry-run')
  expect(shownStep('confirm', complete)).toBe('confirm')
})

test('each missing answer holds the wizard at its own step', () => {
  expect(furthestStep(without({ backup: '', happened: '' }))).toBe('happened')
  expect(furthestStep(without({ backup: '' }))).toBe('point')
  expect(furthestStep(without({ name: '' }))).toBe('target')
})

test('what overwrites needs no name, but somebody must have chosen it; one table must be named', () => {
  expect(furthestStep(without({ way: 'replace', name: '' }))).toBe('confirm')
  expect(furthestStep(without({ happened: 'table', way: 'beside', name: '' }))).toBe('target')
  expect(furthestStep(without({ happened: 'table', way: 'beside', schema: 's', table: 't' }))).toBe('confirm')
})

test('a clone asks for no point, and a lost system leads to the runbook instead of further into the wizard', () => {
  const clone = without({ happened: 'move', way: 'clone', backup: '' })
  expect(stepsOf(clone.address)).not.toContain('point')
  expect(furthestStep(clone)).toBe('confirm')
  expect(furthestStep(without({ happened: 'everything' }))).toBe('happened')
})

test('going back to an answered step is possible, unless the restore has begun', () => {
  expect(shownStep('point', complete)).toBe('point')
  expect(shownStep('point', { ...complete, begun: true })).toBe('result')
})

test('a step that does not exist leads to the furthest open one', () => {
  expect(shownStep('nonsense', complete)).toBe('confirm')
  expect(shownStep(null, without({ backup: '' }))).toBe('point')
})
