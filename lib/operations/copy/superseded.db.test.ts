import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { findTools } from '#lib/engine/postgres/tools.ts'
import { openLocalStorage } from '#lib/engine/storage/local.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { removeLeftovers } from '../reconcile/leftovers.ts'
import { listStorage } from '../reconcile/list-storage.ts'
import { recordVerdict } from '../run/record-verdict.ts'
import type { RunContext } from '../run-context.ts'
import { requestVerify } from '../verify/request.ts'
import { requestCopy } from './request.ts'
import { runCopy } from './run.ts'

let world: Operating
let database: { id: string }
let near: TestStorage
let mid: TestStorage
let far: TestStorage
beforeAll(async () => {
  world = await startOperating()
  database = await world.addDatabase('shop', 'CREATE TABLE item AS SELECT i FROM generate_series(1, 100) i; CREATE TABLE other AS TABLE item')
  near = await world.addStorage('near')
  mid = await world.addStorage('mid')
  far = await world.addStorage('far')
})
beforeEach(() => world.catalog.deleteFrom('backups').execute())
afterAll(() => world.close())

async function backUp(on: TestStorage[]): Promise<BackupRow> {
  const { id } = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: on.map((one) => one.id), via: 'cli' })
  const backup = await getBackup(world.catalog, (await world.operate({ id: id ?? '' })).backup_id ?? '')
  if (backup === null) throw new Error('no backup was taken')
  await world.catalog.updateTable('operations').set({ state: 'cancelled' }).where('state', '=', 'queued').execute()
  expect(await verdictOf(backup)).toBe('valid')
  return backup
}

async function verdictOf(backup: BackupRow): Promise<unknown> {
  return (await world.operate(await requestVerify(world.catalog, admin, { backupId: backup.id, via: 'cli' }))).result?.verdict
}

const copyOn = async (backup: BackupRow, storage: TestStorage) => {
  const copy = (await listCopies(world.catalog, backup.id)).find((one) => one.storage_id === storage.id)
  if (copy === undefined) throw new Error('there is no such copy')
  return copy
}

async function move(backup: BackupRow, from: TestStorage): Promise<void> {
  const fromCopyId = (await copyOn(backup, from)).id
  const { id } = await requestCopy(world.catalog, admin, { backupId: backup.id, storageId: far.id, fromCopyId, move: true, via: 'cli' })
  expect((await world.operate({ id: id ?? '' })).result?.copy).toMatchObject({ moved: true, verified: true })
}

/** Of an attempt that the catalogue does not know as the current one of any operation. */
async function contextOf(over: Partial<RunContext> = {}): Promise<RunContext> {
  return {
    operationId: randomUUID(),
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
    ...over,
  }
}

const objectsOf = (backup: BackupRow, storage: TestStorage) => readdir(path.join(storage.directory, backup.path)).then((names) => names.sort())

test('an attempt that wakes after another has made, verified and moved the copy takes nothing of it away', async () => {
  const backup = await backUp([near, mid])
  const whole = await objectsOf(backup, near)
  const last = path.join(near.directory, backup.path, whole.findLast((name) => name.startsWith('e')) ?? '')
  // its machine is suspended while it waits for this entry
  await rm(last)
  await promisify(execFile)('mkfifo', [last])
  let superseded = false
  const context = await contextOf({
    assertCurrent: async () => {
      if (superseded) throw new LifeboatError('interrupted', 'This attempt is no longer the current one.')
    },
  })
  const fromCopyId = (await copyOn(backup, near)).id
  const suspended = runCopy(context, { backupId: backup.id, backupName: backup.name, fromCopyId, storageId: far.id, storageName: 'far', move: false })
  const ended = suspended.then(
    () => null,
    (error: unknown) => error,
  )
  await expect.poll(async () => (await copyOn(backup, far).catch(() => null))?.state).toBe('storing')
  await expect.poll(() => objectsOf(backup, far).catch(() => [])).toContain('e000001')
  superseded = true
  await move(backup, mid)

  const pipe = await open(last, 'w')
  await pipe.writeFile('x')
  await pipe.close()
  expect(await ended).toMatchObject({ code: expect.any(String) })
  expect(await copyOn(backup, far)).toMatchObject({ state: 'verified', problem: null })
  expect(await objectsOf(backup, far)).toEqual(whole)
})

test('a reconcile removes what was left over only while nobody makes a copy of it', async () => {
  const backup = await backUp([near])
  await world.catalog.insertInto('copies').values({ backup_id: backup.id, storage_id: far.id, state: 'deleted' }).execute()
  const directory = path.join(far.directory, backup.path)
  await mkdir(directory, { recursive: true })
  await writeFile(path.join(directory, 'e000001'), await readFile(path.join(near.directory, backup.path, 'e000001')))
  const driver = openLocalStorage({ path: far.directory, storageId: far.id })
  const context = await contextOf()
  const { backups } = await listStorage(driver, context.signal)
  await move(backup, near)
  const look = { storageId: far.id, driver, backups, known: new Set<string>() }
  expect(await removeLeftovers(context, look)).toEqual({ removed: [], unexplained: [] })
  expect(await verdictOf(backup)).toBe('valid')
  // begun, and not yet with a manifest
  await rm(path.join(directory, 'manifest'))
  await world.catalog.updateTable('copies').set({ state: 'storing' }).where('storage_id', '=', far.id).execute()
  expect(await removeLeftovers(context, look)).toEqual({ removed: [], unexplained: [] })
  await world.catalog.updateTable('copies').set({ state: 'deleted' }).where('storage_id', '=', far.id).execute()
  expect(await removeLeftovers(context, look)).toEqual({ removed: [backup.path], unexplained: [] })
  expect(await objectsOf(backup, far).catch(() => [])).toEqual([])
})

test('what was read of a copy that was deleted or made anew meanwhile is written down nowhere', async () => {
  const backup = await backUp([near])
  const copy = await copyOn(backup, near)
  const { id } = await world.catalog.selectFrom('operations').select('id').limit(1).executeTakeFirstOrThrow()
  const context = await contextOf({ operationId: id })
  const verdict = { verdict: 'missing' as const, entries: [], entriesChecked: 0, bytesRead: 0, versions: {} }
  const before = { verified: copy.verified_at }
  await world.catalog.updateTable('copies').set({ state: 'deleted' }).where('id', '=', copy.id).execute()
  await expect(recordVerdict(context, copy, verdict)).rejects.toMatchObject({ code: 'conflict' })
  expect(await copyOn(backup, near)).toMatchObject({ state: 'deleted', verified_at: before.verified })
  await world.catalog
    .updateTable('copies')
    .set({ state: 'stored', stored_at: new Date(0) })
    .where('id', '=', copy.id)
    .execute()
  await expect(recordVerdict(context, copy, verdict)).rejects.toMatchObject({ code: 'conflict' })
  expect(await copyOn(backup, near)).toMatchObject({ state: 'stored' })
})
