import { expect, test } from 'vitest'
import { statusNow } from '#components/watch/known-now.ts'
import { countWords, groupChecks, type KnownCheck } from './check-filters.ts'

function check(name: string, statusNow: KnownCheck['statusNow'], title = 'Backups'): KnownCheck {
  const database = name === '' ? null : { id: name, name }
  return { title, database, storage: null, statusNow } as KnownCheck
}

test('checks are grouped by what they are about, and what needs somebody comes first', () => {
  const groups = groupChecks([
    check('alpha', 'ok'),
    check('beta', 'ok'),
    check('beta', 'unknown', 'Room'),
    check('', 'critical'),
    check('beta', 'warning', 'Keys'),
  ])
  expect(groups.map((group) => group.name)).toEqual(['Lifeboat itself', 'beta', 'alpha'])
  expect(groups[1]?.checks.map((one) => one.title)).toEqual(['Keys', 'Room', 'Backups'])
  expect(groups.map((group) => countWords(group.counts))).toEqual(['1 critical', '1 warning, 1 unknown, 1 ok', '1 ok'])
})

test('a good result that a page has held for longer than three intervals is unknown', () => {
  const seen = { kind: 'database_reachable', status: 'ok', stale: false, checkedAt: '2026-11-23T08:00:00.000Z' } as const
  expect(statusNow(seen, Date.parse('2026-11-23T08:02:59Z'))).toEqual({ status: 'ok', stale: false })
  expect(statusNow(seen, Date.parse('2026-11-23T08:03:01Z'))).toEqual({ status: 'unknown', stale: true })
})
