import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { forgetOldResults } from './checks.ts'
import { forgetOldWatching } from './forget.ts'

let it: TestCatalog
beforeAll(async () => {
  it = await createTestCatalog()
})
afterAll(() => it.close())

const now = new Date('2026-03-10T12:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)

test('old history of checks goes in batches, the oldest first, and what one run leaves goes with the next', async () => {
  await sql`INSERT INTO check_results (kind, subject, at, status, words)
    SELECT 'queue', '', ${now}::timestamptz - make_interval(days => n), 'ok', '' FROM generate_series(1, 100) AS n`.execute(it.catalog)
  const left = async () => {
    const { rows } = await sql<{ count: number; oldest: Date }>`SELECT count(*)::int AS count, min(at) AS oldest FROM check_results`.execute(
      it.catalog,
    )
    return rows[0]
  }
  expect(await forgetOldResults(it.catalog, daysAgo(20), { rows: 10, atMost: 3 })).toBe(30)
  expect(await left()).toEqual({ count: 70, oldest: daysAgo(70) })
  expect(await forgetOldResults(it.catalog, daysAgo(20), { rows: 7, atMost: 100 })).toBe(50)
  expect(await left()).toEqual({ count: 20, oldest: daysAgo(20) })
  expect(await forgetOldResults(it.catalog, daysAgo(20))).toBe(0)
})

test('messages, alerts that are over and own checks go in batches; what waits, what is open and what a person asked for stays', async () => {
  const { id: channel } = await it.catalog
    .insertInto('channels')
    .values({ name: 'hook', kind: 'webhook', config: JSON.stringify({ host: 'x' }) })
    .returning('id')
    .executeTakeFirstOrThrow()
  await sql`INSERT INTO messages (channel_id, dedupe_key, topic, content, created_at, state)
    SELECT ${channel}, n::text, 'alert', '{}', ${daysAgo(91)}, CASE WHEN n = 1 THEN 'waiting' ELSE 'sent' END FROM generate_series(1, 12) AS n`.execute(
    it.catalog,
  )
  await sql`INSERT INTO alerts (kind, subject, subject_name, severity, words, opened_at, since, seen_at, resolved_at)
    SELECT 'queue', n::text, '', 'warning', '', ${daysAgo(500)}, ${daysAgo(500)}, ${daysAgo(500)}, CASE WHEN n = 1 THEN NULL ELSE ${daysAgo(401)}::timestamptz END
    FROM generate_series(1, 12) AS n`.execute(it.catalog)
  await sql`INSERT INTO alert_events (alert_id, at, kind, words) SELECT id, opened_at, 'opened', '' FROM alerts`.execute(it.catalog)
  await sql`INSERT INTO operations (kind, state, title, input, requested_name, requested_via, created_at, finished_at)
    SELECT 'check', 'succeeded', 'Check', '{}', 'x', CASE WHEN n = 1 THEN 'web' ELSE 'system' END, ${daysAgo(91)}, ${daysAgo(91)}
    FROM generate_series(1, 12) AS n`.execute(it.catalog)
  const few = { rows: 4, atMost: 2 }
  expect(await forgetOldWatching(it.catalog, now, { others: few, operations: few })).toEqual({ messages: 8, alerts: 8, operations: 8 })
  expect(await forgetOldWatching(it.catalog, now)).toEqual({ messages: 3, alerts: 3, operations: 3 })
  const { rows } = await sql<Record<string, number>>`
    SELECT (SELECT count(*)::int FROM messages) AS messages, (SELECT count(*)::int FROM alerts) AS alerts,
      (SELECT count(*)::int FROM alert_events) AS events, (SELECT count(*)::int FROM operations) AS operations`.execute(it.catalog)
  expect(rows).toEqual([{ messages: 1, alerts: 1, events: 1, operations: 1 }])
})
