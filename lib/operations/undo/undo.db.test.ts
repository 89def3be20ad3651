import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { getOperation } from '#lib/catalog/operations.ts'
import { getSwap } from '#lib/catalog/swaps.ts'
import { listSwaps } from '#lib/catalog/views/swaps.ts'
import type { Plan } from '#lib/domain/plan.ts'
import { lookAfterSwaps } from '#workers/look-after-swaps.ts'
import { runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { requestRestore } from '../restore/request.ts'
import { requestUndo, type UndoRequest } from './request.ts'

let world: Operating
let databaseId: string
let backupId: string
beforeAll(async () => {
  world = await startOperating()
  databaseId = (await world.addDatabase('shop', `CREATE TABLE item AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 500) i`)).id
  await world.addStorage('only')
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId, via: 'cli' }))
  backupId = ended.backup_id ?? ''
})
afterAll(() => world.close())

const query = (statement: string, dbname = 'shop') => world.cluster.query(dbname, statement)
const databases = async () =>
  (
    await query(
      `SELECT datname || CASE WHEN datallowconn THEN '' ELSE ' (closed)' END AS name FROM pg_database WHERE datname ~ '^shop' ORDER BY 1`,
      'postgres',
    )
  ).map((row) => String(row['name']).replace(/\d{8}_\d{6}/, 'TIME'))
const items = async () => (await query('SELECT count(*)::int AS n FROM item'))[0]?.['n']
const kept = ['shop', 'shop_kept_TIME (closed)']

/** A live database with 3 items was replaced by the backup with 500. */
let swapId: string
beforeEach(async () => {
  for (const { datname } of await query(`SELECT datname FROM pg_database WHERE datname ~ '^shop_'`, 'postgres'))
    await query(`DROP DATABASE "${String(datname)}" WITH (FORCE)`, 'postgres')
  await world.catalog.deleteFrom('swaps').execute()
  await query('DELETE FROM item WHERE id > 3')
  const requested = await requestRestore(world.catalog, admin, { backupId, way: 'replace', confirmation: 'shop', via: 'cli' })
  for (;;) {
    const { after } = await world.catalog.selectFrom('operations').select('after').where('id', '=', requested.id).executeTakeFirstOrThrow()
    const before = await getOperation(world.catalog, after ?? '')
    if (before?.state !== 'queued') break
    await world.operate(before)
  }
  expect(await world.operate(requested)).toMatchObject({ error: null, result: { restore: { outcome: 'completed' } } })
  swapId = requested.id
  expect([await items(), await databases()]).toEqual([500, kept])
})

const ask = (how: Partial<UndoRequest>, actor = admin) =>
  requestUndo(world.catalog, actor, { swapOperationId: swapId, act: 'swap_back', confirmation: 'shop', via: 'cli', ...how })
const keptName = async () => (await getSwap(world.catalog, swapId))?.kept_name ?? ''
const planOf = async (how: Partial<UndoRequest>): Promise<Plan> => {
  const ended = await world.operate(await ask({ dryRun: true, ...how }))
  expect(ended.error).toBeNull()
  return (ended.result as { plan: Plan }).plan
}

test('the dry run tells what was written since the swap and changes nothing; swapping back keeps the newer database, and back again loses nothing', async () => {
  await query(`INSERT INTO item VALUES (1001, 'sold since'); UPDATE item SET name = 'renamed' WHERE id = 1; CREATE TABLE fresh AS SELECT 1 AS n`)
  await expect.poll(async () => (await planOf({})).tables).toHaveLength(2)
  const planned = await planOf({})
  expect(planned.blocked).toBe(false)
  expect(planned.tables).toMatchObject([
    { table: 'fresh', action: expect.stringContaining('created since the swap') },
    { table: 'item', rows: 2, action: '1 inserted, 1 updated, 0 deleted since the swap' },
  ])
  expect(await databases()).toEqual(kept)

  const back = await world.operate(await ask({ undoHours: 4 }))
  expect(back).toMatchObject({
    state: 'succeeded_with_findings',
    result: { undo: { act: 'swap_back', live: 'shop', writtenSince: { known: true } } },
  })
  expect([await items(), await databases()]).toEqual([3, kept])
  expect(await getSwap(world.catalog, swapId)).toMatchObject({ state: 'swapped_back', ended_by: back.id })
  expect(await listSwaps(world.catalog, admin, { kept: true })).toMatchObject([
    { operationId: back.id, kind: 'undo', liveName: 'shop', state: 'kept' },
  ])
  await expect(ask({})).rejects.toMatchObject({ code: 'refused' })

  // the older one counts from the moment at which it came back
  const again = { swapOperationId: back.id }
  expect((await planOf(again)).tables).toEqual([])
  await query('DELETE FROM item WHERE id = 2')
  await expect.poll(async () => (await planOf(again)).tables).toMatchObject([{ table: 'item', rows: 1 }])
  expect(await world.operate(await ask(again))).toMatchObject({ result: { undo: { act: 'swap_back' } } })
  expect([await items(), await databases()]).toEqual([501, kept])
})

test('what the server cannot tell is said to be unknown, never nothing', async () => {
  await world.cluster.crash()
  await world.cluster.start()
  const planned = await planOf({})
  expect(planned.findings.find((one) => one.code === 'written_unknown')?.message).toMatch(/unknown: .*crash/)
  expect(planned.tables).toEqual([])
})

test('dropping takes the typed name of the kept database, and only people who may', async () => {
  await expect(ask({ act: 'drop' })).rejects.toMatchObject({ code: 'usage' })
  await expect(ask({ confirmation: 'shopp' })).rejects.toMatchObject({ code: 'usage' })
  await expect(ask({ act: 'drop', confirmation: await keptName() }, { ...admin, role: 'operator' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(ask({}, { ...admin, databaseIds: [] })).rejects.toMatchObject({ code: 'not_found' })
  expect((await planOf({ act: 'drop' })).steps[0]).toMatch(/Drop shop_kept_.* for good/)
  expect(await databases()).toEqual(kept)
  const ended = await world.operate(await ask({ act: 'drop', confirmation: await keptName() }))
  expect(ended).toMatchObject({ state: 'succeeded', result: { undo: { act: 'drop' } } })
  expect([await items(), await databases()]).toEqual([500, ['shop']])
  expect(await getSwap(world.catalog, swapId)).toMatchObject({ state: 'dropped', ended_by: ended.id })
})

test('a kept database that somebody opened, renamed or dropped is not touched, and neither is one whose live name means another database', async () => {
  const name = await keptName()
  const codes = async (act: 'swap_back' | 'drop') =>
    (await planOf({ act })).findings.filter((one) => one.severity === 'blocker').map((one) => one.code)
  await query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`, 'postgres')
  expect([await codes('swap_back'), await codes('drop')]).toEqual([['kept_open'], ['kept_open']])
  await query(`ALTER DATABASE "${name}" RENAME TO shop_saved`, 'postgres')
  expect([await codes('swap_back'), await codes('drop')]).toEqual([['kept_renamed'], ['kept_renamed']])
  expect(await world.operate(await ask({ act: 'drop', confirmation: name }))).toMatchObject({ state: 'failed', error: { code: 'blocked' } })
  await query('DROP DATABASE shop_saved', 'postgres')
  expect(await codes('swap_back')).toEqual(['kept_gone'])
  await query('ALTER DATABASE shop RENAME TO shop_aside', 'postgres')
  await query('CREATE DATABASE shop TEMPLATE shop_aside', 'postgres')
  expect(await codes('swap_back')).toContain('live_other')
})

test('at the end of the undo period Lifeboat drops the kept database by itself, in the audit trail, and never while the live name does not work', async () => {
  const round = async () => {
    await lookAfterSwaps(world.catalog, { keys: world.keys, tools: [] })
    return world.catalog.selectFrom('operations').select(['id', 'requested_name']).where('kind', '=', 'undo').where('state', '=', 'queued').execute()
  }
  expect(await round()).toEqual([])
  await world.catalog.updateTable('swaps').set({ undo_until: sql<Date>`now() - interval '1 second'` }).execute()
  await query('ALTER DATABASE shop RENAME TO shop_aside', 'postgres')
  const [first] = await round()
  expect(first?.requested_name).toBe('lifeboat')
  // asked for once, however many workers look
  expect(await round()).toHaveLength(1)
  expect(await world.operate({ id: first?.id ?? '' })).toMatchObject({
    state: 'failed',
    error: { code: 'blocked', message: expect.stringContaining('not dropped') },
  })
  expect(await databases()).toEqual(['shop_aside', 'shop_kept_TIME (closed)'])
  expect(await round()).toEqual([])
  await query('ALTER DATABASE shop_aside RENAME TO shop', 'postgres')
  await world.catalog
    .updateTable('operations')
    .set({ created_at: sql<Date>`now() - interval '7 hours'` })
    .where('id', '=', first?.id ?? '')
    .execute()
  const [second] = await round()
  expect(await world.operate({ id: second?.id ?? '' })).toMatchObject({ state: 'succeeded' })
  expect(await databases()).toEqual(['shop'])
  const audited = await world.catalog
    .selectFrom('audit')
    .select(['action', 'actor_kind'])
    .where('subject_id', '=', second?.id ?? '')
    .execute()
  expect(audited).toMatchObject([{ action: 'undo.request', actor_kind: 'system' }, { action: 'undo.succeeded' }])
})

test.each([
  ['undo.kept_open', 500],
  ['swap.closed', 500],
  ['swap.renamed', 3],
])('a worker killed at %s while it swaps back leaves the live name open and whole, and the other one closed', async (failPoint, rows) => {
  const { killed, ended } = await runAndKill(world, await ask({}), { failPoint })
  expect([killed, ended.state]).toEqual([true, 'interrupted'])
  expect([await items(), await databases()]).toEqual([rows, kept])
  expect(await getSwap(world.catalog, swapId)).toMatchObject({ state: rows === 3 ? 'swapped_back' : 'kept' })
})

test.each([
  ['undo.dropping', kept, 'kept'],
  ['undo.dropped', ['shop'], 'dropped'],
])('a worker killed at %s has dropped the kept database or not, and the catalogue knows which', async (failPoint, left, state) => {
  const { killed } = await runAndKill(world, await ask({ act: 'drop', confirmation: await keptName() }), { failPoint })
  expect(killed).toBe(true)
  expect([await databases(), (await getSwap(world.catalog, swapId))?.state]).toEqual([left, state])
})
