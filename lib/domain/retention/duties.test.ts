import { expect, test } from 'vitest'
import { dutyFindings, type DutiesInput } from './duties.ts'

const input: DutiesInput = {
  now: new Date('2026-11-22T06:00:00Z'),
  rules: [{ id: '1', databaseId: null, storageId: null, tier: 'monthly', keep: { unit: 'months', count: 12 }, pending: null }],
  duties: [{ id: '1', name: 'SOX', tag: 'financial', tier: 'monthly', keep: { unit: 'years', count: 7 }, endsAt: null }],
  databases: [
    { id: 'b', name: 'billing', tags: ['financial'] },
    { id: 's', name: 'shop', tags: [] },
  ],
  storages: [
    { id: 'n', name: 'near' },
    { id: 'f', name: 'far' },
  ],
  schedules: [{ databaseId: 'b', tier: 'monthly', paused: false }],
}

test('a rule that is shorter than a duty is said to contradict it, by name', () => {
  expect(dutyFindings(input).map((one) => one.message)).toEqual([
    'SOX asks for monthly backups of billing for 7 years; the rule keeps them 12 months.',
  ])
})

test('a rule that is as long contradicts nothing; one for a single storage is named with it', () => {
  const years = { ...input.rules[0], id: '2', keep: { unit: 'years', count: 7 } } as DutiesInput['rules'][number]
  expect(dutyFindings({ ...input, rules: [years] })).toEqual([])
  expect(dutyFindings({ ...input, rules: [...input.rules, { ...years, databaseId: 'b', storageId: 'n' }] }).map((one) => one.message)).toEqual([
    'SOX asks for monthly backups of billing for 7 years; the rule keeps them 12 months on far.',
  ])
})

test('a duty for a tagged database without a monthly schedule that is on is said to be met by nothing', () => {
  const years = { ...input.rules[0], keep: { unit: 'years', count: 7 } } as DutiesInput['rules'][number]
  for (const schedules of [[], [{ databaseId: 'b', tier: 'daily', paused: false }], [{ databaseId: 'b', tier: 'monthly', paused: true }]] as const)
    expect(dutyFindings({ ...input, rules: [years], schedules }).map((one) => one.code)).toEqual(['duty_unmet'])
})
