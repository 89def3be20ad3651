import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import type { OperationState } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

let it: TestCatalog
let databaseId: string
beforeEach(async () => {
  it = await createTestCatalog()
  const row = await it.catalog
    .insertInto('databases')
    .values({ name: 'shop', host: 'h', port: 5432, dbname: 'shop', username: 'u' })
    .returning('id')
    .executeTakeFirstOrThrow()
  databaseId = row.id
})
afterEach(() => it.close())

interface Past {
  kind: 'backup' | 'restore'
  state: OperationState
  daysAgo: number
  seconds?: number
  input?: Record<string, unknown>
  result?: Record<string, unknown>
  dryRun?: boolean
}

async function happened(db: Kysely<Catalog>, past: Past): Promise<string> {
  const at = new Date(Date.now() - past.daysAgo * 86_400_000)
  const row = await db
    .insertInto('operations')
    .values({
      kind: past.kind,
      state: past.state,
      dry_run: past.dryRun ?? false,
      title: 'x',
      input: JSON.stringify(past.input ?? {}),
      database_id: databaseId,
      requested_name: 'Ann',
      requested_via: 'web',
      created_at: at,
      started_at: at,
      finished_at: past.seconds === undefined ? null : new Date(at.getTime() + past.seconds * 1_000),
      result: past.result === undefined ? null : JSON.stringify(past.result),
      error: past.state === 'failed' ? JSON.stringify({ code: 'failed', message: 'no luck', hint: '' }) : null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

test('the older success-rate query runs as it is', async () => {
  const done = await happened(it.catalog, { kind: 'backup', state: 'succeeded', daysAgo: 1, seconds: 10, input: { tier: 'daily' } })
  await happened(it.catalog, { kind: 'backup', state: 'succeeded_with_findings', daysAgo: 1, seconds: 30, input: { tier: 'daily' } })
  await happened(it.catalog, { kind: 'backup', state: 'failed', daysAgo: 1, seconds: 1, input: { tier: 'daily' } })
  await happened(it.catalog, { kind: 'backup', state: 'interrupted', daysAgo: 1, seconds: 1, input: { tier: 'daily' } })
  await happened(it.catalog, { kind: 'backup', state: 'succeeded', daysAgo: 9, seconds: 10, input: { tier: 'daily' } })
  await happened(it.catalog, { kind: 'backup', state: 'succeeded', daysAgo: 1, seconds: 10, dryRun: true })
  const backup = {
    id: randomUUID(),
    name: 'b',
    path: 'p',
    database_id: databaseId,
    tier: 'daily',
    attempt: '0',
    operation_id: done,
    created_at: new Date(),
    stored_bytes: 5e9,
  }
  await it.catalog
    .insertInto('backups')
    .values({ ...backup, tier: 'daily' })
    .execute()

  const rate = await sql<Record<string, unknown>>`
    SELECT DATE(created_at) as backup_date,
      COUNT(*) as total_backups,
      COUNT(CASE WHEN status = 'success' THEN 1 END) as successful_backups,
      ROUND(COUNT(CASE WHEN status = 'success' THEN 1 END) * 100.0 / COUNT(*), 2) as success_rate
    FROM backup_logs
    WHERE created_at >= NOW() - INTERVAL '7 days'
    GROUP BY DATE(created_at)
    ORDER BY backup_date DESC`.execute(it.catalog)
  expect(rate.rows).toMatchObject([{ total_backups: 4, successful_backups: 2, success_rate: '50.00' }])

  const row = await it.catalog.selectFrom('backup_logs').selectAll().where('id', '=', done).executeTakeFirstOrThrow()
  expect(row).toMatchObject({ database: 'shop', backup_type: 'daily', status: 'success', duration_seconds: 10, size_bytes: 5e9, error_message: null })
  expect(Object.keys(row)).toEqual(['id', 'created_at', 'database', 'backup_type', 'status', 'duration_seconds', 'size_bytes', 'error_message'])
})

test('a slot that nobody served counts as missed, one that was served does not', async () => {
  const schedule = await it.catalog
    .insertInto('schedules')
    .values({ database_id: databaseId, tier: 'daily', cron: '0 3 * * *', storage_ids: [] })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (const [day, state] of [
    [1, 'missed'],
    [2, 'skipped'],
    [3, 'late'],
  ] as const) {
    await it.catalog
      .insertInto('slots')
      .values({ schedule_id: schedule.id, slot: new Date(Date.UTC(2026, 10, day)), state })
      .execute()
  }
  const missed = await it.catalog.selectFrom('backup_logs').selectAll().orderBy('created_at').execute()
  expect(missed).toMatchObject([
    { status: 'missed', backup_type: 'daily', database: 'shop' },
    { status: 'missed', backup_type: 'daily', database: 'shop' },
  ])
})

test('the older recovery query, with the GROUP BY that it lacked, tells average and longest time by type', async () => {
  const restore = { kind: 'restore', daysAgo: 3, input: { scope: 'full' } } as const
  const outcome = (word: string) => ({ restore: { outcome: word } })
  await happened(it.catalog, { ...restore, state: 'succeeded', seconds: 100, result: outcome('completed') })
  await happened(it.catalog, { ...restore, state: 'succeeded', seconds: 300, result: outcome('completed') })
  await happened(it.catalog, { ...restore, state: 'succeeded_with_findings', seconds: 900, result: outcome('completed_with_losses') })
  await happened(it.catalog, { ...restore, state: 'failed', seconds: 5, result: outcome('indeterminate') })
  await happened(it.catalog, { ...restore, state: 'succeeded', seconds: 50, dryRun: true })
  await happened(it.catalog, { ...restore, state: 'running' })
  await happened(it.catalog, { ...restore, state: 'succeeded', seconds: 9_000, daysAgo: 31 })

  const times = await sql<Record<string, unknown>>`
    SELECT recovery_type, AVG(duration_seconds) as avg_duration, MAX(duration_seconds) as max_duration
    FROM recovery_logs
    WHERE status = 'success' AND created_at >= NOW() - INTERVAL '30 days'
    GROUP BY recovery_type`.execute(it.catalog)
  expect(times.rows).toEqual([{ recovery_type: 'full', avg_duration: 200, max_duration: 300 }])

  const states = await it.catalog
    .selectFrom('recovery_logs')
    .select(['status', 'error_message'])
    .where('created_at', '>', new Date(Date.now() - 5 * 86_400_000))
    .execute()
  expect(states.map((row) => row.status).sort()).toEqual(['failed', 'failed', 'running', 'success', 'success'])
})
