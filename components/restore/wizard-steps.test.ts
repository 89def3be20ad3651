import { expect, test } from 'vitest'
import { furthestStep, shownStep, type WizardAnswers } from './wizard-steps.ts'

const complete: WizardAnswers = {
  happened: 'lost',
  database: 'd',
  backup: 'b',
  name: 'new_db',
  plan: 'p',
  planPassed: true,
  operation: null,
}

test('a link to the confirmation without a passed dry run leads to the dry run', () => {
  expect(shownStep('confirm', { ...complete, planPassed: false })).toBe('dry-run')
  expect(shownStep('confirm', { ...complete, plan: null })).toBe('dry-run')
  expect(shownStep('confirm', complete)).toBe('confirm')
})

test('each missing answer holds the wizard at its own step', () => {
  expect(furthestStep({ ...complete, happened: null })).toBe('happened')
  expect(furthestStep({ ...complete, backup: null })).toBe('point')
  expect(furthestStep({ ...complete, name: '' })).toBe('target')
})

test('going back to an answered step is possible, unless the restore has begun', () => {
  expect(shownStep('point', complete)).toBe('point')
  expect(shownStep('point', { ...complete, operation: 'o' })).toBe('result')
})

test('a step that does not exist leads to the furthest open one', () => {
  expect(shownStep('nonsense', complete)).toBe('confirm')
  expect(shownStep(null, { ...complete, backup: null })).toBe('point')
})
