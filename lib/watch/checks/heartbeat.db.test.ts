import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeHeartbeatSettings, writeHeartbeatState } from '#lib/catalog/watch-settings.ts'
import { registerWorker } from '#lib/catalog/workers.ts'
import { heartbeatSettings, heartbeatState } from '#lib/domain/watch/heartbeat.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { watchRound } from '../round.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
  await writeHeartbeatSettings(it.catalog, heartbeatSettings.parse({ urlSealed: 'sealed', host: 'beat', everySeconds: 60 }))
  await it.catalog.updateTable('settings').set({ changed_at: start }).where('key', '=', 'heartbeat').execute()
})
afterEach(() => it.close())

const start = new Date('2026-03-10T12:00:00Z')
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000)

async function addWorker(minutes: number, sealingKey: string | null) {
  const id = randomUUID()
  await registerWorker(it.catalog, {
    id,
    host: 'here',
    pid: 7,
    version: '1',
    schemaVersion: '1',
    toolMajors: [],
    tools: [],
    keyIds: [],
    storageIds: [],
    sealingKey,
  })
  await it.catalog
    .updateTable('workers')
    .set({ started_at: later(minutes) })
    .where('id', '=', id)
    .execute()
}

const state = (minutes: number | null, over: Record<string, unknown> = {}) => {
  const at = minutes === null ? null : later(minutes).toISOString()
  return writeHeartbeatState(it.catalog, heartbeatState.parse({ lastTriedAt: at, lastOkAt: at, ...over }))
}

/** a round each minute; whoever is there stays alive */
async function pass(from: number, to: number): Promise<[status: string, words: string]> {
  for (let minute = from; minute <= to; minute += 1) {
    await it.catalog
      .updateTable('workers')
      .set({ heartbeat_at: later(minute) })
      .execute()
    await watchRound(it.catalog, later(minute), { rest: false })
  }
  const { status, words } = await it.catalog
    .selectFrom('checks')
    .select(['status', 'words'])
    .where('kind', '=', 'heartbeat')
    .executeTakeFirstOrThrow()
  return [status, words]
}

test('where nobody sends the heartbeat any more it is not well: no worker lives, or none that does holds a key', async () => {
  await state(0)
  expect(await pass(1, 9)).toEqual(['ok', 'beat heard of Lifeboat.'])
  // the web stands in, and never sends one: that no worker lives is told by the check of the workers
  expect(await pass(10, 12)).toEqual(['unknown', 'None was sent to beat since 10 Mar 2026, 12:00 UTC: no worker is alive.'])
  await addWorker(12, null)
  expect(await pass(13, 22)).toEqual([
    'unknown',
    'None was sent to beat since 10 Mar 2026, 12:00 UTC; a worker is there again, and the next one is due.',
  ])
  expect(await pass(23, 23)).toEqual(['warning', 'None was sent to beat since 10 Mar 2026, 12:00 UTC: no worker that is alive holds a key.'])
  await addWorker(23, 'pem')
  expect(await pass(24, 24)).toEqual(['warning', 'None was sent to beat since 10 Mar 2026, 12:00 UTC, although a worker is alive.'])
  await state(24)
  expect(await pass(25, 25)).toEqual(['ok', 'beat heard of Lifeboat.'])
})

test('one that was never sent is missed too; after an outage of everything the first one has its time', async () => {
  await addWorker(0, null)
  expect(await pass(1, 10)).toEqual(['unknown', 'Nothing was sent to beat yet.'])
  expect((await pass(11, 12))[0]).toBe('warning')
  await state(20)
  expect((await pass(500, 500))[0]).toBe('unknown')
  expect(await it.catalog.selectFrom('alerts').select('opened_at').where('kind', '=', 'heartbeat').execute()).toHaveLength(1)
})

test('one that is withheld on purpose says why, for as long as a worker with a key could have sent it', async () => {
  await addWorker(0, 'pem')
  await state(0, { withheld: 'The checks are not being made.' })
  expect(await pass(1, 40)).toEqual(['unknown', 'None is sent now: The checks are not being made.'])
  await state(0, { lastTriedAt: later(41).toISOString() })
  expect((await pass(41, 42))[0]).toBe('unknown')
  await it.catalog.updateTable('workers').set({ sealing_key: null }).execute()
  await state(0, { withheld: 'The checks are not being made.' })
  expect(await pass(43, 43)).toEqual(['warning', 'None was sent to beat since 10 Mar 2026, 12:00 UTC: no worker that is alive holds a key.'])
})
