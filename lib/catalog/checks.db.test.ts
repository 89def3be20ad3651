import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { forgetGoneChecks, forgetOldResults, listChecks, recordChecks } from './checks.ts'

let it: TestCatalog
beforeAll(async () => {
  it = await createTestCatalog()
})
afterAll(() => it.close())
beforeEach(async () => {
  await it.catalog.deleteFrom('checks').execute()
  await it.catalog.deleteFrom('check_results').execute()
})

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute))

function look(over: Partial<CheckResult> = {}): CheckResult {
  return {
    kind: 'queue',
    subject: '',
    subjectName: '',
    databaseId: null,
    storageId: null,
    status: 'ok',
    words: 'Nothing waits.',
    value: 0,
    detail: {},
    ...over,
  }
}

async function history() {
  const rows = await it.catalog.selectFrom('check_results').select(['at', 'status']).orderBy('id').execute()
  return rows.map((row) => `${row.at.getUTCMinutes()} ${row.status}`)
}

test('a check keeps its last result and since when it says so; its history has every change and one row every five minutes', async () => {
  for (const minute of [0, 1, 2, 6]) await recordChecks(it.catalog, at(minute), [look()])
  await recordChecks(it.catalog, at(7), [look({ status: 'warning', words: 'Work waits.', value: 700, detail: { oldest: 'a' } })])
  await recordChecks(it.catalog, at(8), [look({ status: 'warning', words: 'Work waits still.', value: 760 })])
  expect(await listChecks(it.catalog)).toMatchObject([
    { kind: 'queue', subject: '', status: 'warning', words: 'Work waits still.', value: 760, since: at(7), checked_at: at(8) },
  ])
  expect(await history()).toEqual(['0 ok', '6 ok', '7 warning'])
})

test('a look that is older than the one that stands brings nothing back', async () => {
  await recordChecks(it.catalog, at(5), [look({ status: 'critical', words: 'No worker is alive.' })])
  await recordChecks(it.catalog, at(4), [look()])
  expect(await listChecks(it.catalog)).toMatchObject([{ status: 'critical', checked_at: at(5) }])
  expect(await history()).toEqual(['5 critical'])
})

test('two processes that record at once leave one row for each check', async () => {
  const results = Array.from({ length: 20 }, (_, index) => look({ kind: 'worker_tools', subject: `w${index}`, subjectName: `w${index}` }))
  await Promise.all(Array.from({ length: 6 }, (_, run) => recordChecks(it.catalog, at(run), run % 2 === 0 ? results : results.toReversed())))
  const rows = await listChecks(it.catalog)
  expect(rows).toHaveLength(20)
  expect(new Set(rows.map((row) => row.checked_at.getUTCMinutes()))).toEqual(new Set([5]))
})

test('what is gone loses its row, other kinds keep theirs; old history goes', async () => {
  await recordChecks(it.catalog, at(0), [look({ kind: 'worker_tools', subject: 'a' }), look({ kind: 'worker_tools', subject: 'b' }), look()])
  await forgetGoneChecks(it.catalog, ['worker_tools'], [{ kind: 'worker_tools', subject: 'b' }])
  expect((await listChecks(it.catalog)).map((row) => `${row.kind} ${row.subject}`)).toEqual(['queue ', 'worker_tools b'])
  expect(await forgetOldResults(it.catalog, at(1))).toBe(3)
  expect(await history()).toEqual([])
})
