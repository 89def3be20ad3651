import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordChecks } from '#lib/catalog/checks.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertSchedule } from '#lib/catalog/schedules.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { registerWorker } from '#lib/catalog/workers.ts'
import { checkKindNames } from '#lib/domain/watch/check-kinds.ts'
import { seenOfDatabase } from '#lib/domain/watch/result.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { looks } from './looks.ts'
import { watchRound } from './round.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

const start = new Date('2026-03-10T12:00:00Z')
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

async function addWorker(over: { tools?: { ok: boolean; version: string }; skew?: number } = {}) {
  const { ok, version } = over.tools ?? { ok: true, version: '15.20' }
  const tools = (['pg_dump', 'pg_restore'] as const).map((tool) => ({ tool, major: 15, version, path: `/bin/${tool}`, ok }))
  const id = randomUUID()
  const facts = { toolMajors: [15], tools, keyIds: [], storageIds: [], sealingKey: null }
  await registerWorker(it.catalog, { id, host: 'here', pid: 7, version: '1', schemaVersion: '1', ...facts })
  await it.catalog
    .updateTable('workers')
    .set({ heartbeat_at: start, clock_skew_seconds: over.skew ?? 0 })
    .where('id', '=', id)
    .execute()
  return id
}

const beat = (id: string, at: Date) => it.catalog.updateTable('workers').set({ heartbeat_at: at }).where('id', '=', id).execute()

async function addDatabase(name: string, over: Record<string, unknown> = {}) {
  const values = { name, host: 'db', port: 5432, dbname: name, username: 'lifeboat', created_at: later(-10_000), server_version_num: 150020, ...over }
  const row = await insertDatabase(it.catalog, values)
  if (row === null) throw new Error('it is there already')
  return row
}

async function addBackup(
  databaseId: string,
  at: Date,
  copies: { storageId: string; state: 'verified' | 'stored' | 'corrupt' | 'failed'; verifiedAt?: Date }[],
  over: Record<string, unknown> = {},
) {
  const id = randomUUID()
  const attempt = id.slice(0, 8)
  await it.catalog
    .insertInto('backups')
    .values({
      id,
      name: `backup_${attempt}`,
      path: `a/daily/${attempt}`,
      database_id: databaseId,
      tier: 'daily',
      attempt,
      created_at: at,
      finished_at: at,
      ...over,
    })
    .execute()
  for (const copy of copies) {
    const values = { backup_id: id, storage_id: copy.storageId, state: copy.state, stored_at: at, verified_at: copy.verifiedAt ?? null }
    await it.catalog.insertInto('copies').values(values).execute()
  }
  return id
}

async function addStorage(name: string) {
  const row = await insertStorage(it.catalog, { id: randomUUID(), name, kind: 'local', config: JSON.stringify({ path: `/backups/${name}` }) })
  if (row === null) throw new Error('it is there already')
  return row.id
}

const round = (minutes: number) => watchRound(it.catalog, later(minutes), { rest: false })

async function checks(...kinds: string[]) {
  const rows = await it.catalog.selectFrom('checks').selectAll().orderBy('kind').orderBy('subject_name').execute()
  return rows
    .filter((row) => kinds.length === 0 || kinds.includes(row.kind))
    .map((row) => `${row.kind} ${row.subject_name} ${row.status}`.replace('  ', ' '))
}

async function open() {
  const rows = await it.catalog.selectFrom('alerts').selectAll().where('resolved_at', 'is', null).orderBy('kind').orderBy('subject_name').execute()
  return rows.map((row) => `${row.severity} ${row.kind} ${row.subject_name}`.trimEnd())
}

test('an installation where nothing is set up knows nothing, and nothing of that is green', async () => {
  await addWorker()
  await round(0)
  expect(await checks()).toEqual([
    'clock here ok',
    'keys unknown',
    'queue ok',
    'recovery_key unknown',
    'stuck_operations ok',
    'swaps ok',
    'watch ok',
    'worker_tools here ok',
    'workers ok',
  ])
  expect(await open()).toEqual([])
})

test('every kind that no probe asks for is looked at by exactly one look', () => {
  const probed = ['database_reachable', 'database_connections', 'database_replication', 'database_archiving', 'certificate', 'storage_certificate']
  const asked = [...probed, 'storage_reachable', 'storage_room', 'native_backups']
  expect([...asked, 'watch', ...looks.flatMap((look) => look.kinds)].sort()).toEqual([...checkKindNames].sort())
})

test('a restorable point beyond its objective warns, beyond twice of it is critical, and is resolved by the next backup', async () => {
  const worker = await addWorker()
  const storage = await addStorage('near')
  const database = await addDatabase('orders')
  await addBackup(database.id, later(-60), [{ storageId: storage, state: 'verified', verifiedAt: later(-50) }])
  await round(0)
  expect(await checks('restorable_point')).toEqual(['restorable_point orders ok'])
  // 25 hours by default, and it was an hour old
  await beat(worker, later(24 * 60 + 1))
  await round(24 * 60 + 1)
  expect(await open()).toEqual(['warning recovery_key', 'warning restorable_point orders'])
  await beat(worker, later(49 * 60 + 1))
  await round(49 * 60 + 1)
  expect(await open()).toContain('critical restorable_point orders')
  const told = await it.catalog
    .selectFrom('alert_events as e')
    .innerJoin('alerts as a', 'a.id', 'e.alert_id')
    .select(['e.kind', 'e.composed_at'])
    .where('a.kind', '=', 'restorable_point')
    .orderBy('e.id')
    .execute()
  expect(told).toEqual([
    { kind: 'opened', composed_at: null },
    { kind: 'worsened', composed_at: null },
  ])
  await addBackup(database.id, later(49 * 60 + 2), [{ storageId: storage, state: 'verified', verifiedAt: later(49 * 60 + 2) }])
  await round(49 * 60 + 3)
  expect((await open()).filter((one) => one.includes('restorable_point'))).toEqual([])
  expect(await it.catalog.selectFrom('alerts').select(['kind', 'resolution']).where('kind', '=', 'restorable_point').execute()).toEqual([
    { kind: 'restorable_point', resolution: 'The newest restorable point is 1 min old; its objective is 25 h.' },
  ])
})

test('one alert per condition and subject, however many rounds and processes see it; a database that is taken off the list ends its own', async () => {
  const worker = await addWorker()
  const database = await addDatabase('orders')
  for (let minute = 0; minute < 5; minute += 1) {
    await beat(worker, later(minute))
    await Promise.all([round(minute), round(minute), round(minute)])
  }
  expect(await open()).toEqual(['critical restorable_point orders'])
  const { count } = await it.catalog
    .selectFrom('alerts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  expect(count).toBe(1)
  await it.catalog
    .updateTable('databases')
    .set({ removed_at: later(5) })
    .where('id', '=', database.id)
    .execute()
  await beat(worker, later(6))
  await round(6)
  const ended = await it.catalog.selectFrom('alerts').select('resolution').where('kind', '=', 'restorable_point').executeTakeFirstOrThrow()
  expect(ended.resolution).toBe('What it was about is there no more.')
  expect(await checks('restorable_point')).toEqual([])
})

test('no worker is alive, a console that died, a clock that is off, tools below their floor: each is told', async () => {
  await addWorker({ skew: -400, tools: { ok: false, version: '15.18' } })
  await it.catalog
    .insertInto('webs')
    .values({ id: randomUUID(), host: 'here', pid: 9, heartbeat_at: later(-3) })
    .execute()
  await round(0)
  expect(await open()).toEqual(['critical clock here', 'critical web', 'critical worker_tools here'])
  await round(2)
  expect(await checks('workers', 'worker_tools', 'clock')).toEqual(['clock here unknown', 'worker_tools here unknown', 'workers critical'])
  expect(await open()).toEqual(['critical clock here', 'critical web', 'critical worker_tools here', 'critical workers'])
  await round(12)
  expect(await checks('workers', 'worker_tools', 'clock')).toEqual(['workers critical'])
  expect(await open()).toEqual(['critical web', 'critical workers'])
})

test('what nobody looks at any more is not known: its alert stays, nothing is resolved, and the watch says so', async () => {
  const worker = await addWorker()
  const database = await addDatabase('orders', { created_at: start })
  await recordChecks(it.catalog, start, [seenOfDatabase('database_reachable', database, { status: 'critical', words: 'It does not answer.' })])
  for (let minute = 0; minute <= 11; minute += 1) {
    await beat(worker, later(minute))
    await round(minute)
    if (minute === 2) expect(await open()).toEqual(['critical database_reachable orders'])
  }
  expect(await open()).toEqual(['critical database_reachable orders', 'warning watch'])
  expect((await it.catalog.selectFrom('checks').select('words').where('kind', '=', 'watch').executeTakeFirst())?.words).toBe(
    '1 check was not made in time, and what it watches is not known: database reachable of orders.',
  )
  // after an outage each check has its time anew
  await beat(worker, later(500))
  await round(500)
  expect(await checks('watch')).toEqual(['watch ok'])
  expect((await open())[0]).toBe('critical database_reachable orders')
})

test('damaged, missing, unread and suspicious backups are told by database', async () => {
  await addWorker()
  const [near, far] = [await addStorage('near'), await addStorage('far')]
  const database = await addDatabase('orders')
  await addDatabase('idle', { created_at: start })
  await addBackup(database.id, later(-60), [
    { storageId: near, state: 'corrupt' },
    { storageId: far, state: 'verified', verifiedAt: later(-50) },
  ])
  await addBackup(
    database.id,
    later(-3 * 1440),
    [
      { storageId: near, state: 'stored' },
      { storageId: far, state: 'failed' },
    ],
    { suspicious: 'It holds no rows.' },
  )
  await addBackup(database.id, later(-60 * 1440), [{ storageId: near, state: 'verified', verifiedAt: later(-50 * 1440) }])
  await round(0)
  expect(await checks('copies_bad', 'copies_waiting', 'copies_unverified', 'suspicious')).toEqual([
    'copies_bad idle unknown',
    'copies_bad orders critical',
    'copies_unverified idle unknown',
    'copies_unverified orders warning',
    'copies_waiting idle unknown',
    'copies_waiting orders warning',
    'suspicious idle ok',
    'suspicious orders warning',
  ])
  const said = await it.catalog.selectFrom('checks').select(['kind', 'words', 'value']).where('database_id', '=', database.id).execute()
  expect(said.find((row) => row.kind === 'copies_unverified')).toMatchObject({ value: 2 })
  expect(said.find((row) => row.kind === 'copies_waiting')?.words).toMatch(/^1 copy has still to be made on far;/)
  expect(said.find((row) => row.kind === 'suspicious')?.words).toBe('1 backup waits for somebody to look: It holds no rows.')
})

test('a scheduled backup that failed is critical, one that nobody made too; a later success of any tier makes up for it', async () => {
  const worker = await addWorker()
  const storage = await addStorage('near')
  const database = await addDatabase('orders', { created_at: start })
  const schedule = await insertSchedule(it.catalog, { database_id: database.id, tier: 'daily', cron: '0 3 * * *', time_zone: 'UTC' })
  if (schedule === null) throw new Error('there is one already')
  const operation = async (minutes: number, state: 'failed' | 'succeeded' | 'running', tier: string) => {
    const error = state === 'failed' ? JSON.stringify({ code: 'disk_full', message: 'The disk is full.', hint: '' }) : null
    const values = {
      kind: 'backup' as const,
      state,
      title: 'Back up',
      input: JSON.stringify({ tier }),
      database_id: database.id,
      requested_name: 'lifeboat',
      requested_via: 'scheduler' as const,
      error,
    }
    const times = { created_at: later(minutes), started_at: later(minutes), finished_at: state === 'running' ? null : later(minutes + 1) }
    return (
      await it.catalog
        .insertInto('operations')
        .values({ ...values, ...times })
        .returning('id')
        .executeTakeFirstOrThrow()
    ).id
  }
  await it.catalog
    .insertInto('slots')
    .values({ schedule_id: schedule.id, slot: later(-30), state: 'filled', operation_id: await operation(-30, 'failed', 'daily') })
    .execute()
  await round(0)
  expect(await open()).toEqual(['critical backup orders, daily'])
  expect((await it.catalog.selectFrom('alerts').select('words').executeTakeFirst())?.words).toBe(
    'The backup owed at 10 Mar 2026, 11:30 UTC failed: The disk is full.',
  )
  await operation(1, 'succeeded', 'manual')
  await addBackup(database.id, later(1), [{ storageId: storage, state: 'verified', verifiedAt: later(1) }])
  await beat(worker, later(3))
  await round(3)
  expect(await checks('backup')).toEqual(['backup orders, daily ok', 'backup orders, manual ok'])
  await it.catalog
    .insertInto('slots')
    .values({ schedule_id: schedule.id, slot: later(4) })
    .execute()
  await beat(worker, later(25))
  await round(25)
  expect(await open()).toEqual(['critical backup orders, daily'])
})

test('a look that cannot be made takes no other along', async () => {
  await addWorker()
  const broken = { kinds: ['keys' as const], look: () => Promise.reject(new Error('the catalogue is odd')) }
  const others = looks.filter((look) => look.kinds[0] !== 'keys')
  await watchRound(it.catalog, start, { rest: false, all: [broken, ...others] })
  expect(await checks('keys', 'workers')).toEqual(['workers ok'])
})
