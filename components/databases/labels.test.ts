import { expect, test } from 'vitest'
import { labelProblem, labelsOf } from './labels.ts'

test('what is typed with commas becomes a list without blanks and without doubles', () => {
  expect(labelsOf(' financial, eu ,, Financial,')).toEqual(['financial', 'eu'])
  expect(labelsOf('  ')).toEqual([])
})

test('too many or too long labels are told', () => {
  expect(labelProblem(['a'])).toBeNull()
  expect(labelProblem(['a'.repeat(61)])).toContain('60')
  expect(labelProblem(Array.from({ length: 51 }, (_, at) => String(at)))).toContain('50')
})
