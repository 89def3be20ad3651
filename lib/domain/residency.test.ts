import { expect, test } from 'vitest'
import { mayLieOn, misplacedFindings, residencyProblem } from './residency.ts'

test('a database that names no regions may lie anywhere, one that names some only there', () => {
  expect(mayLieOn(null, null)).toBe(true)
  expect(mayLieOn(null, 'us')).toBe(true)
  expect(mayLieOn(['eu-central'], ' EU-Central ')).toBe(true)
  expect(mayLieOn(['eu-central', 'eu-west'], 'us')).toBe(false)
})

test('a storage without a region is refused for a database that names regions, and an empty list allows nowhere', () => {
  expect(mayLieOn(['eu'], null)).toBe(false)
  expect(mayLieOn([], 'eu')).toBe(false)
  expect(residencyProblem({ name: 'shop', allowedRegions: ['eu'] }, { name: 'disk', region: null })).toMatchObject({
    code: 'refused',
    message: expect.stringContaining('Nobody said in which region disk lies'),
  })
  expect(residencyProblem({ name: 'shop', allowedRegions: ['eu'] }, { name: 'bucket', region: 'us' })?.message).toBe(
    'bucket lies in us, and copies of shop may lie in eu only.',
  )
  expect(residencyProblem({ name: 'shop', allowedRegions: ['eu'] }, { name: 'bucket', region: 'eu' })).toBe(null)
})

test('copies that break a rule are named, with what a person can do, and never called deleted', () => {
  const [finding] = misplacedFindings([{ database: 'shop', storage: { name: 'bucket', region: 'us' }, copies: 3 }])
  expect(finding).toMatchObject({ severity: 'warning', code: 'residency', message: expect.stringContaining('3 copies of shop lie on bucket (us)') })
})
