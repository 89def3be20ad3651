import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { listHolds } from '#lib/catalog/holds.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { findTools } from '#lib/engine/postgres/tools.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { openLocalStorage } from '#lib/engine/storage/local.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { requestCopy } from '../copy/request.ts'
import { requestPrune } from '../prune/request.ts'
import type { RunContext } from '../run-context.ts'
import { requestVerify } from '../verify/request.ts'
import { deleteCopy } from './delete-copy.ts'
import { adoptHolds } from './read-hold-object.ts'

let world: Operating
let database: { id: string }
let near: TestStorage
let far: TestStorage
beforeAll(async () => {
  world = await startOperating()
  database = await world.addDatabase('shop', 'CREATE TABLE item AS SELECT i FROM generate_series(1, 100) i')
  near = await world.addStorage('near')
  far = await world.addStorage('far')
})
beforeEach(() => world.catalog.deleteFrom('backups').execute())
afterAll(() => world.close())

const settled = () => world.catalog.updateTable('operations').set({ state: 'cancelled' }).where('state', '=', 'queued').execute()

async function backUp(on: TestStorage): Promise<BackupRow> {
  const { id } = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [on.id], via: 'cli' })
  const backup = await getBackup(world.catalog, (await world.operate({ id: id ?? '' })).backup_id ?? '')
  if (backup === null) throw new Error('no backup was taken')
  await settled()
  return backup
}

async function verify(backup: BackupRow): Promise<unknown> {
  const { result } = await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }))
  await settled()
  return result?.verdict
}

const copyOn = async (backup: BackupRow, storage: TestStorage) => {
  const copy = (await listCopies(world.catalog, backup.id)).find((one) => one.storage_id === storage.id)
  if (copy === undefined) throw new Error('there is no such copy')
  return copy
}

async function damage(backup: BackupRow, storage: TestStorage): Promise<void> {
  const entry = path.join(storage.directory, backup.path, 'e000001')
  const bytes = await readFile(entry)
  bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1
  await writeFile(entry, bytes)
  expect(await verify(backup)).toBe('corrupt')
}

async function contextOf(): Promise<RunContext> {
  const { id } = await world.catalog.selectFrom('operations').select('id').limit(1).executeTakeFirstOrThrow()
  return {
    operationId: id,
    dryRun: false,
    attemptToken: randomUUID(),
    attempt: 'aaaaaaaa',
    applicationName: 'lifeboat/test',
    signal: new AbortController().signal,
    catalog: world.catalog,
    keys: world.keys,
    tools: await findTools(),
    stagingDir: world.stagingRoot,
    progress() {},
    log() {},
    warn() {},
    assertCurrent: async () => {},
  }
}

/** A deletion on near, by a storage that does as told. */
async function remove(backup: BackupRow, purge: StorageDriver['purge'], over: Partial<StorageDriver> = {}) {
  const driver = { ...openLocalStorage({ path: near.directory, storageId: near.id }), purge, ...over }
  const { id } = await copyOn(backup, near)
  return deleteCopy(await contextOf(), driver, { copyId: id, path: backup.path, storageName: 'near', why: 'It was moved.', spare: async () => null })
}

const prune = async () => world.operate(await requestPrune(world.catalog, admin, { storageId: near.id, databaseId: null, dryRun: false, via: 'cli' }))

const down = async () => {
  throw new LifeboatError('storage_unreachable', 'It answers half of what it is asked.')
}

test('a deletion that was begun does not take the last good copy: what it leaned on went bad, so the copy is what it was', async () => {
  const backup = await backUp(near)
  expect(await verify(backup)).toBe('valid')
  const { id } = await requestCopy(world.catalog, admin, { backupId: backup.id, storageId: far.id, via: 'cli' })
  await world.operate({ id: id ?? '' })
  await settled()
  expect(await remove(backup, down)).toMatchObject({ outcome: 'pending' })
  expect((await copyOn(backup, near)).state).toBe('delete_pending')
  await damage(backup, far)
  await prune()
  expect(existsSync(path.join(near.directory, backup.path, 'manifest'))).toBe(true)
  expect(await copyOn(backup, near)).toMatchObject({ state: 'verified', tombstone: null, problem: null })
  const audit = await world.catalog
    .selectFrom('audit')
    .select(['outcome', 'detail'])
    .where('action', '=', 'copy.delete')
    .orderBy('seq', 'desc')
    .limit(1)
    .execute()
  expect(audit).toMatchObject([{ outcome: 'denied', detail: { kept: expect.stringContaining('What stood in for it') } }])
})

test('a deletion that was begun goes on while a newer verified backup stands in for it, and where no manifest is left', async () => {
  const [old, newer] = [await backUp(near), await backUp(near)]
  expect([await verify(old), await verify(newer)]).toEqual(['valid', 'valid'])
  expect(await remove(old, down)).toMatchObject({ outcome: 'pending' })
  await prune()
  expect((await copyOn(old, near)).state).toBe('deleted')

  const manifestOnly: StorageDriver['purge'] = async (key, options) => {
    if (!key.endsWith('/manifest')) return down()
    return openLocalStorage({ path: near.directory, storageId: near.id }).purge(key, options)
  }
  expect(await remove(newer, manifestOnly)).toMatchObject({ outcome: 'pending' })
  await prune()
  expect((await copyOn(newer, near)).state).toBe('deleted')
})

test('a damaged copy that a lock keeps stays damaged, and counts as no good one', async () => {
  const backup = await backUp(near)
  await damage(backup, near)
  const locked = { lock: async () => ({ mode: null, until: null, legalHold: true }) } as unknown as Partial<StorageDriver>
  expect(await remove(backup, async () => 'retained', locked)).toMatchObject({ outcome: 'retained' })
  expect(await copyOn(backup, near)).toMatchObject({ state: 'corrupt', problem: expect.stringContaining('a lock of the storage'), tombstone: null })
  expect((await getBackup(world.catalog, backup.id))?.state).toBe('corrupt')
})

test('a hold that was released does not speak for one that lies beside the copy and cannot be read here', async () => {
  const backup = await backUp(near)
  const place = { backupId: backup.id, path: backup.path }
  const unreadable = { unreadable: 'no key', keyless: true, id: randomUUID() }
  await world.catalog
    .insertInto('holds')
    .values({ backup_id: backup.id, kind: 'legal', reason: 'a case', placed_name: 'Ada', released_at: new Date() })
    .execute()
  const context = await contextOf()
  expect(await adoptHolds(context, place, unreadable)).toBe(1)
  expect(await adoptHolds(context, place, unreadable)).toBe(0)
  expect((await listHolds(world.catalog, backup.id)).filter((one) => one.released_at === null)).toMatchObject([{ kind: 'unreadable' }])
})
