import { expect, test } from 'vitest'
import { labelProblem, labelsOf } from './labels.ts'

test('what is typed with commas becomes a list without blanks and without doubles', () => {
  expect(labelsOf(' financial, eu ,, financial,')).toEqual(['financial', 'eu'])
  expect(labelsOf('  ')).toEqual([])
})

test('too many or too long labels are told', () => {
  expect(labelProblem(['a'])).toBeNull()
  expect(labelProblem(['a'.repeat(41)])).toContain('40')
  expect(labelProblem(Array.from({ length: 21 }, (_, at) => String(at)))).toContain('20')
})
