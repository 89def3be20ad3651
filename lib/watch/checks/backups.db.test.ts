import { afterEach, beforeEach, expect, test } from 'vitest'
import { insertDatabase } from '#lib/catalog/databases.ts'
import type { OperationState } from '#lib/domain/states.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { watchRound } from '../round.ts'

let it: TestCatalog
let databaseId: string
beforeEach(async () => {
  it = await createTestCatalog()
  const row = await insertDatabase(it.catalog, { name: 'shop', host: 'db', port: 5432, dbname: 'shop', username: 'u', created_at: later(-1440) })
  databaseId = row?.id ?? ''
})
afterEach(() => it.close())

const start = new Date('2026-03-10T12:00:00Z')
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)
const week = 7 * 1440

async function backUp(minutes: number, state: OperationState, tier: 'manual' | 'daily' = 'manual') {
  const error = state === 'failed' ? JSON.stringify({ code: 'disk_full', message: 'The disk is full.', hint: '' }) : null
  await it.catalog
    .insertInto('operations')
    .values({
      kind: 'backup',
      state,
      title: 'Back up',
      input: JSON.stringify({ tier }),
      database_id: databaseId,
      requested_name: 'Ada',
      requested_via: 'cli',
      error,
      created_at: later(minutes),
      started_at: later(minutes),
      finished_at: later(minutes + 1),
    })
    .execute()
}

async function onDemand(minutes: number) {
  await watchRound(it.catalog, later(minutes), { rest: false })
  const [check, open] = await Promise.all([
    it.catalog.selectFrom('checks').select(['status', 'words']).where('kind', '=', 'backup').executeTakeFirst(),
    it.catalog.selectFrom('alerts').select('id').where('kind', '=', 'backup').where('resolved_at', 'is', null).execute(),
  ])
  return [check?.status ?? null, check?.words ?? null, open.length]
}

const failed = ['critical', 'The last backup on demand failed: The disk is full.', 1]

test('a backup on demand that failed is put right by a later success of any tier, and neither by a cancelled one nor by waiting', async () => {
  await backUp(0, 'failed')
  expect(await onDemand(2)).toEqual(failed)
  await backUp(5, 'cancelled')
  expect(await onDemand(7)).toEqual(failed)
  expect(await onDemand(week + 60)).toEqual(failed)
  await backUp(week + 61, 'succeeded', 'daily')
  const words = 'The last backup on demand failed; a later backup succeeded.'
  expect(await onDemand(week + 63)).toEqual(['ok', words, 0])
  const alerts = await it.catalog.selectFrom('alerts').select('resolution').where('kind', '=', 'backup').execute()
  expect(alerts).toEqual([{ resolution: words }])
  expect(await onDemand(2 * week + 63)).toEqual([null, null, 0])
})

test('within a week it says what became of the last one; one that was cancelled alone says nothing', async () => {
  await backUp(0, 'cancelled')
  expect(await onDemand(2)).toEqual([null, null, 0])
  await backUp(3, 'failed')
  await backUp(5, 'succeeded', 'daily')
  expect(await onDemand(7)).toEqual(['ok', 'The last backup on demand failed; a later backup succeeded.', 0])
  await backUp(8, 'succeeded')
  await backUp(9, 'cancelled')
  expect(await onDemand(11)).toEqual(['ok', 'The last backup on demand succeeded.', 0])
  expect(await onDemand(week + 60)).toEqual([null, null, 0])
})
