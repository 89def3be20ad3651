import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recordChecks } from '#lib/catalog/checks.ts'
import { insertDatabase, removeDatabase } from '#lib/catalog/databases.ts'
import { insertStorage, removeStorage } from '#lib/catalog/storages.ts'
import { readOverview } from '#lib/catalog/views/overview.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { keepDatabase } from '#lib/operations/run/look-at-database.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { seenOfDatabase, seenOfStorage } from '#lib/domain/watch/result.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { watchRound } from './round.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

const start = new Date(Date.now() - 5_000)
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

async function addDatabase() {
  const values = { name: 'shop', host: 'db', port: 5432, dbname: 'shop', username: 'u', created_at: later(-10_000) }
  const row = await insertDatabase(it.catalog, values)
  if (row === null) throw new Error('it is there already')
  return row
}

const round = (minute: number) => watchRound(it.catalog, later(minute), { rest: false })

async function standing(kind: string) {
  const checks = await it.catalog
    .selectFrom('checks')
    .select(['kind', 'status', 'words'])
    .where('kind', '=', kind as never)
    .execute()
  const open = await it.catalog
    .selectFrom('alerts')
    .select('kind')
    .where('kind', '=', kind as never)
    .where('resolved_at', 'is', null)
    .execute()
  return { checks, open: open.length }
}

test('what was asked of a database or a storage ends when it is taken off the list: its alerts too, and the watch misses nothing', async () => {
  const database = await addDatabase()
  const storage = await insertStorage(it.catalog, { name: 'disk', kind: 'local', config: JSON.stringify({ path: '/mnt' }) })
  if (storage === null) throw new Error('it is there already')
  await recordChecks(it.catalog, start, [
    seenOfDatabase('database_reachable', database, { status: 'critical', words: 'It does not answer.' }),
    seenOfStorage('storage_reachable', { id: storage.id, name: storage.name }, { status: 'critical', words: 'It does not answer.' }),
  ])
  await round(0)
  expect(await standing('database_reachable')).toMatchObject({ checks: [{ status: 'critical' }], open: 1 })
  await removeDatabase(it.catalog, database.id)
  await removeStorage(it.catalog, storage.id)
  await round(1)
  for (const kind of ['database_reachable', 'storage_reachable']) expect(await standing(kind), kind).toEqual({ checks: [], open: 0 })
  for (let minute = 2; minute < 40; minute += 2) await round(minute)
  expect(await standing('watch')).toMatchObject({ checks: [{ status: 'ok' }], open: 0 })
})

test('what lies on a storage that was taken off the list is no restorable point: nobody looks whether it is still there', async () => {
  const database = await addDatabase()
  const storage = await insertStorage(it.catalog, { name: 'disk', kind: 'local', config: JSON.stringify({ path: '/mnt' }) })
  if (storage === null) throw new Error('it is there already')
  const id = randomUUID()
  const at = later(-60)
  const values = { id, name: 'a', path: 'a', database_id: database.id, tier: 'daily' as const, attempt: 'aaaaaaaa', created_at: at, finished_at: at }
  await it.catalog.insertInto('backups').values(values).execute()
  await it.catalog.insertInto('copies').values({ backup_id: id, storage_id: storage.id, state: 'verified', verified_at: at }).execute()
  const admin: Actor = { kind: 'cli', id: null, name: 'Ada', role: 'admin', databaseIds: null }
  const facts = async () => {
    const { databases } = await readOverview(it.catalog, admin)
    return databases.map((one) => [one.lossSeconds === null, one.verifiedLossSeconds === null])
  }
  await round(0)
  expect([await standing('restorable_point'), await facts()]).toMatchObject([{ checks: [{ status: 'ok' }] }, [[false, false]]])
  await removeStorage(it.catalog, storage.id)
  await round(1)
  expect([await standing('restorable_point'), await facts()]).toMatchObject([{ checks: [{ status: 'critical' }] }, [[true, true]]])
})

test('a certificate that cannot be asked for, as its server does not answer, is unknown, and the watch is not late for it', async () => {
  const database = await addDatabase()
  await recordChecks(it.catalog, later(-70), [
    seenOfDatabase('certificate', database, { status: 'warning', words: 'It ends in 9 days.', value: 9 }),
    // asked in vain all the time
    seenOfDatabase('database_reachable', database, { status: 'critical', words: 'It does not answer.' }),
  ])
  await round(0)
  const refusal = new LifeboatError('unreachable', 'Nothing answers.', '')
  await keepDatabase(it.catalog, { database, look: null, server: null, error: refusal, findings: [] })
  await round(1)
  expect(await standing('certificate')).toEqual({
    checks: [{ kind: 'certificate', status: 'unknown', words: 'Its certificate could not be asked for.' }],
    open: 1,
  })
})

test('a slow round that ends after a later one writes nothing', async () => {
  await addDatabase()
  const slow = watchRound(it.catalog, later(0), {
    rest: false,
    all: [
      {
        kinds: ['restorable_point'],
        look: async () => {
          await round(1)
          return []
        },
      } as never,
    ],
  })
  expect(await slow).toBe(null)
  expect((await standing('restorable_point')).checks).toHaveLength(1)
})
