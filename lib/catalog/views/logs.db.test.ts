import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { searchLogs } from './logs.ts'

let it: TestCatalog
const databases: Record<string, string> = {}
beforeAll(async () => {
  it = await createTestCatalog()
  for (const name of ['shop', 'other']) {
    const row = await insertDatabase(it.catalog, { name, host: 'db', port: 5432, dbname: name, username: 'lifeboat' })
    databases[name] = row?.id ?? ''
    const operation = await it.catalog
      .insertInto('operations')
      .values({
        kind: 'backup',
        title: `Back up ${name}`,
        input: '{}',
        database_id: databases[name],
        requested_name: 'Ada',
        requested_via: 'web',
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    await appendEvent(it.catalog, operation.id, { kind: 'state', message: 'queued', data: { state: 'queued' } })
    await appendEvent(it.catalog, operation.id, { kind: 'progress', message: '50 %' })
    await appendEvent(it.catalog, operation.id, { kind: 'warning', message: `table 100%_${name} is large` })
    await appendEvent(it.catalog, operation.id, { kind: 'state', message: `The dump of ${name} stopped.`, data: { state: 'failed' } })
    const error = JSON.stringify({ code: 'disk_full', message: `The dump of ${name} stopped.`, hint: '' })
    await sql`UPDATE operations SET state = 'failed', error = ${error}::jsonb WHERE id = ${operation.id}`.execute(it.catalog)
  }
  await sql`UPDATE operation_events SET at = at - interval '2 days' WHERE message = 'queued'`.execute(it.catalog)
})
afterAll(() => it.close())

const admin: Actor = { kind: 'cli', id: null, name: 'Ada', role: 'admin', databaseIds: null }
const messages = async (filters: Parameters<typeof searchLogs>[3], actor = admin) =>
  (await searchLogs(it.catalog, actor, new Date(), filters)).rows.map((line) => line.message)

test('lines of all operations are found by text, kind, database and time, newest first, and a common fault is explained', async () => {
  const { rows } = await searchLogs(it.catalog, admin, new Date(), { q: 'THE DUMP', databaseId: databases.shop })
  expect(rows).toMatchObject([
    { kind: 'error', operation: { title: 'Back up shop' }, database: { name: 'shop' }, explained: { what: 'A disk is full.' } },
  ])
  expect(await messages({ kind: 'trouble' })).toEqual([
    'The dump of other stopped.',
    'table 100%_other is large',
    'The dump of shop stopped.',
    'table 100%_shop is large',
  ])
  expect(await messages({ kind: 'state' })).toEqual(['queued', 'queued'])
  expect(await messages({ since: '24h', kind: 'state' })).toEqual([])
  expect(await messages({})).not.toContain('50 %')
})

test('a search that takes too long is given up, and says how to ask for less; the connection is as it was', async () => {
  await it.catalog.transaction().execute(async (trx) => {
    await sql`LOCK TABLE operation_events IN ACCESS EXCLUSIVE MODE`.execute(trx)
    await expect(searchLogs(it.catalog, admin, new Date(), { q: 'no such word' }, { atMostMs: 50 })).rejects.toMatchObject({
      code: 'stalled',
      hint: 'Narrow the time, or name a database or an operation.',
    })
  })
  expect(await messages({ q: 'no such word' })).toEqual([])
  const { rows } = await sql<{ statement_timeout: string }>`SHOW statement_timeout`.execute(it.catalog)
  expect(rows).toEqual([{ statement_timeout: '30s' }])
})

test('what a search pattern means to the catalogue is only text to who types it', async () => {
  expect(await messages({ q: '0%_s' })).toEqual(['table 100%_shop is large'])
  expect(await messages({ q: '%' })).toHaveLength(2)
  expect(await messages({ q: '\\' })).toEqual([])
})

test('pages follow each other without a line lost or twice, and a person with some databases reads of these alone', async () => {
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await searchLogs(it.catalog, admin, new Date(), { limit: 2, ...(cursor === undefined ? {} : { cursor }) })
    seen.push(...page.rows.map((line) => line.message))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(await messages({}))
  expect(seen).toHaveLength(6)
  expect(new Set(await messages({ kind: 'trouble' }, { ...admin, databaseIds: [databases.other ?? ''] }))).toEqual(
    new Set(['The dump of other stopped.', 'table 100%_other is large']),
  )
  await expect(messages({ cursor: 'bm90IG91cnM' })).rejects.toMatchObject({ code: 'usage' })
})
