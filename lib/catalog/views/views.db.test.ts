import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Actor } from '#lib/domain/actor.ts'
import { type CopyState, copyStates, type OperationState, type Tier } from '#lib/domain/states.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { compareBackups, readBackup } from './backup.ts'
import { listBackups } from './backups.ts'
import { listDatabases } from './databases.ts'
import { listEvents, listOperations, readOperation } from './operations.ts'
import { readOverview } from './overview.ts'
import { readReports } from './reports.ts'
import { search } from './search.ts'

const hour = 3_600_000
const ago = (ms: number) => new Date(Date.now() - ms)
const everything: Actor = { kind: 'user', id: 'u1', name: 'a@example.com', role: 'admin', databaseIds: null }

let test1: TestCatalog
const ids = { billing: randomUUID(), shop: randomUUID(), disk: randomUUID(), bucket: randomUUID() }
const limited: Actor = { kind: 'user', id: 'u2', name: 'l@example.com', role: 'operator', databaseIds: [ids.billing] }

async function database(id: string, name: string) {
  await test1.catalog
    .insertInto('databases')
    .values({
      id,
      name,
      host: 'db.example.com',
      port: 5432,
      dbname: name,
      username: 'u',
      rpo_objective_seconds: 24 * 3600,
      rto_objective_seconds: 600,
    })
    .execute()
}

async function backup(databaseId: string, at: Date, copies: [string, CopyState][], extra: { tier?: Tier; finished?: boolean; bytes?: number } = {}) {
  const id = randomUUID()
  await test1.catalog
    .insertInto('backups')
    .values({
      id,
      name: `backup_${extra.tier ?? 'manual'}_${at.toISOString()}`,
      path: id,
      database_id: databaseId,
      tier: extra.tier ?? 'manual',
      attempt: '00000000',
      created_at: at,
      finished_at: extra.finished === false ? null : at,
      raw_bytes: extra.bytes ?? 100,
      stored_bytes: (extra.bytes ?? 100) / 2,
      verified_at: copies.some(([, state]) => state === 'verified') ? at : null,
    })
    .execute()
  for (const [storage_id, state] of copies) await test1.catalog.insertInto('copies').values({ backup_id: id, storage_id, state }).execute()
  return id
}

async function operation(values: {
  kind?: 'backup' | 'restore' | 'check'
  databaseId?: string | null
  state: OperationState
  at: Date
  seconds?: number
  requestedBy?: string
  via?: 'web' | 'scheduler'
  outcome?: string
}) {
  const id = randomUUID()
  const finished = ['queued', 'running', 'cancelling'].includes(values.state) ? null : new Date(values.at.getTime() + (values.seconds ?? 60) * 1000)
  await test1.catalog
    .insertInto('operations')
    .values({
      id,
      kind: values.kind ?? 'backup',
      title: `Operation ${id.slice(0, 4)}`,
      state: values.state,
      input: JSON.stringify({ scope: 'full', passwordSealed: 'sealed' }),
      database_id: values.databaseId === undefined ? ids.billing : values.databaseId,
      requested_by: values.requestedBy ?? null,
      requested_name: 'someone',
      requested_via: values.via ?? 'web',
      created_at: values.at,
      started_at: values.at,
      finished_at: finished,
      result: values.outcome === undefined ? null : JSON.stringify({ restore: { outcome: values.outcome } }),
      error: values.state === 'failed' ? JSON.stringify({ code: 'unreachable', message: 'No answer.', hint: '' }) : null,
    })
    .execute()
  return id
}

beforeAll(async () => {
  test1 = await createTestCatalog()
  await database(ids.billing, 'billing')
  await database(ids.shop, 'shop')
  await test1.catalog
    .insertInto('storages')
    .values([
      { id: ids.disk, name: 'disk', kind: 'local', config: JSON.stringify({ path: '/srv' }) },
      {
        id: ids.bucket,
        name: 'bucket',
        kind: 's3',
        config: JSON.stringify({ bucket: 'b', region: 'r', prefix: 'p', pathStyle: true, checksumWhenRequired: false }),
      },
    ])
    .execute()
})
afterAll(() => test1.close())

describe('the overview', () => {
  test('a point counts only while a copy of it can be read', async () => {
    await backup(ids.billing, ago(30 * hour), [
      [ids.disk, 'verified'],
      [ids.bucket, 'corrupt'],
    ])
    await backup(ids.billing, ago(2 * hour), [
      [ids.disk, 'missing'],
      [ids.bucket, 'corrupt'],
    ])
    await backup(ids.billing, ago(1 * hour), [[ids.disk, 'storing']], { finished: false })
    const { databases, copyElsewhere } = await readOverview(test1.catalog, everything)
    const billing = databases.find((one) => one.database.name === 'billing')
    expect(Math.round((billing?.lossSeconds ?? 0) / 3600)).toBe(30)
    expect(billing).toMatchObject({
      objectiveMet: false,
      verifiedLossSeconds: billing?.lossSeconds,
      places: ['disk'],
      recoverySeconds: null,
      recoveryMeasuredFrom: 0,
    })
    expect(billing?.database.backupCount).toBe(1)
    expect(copyElsewhere).toBe(false)
    const shop = databases.find((one) => one.database.name === 'shop')
    expect(shop).toMatchObject({ lossSeconds: null, objectiveMet: false, places: [], verifiedAt: null })
    expect(shop?.strip.every((day) => day.mark === 'idle')).toBe(true)
  })

  test('a failure shows until a later point exists, and marks its day', async () => {
    const failed = await operation({ state: 'failed', at: ago(3 * hour) })
    const before = await readOverview(test1.catalog, limited)
    expect(before.databases).toHaveLength(1)
    expect(before.databases[0]?.lastFailure).toMatchObject({ operationId: failed, message: 'No answer.' })
    const day = ago(3 * hour)
      .toISOString()
      .slice(0, 10)
    expect(before.databases[0]?.strip.find((one) => one.day === day)).toMatchObject({ mark: 'failed', failed: 1 })
    expect(before.databases[0]?.strip).toHaveLength(90)
    await backup(ids.billing, ago(10 * 60_000), [[ids.bucket, 'verified']])
    const after = await readOverview(test1.catalog, limited)
    expect(after.databases[0]).toMatchObject({ lastFailure: null, objectiveMet: true, places: ['bucket'] })
    expect(after.copyElsewhere).toBe(true)
    // the other database has none, so the machine's loss is not covered
    expect((await readOverview(test1.catalog, everything)).copyElsewhere).toBe(false)
  })

  test('recovery time is the median of the restores that succeeded', async () => {
    for (const seconds of [100, 200, 900]) await operation({ kind: 'restore', state: 'succeeded', at: ago(5 * hour), seconds, outcome: 'completed' })
    await operation({ kind: 'restore', state: 'failed', at: ago(5 * hour), seconds: 5 })
    const { databases } = await readOverview(test1.catalog, limited)
    expect(databases[0]).toMatchObject({ recoverySeconds: 200, recoveryMeasuredFrom: 3 })
  })
})

describe('lists', () => {
  test('paging visits every backup once, also where several began in the same microsecond', async () => {
    const at = ago(50 * hour)
    for (let made = 0; made < 7; made += 1) await backup(ids.shop, at, [[ids.disk, 'stored']], { tier: 'daily' })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await listBackups(test1.catalog, everything, { databaseId: ids.shop, limit: 3, ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...page.rows.map((row) => row.id))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toHaveLength(7)
    expect(new Set(seen).size).toBe(7)
  })

  test('a state filter asks for the best copy; attempts without a manifest appear only when asked for', async () => {
    const failed = await backup(ids.shop, ago(4 * hour), [[ids.disk, 'failed']], { finished: false })
    const all = await listBackups(test1.catalog, everything, { databaseId: ids.shop })
    expect(all.rows.map((row) => row.id)).not.toContain(failed)
    const bad = await listBackups(test1.catalog, everything, { state: 'failed' })
    expect(bad.rows.map((row) => row.id)).toEqual([failed])
    const corrupt = await listBackups(test1.catalog, everything, { state: 'corrupt' })
    expect(corrupt.rows).toHaveLength(1)
    expect(corrupt.rows[0]?.copies.map((copy) => copy.state).sort()).toEqual(['corrupt', 'missing'])
  })

  test("a cursor of somebody else's making is refused", async () => {
    await expect(listBackups(test1.catalog, everything, { cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'usage' })
  })

  test('who may see one database sees nothing of the others, but the operations that they asked for', async () => {
    const foreign = await operation({ databaseId: ids.shop, state: 'succeeded', at: ago(hour) })
    const own = await operation({ kind: 'check', databaseId: null, state: 'succeeded', at: ago(hour), requestedBy: 'u2' })
    const others = await operation({ kind: 'check', databaseId: null, state: 'succeeded', at: ago(hour), requestedBy: 'u1' })
    const listed = (await listOperations(test1.catalog, limited, { limit: 200 })).rows.map((row) => row.id)
    expect(listed).toContain(own)
    expect(listed).not.toContain(foreign)
    expect(listed).not.toContain(others)
    expect((await listDatabases(test1.catalog, limited)).map((one) => one.name)).toEqual(['billing'])
    expect((await listBackups(test1.catalog, limited, {})).rows.every((row) => row.database.name === 'billing')).toBe(true)
    expect(await search(test1.catalog, limited, 'shop')).toEqual([])
    expect((await search(test1.catalog, everything, 'SHOP')).map((hit) => hit.kind)).toContain('database')
    await expect(readOperation(test1.catalog, limited, foreign)).rejects.toMatchObject({ code: 'not_found' })
    await expect(readReports(test1.catalog, limited, 7, ids.shop)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('an operation is shown without the sealed secrets of its input, its events in order and from a given one on', async () => {
    const id = await operation({ state: 'running', at: ago(60_000) })
    for (const message of ['one', 'two', 'three'])
      await test1.catalog.insertInto('operation_events').values({ operation_id: id, kind: 'log', message }).execute()
    const shown = await readOperation(test1.catalog, limited, id)
    expect(shown.input).toEqual({ scope: 'full' })
    expect(shown.events.map((event) => event.message)).toEqual(['one', 'two', 'three'])
    expect((await listEvents(test1.catalog, limited, id, shown.events[0]?.id ?? 0)).map((event) => event.message)).toEqual(['two', 'three'])
  })
})

describe('what the catalogue keeps beside its rows', () => {
  const counted = () =>
    Promise.all([
      test1.catalog.selectFrom('copy_counts').selectAll().where('readable', '>', 0).orderBy('storage_id').orderBy('database_id').execute(),
      test1.catalog.selectFrom('backup_counts').selectAll().where('restorable', '>', 0).orderBy('database_id').execute(),
      test1.catalog.selectFrom('backups').select(['id', 'state']).orderBy('id').execute(),
    ])
  const recounted = () =>
    Promise.all([
      sql`select storage_id, database_id, count(*)::int as readable from copies join backups on backups.id = backup_id
        where copies.state in ('stored', 'verified', 'retained') group by 1, 2 order by 1, 2`
        .execute(test1.catalog)
        .then((found) => found.rows),
      sql`select database_id, count(*)::int as restorable from backups where finished_at is not null and exists (select from copies
        where backup_id = backups.id and copies.state in ('stored', 'verified', 'retained')) group by 1 order by 1`
        .execute(test1.catalog)
        .then((found) => found.rows),
      sql`select id, lifeboat.best_copy_state(id) as state from backups order by id`.execute(test1.catalog).then((found) => found.rows),
    ])

  test('states and counts are those of the copies, whatever becomes of them', async () => {
    expect(await counted()).toEqual(await recounted())
    const copies = await test1.catalog.selectFrom('copies').selectAll().orderBy('id').execute()
    expect(copies.length).toBeGreaterThan(3)
    for (const [index, copy] of copies.entries()) {
      const state = copyStates[index % copyStates.length] ?? 'missing'
      await test1.catalog.updateTable('copies').set({ state }).where('id', '=', copy.id).execute()
      expect(await counted()).toEqual(await recounted())
    }
    for (const copy of copies) await test1.catalog.updateTable('copies').set({ state: copy.state }).where('id', '=', copy.id).execute()
    expect(await counted()).toEqual(await recounted())
  })
})

describe('reports', () => {
  test('a day owes its slots and the runs that nobody scheduled; a missed slot stays owed', async () => {
    const schedule = await test1.catalog
      .insertInto('schedules')
      .values({ database_id: ids.shop, tier: 'daily', cron: '0 3 * * *', storage_ids: [ids.disk] })
      .returning('id')
      .executeTakeFirstOrThrow()
    const at = ago(3 * 24 * hour)
    const served = await operation({ databaseId: ids.shop, state: 'succeeded', at, via: 'scheduler' })
    await operation({ databaseId: ids.shop, state: 'cancelled', at })
    await test1.catalog
      .insertInto('slots')
      .values([
        { schedule_id: schedule.id, slot: at, operation_id: served, state: 'filled' },
        { schedule_id: schedule.id, slot: new Date(at.getTime() + 1000), state: 'missed' },
      ])
      .execute()
    const { success } = await readReports(test1.catalog, everything, 7, ids.shop)
    expect(success).toHaveLength(7)
    expect(success.find((one) => one.day === at.toISOString().slice(0, 10))).toMatchObject({ owed: 3, succeeded: 1, failed: 1, missed: 1 })
  })

  test('recoveries give average, longest and percentiles of those that succeeded', async () => {
    const { recoveries, objectiveSeconds } = await readReports(test1.catalog, limited, 7, ids.billing)
    expect(recoveries).toEqual([
      expect.objectContaining({
        type: 'full',
        count: 4,
        failed: 1,
        averageSeconds: 400,
        longestSeconds: 900,
        p50Seconds: 200,
        p95Seconds: expect.closeTo(830),
      }),
    ])
    expect(objectiveSeconds).toBe(600)
  })

  test('sizes carry the newest backup of each database through days without one', async () => {
    const { sizes } = await readReports(test1.catalog, everything, 30, ids.shop)
    expect(sizes.at(-1)).toMatchObject({ rawBytes: 100, storedBytes: 50 })
    expect(sizes.length).toBeGreaterThanOrEqual(3)
    expect(sizes.length).toBeLessThan(30)
  })
})

test('two backups are compared from the older to the newer, whichever is named first', async () => {
  const older = await backup(ids.billing, ago(20 * hour), [[ids.disk, 'stored']])
  const newer = await backup(ids.billing, ago(19 * hour), [[ids.disk, 'stored']])
  const table = (backup_id: string, name: string, rows: number, hash: string) => ({
    backup_id,
    ordinal: name.charCodeAt(0),
    kind: 'table',
    schema: 'public',
    name,
    rows,
    raw_bytes: rows * 10,
    stored_bytes: rows,
    raw_sha256: hash,
  })
  await test1.catalog
    .insertInto('backup_tables')
    .values([table(older, 'a', 1, 'x'), table(older, 'gone', 1, 'x'), table(newer, 'a', 5, 'y'), table(newer, 'new', 1, 'z')])
    .execute()
  const { changes, older: first } = await compareBackups(test1.catalog, limited, newer, older)
  expect(first.id).toBe(older)
  expect(changes.map((one) => [one.table, one.change, one.rowsBefore, one.rowsAfter])).toEqual([
    ['gone', 'gone', 1, null],
    ['new', 'new', null, 1],
    ['a', 'changed', 1, 5],
  ])
  expect((await readBackup(test1.catalog, limited, newer)).contents).toHaveLength(2)
  await expect(readBackup(test1.catalog, limited, 'not-a-uuid')).rejects.toMatchObject({ code: 'not_found' })
})
