import { cp, mkdir, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { insertCopy, listCopies, updateCopy } from '#lib/catalog/copies.ts'
import { listDrift } from '#lib/catalog/storage-drift.ts'
import { readStorageDetail } from '#lib/catalog/views/storage-detail.ts'
import type { CopyState, DriftKind } from '#lib/domain/states.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { type ReconcileRequest, requestReconcile, requestRemedy } from './request.ts'

let world: Operating
let storage: TestStorage
let backup: BackupRow
beforeAll(async () => {
  world = await startOperating()
  const database = await world.addDatabase('shop', 'CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item SELECT generate_series(1, 50)')
  storage = await world.addStorage('main')
  const ended = await world.operate(await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: [storage.id], via: 'cli' }))
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const row = await getBackup(world.catalog, ended.backup_id ?? '')
  if (row === null) throw new Error('the backup has no row')
  backup = row
})
afterAll(() => world.close())

const reconcile = async (how: Partial<ReconcileRequest> = {}) =>
  world.operate(await requestReconcile(world.catalog, admin, { storageId: storage.id, via: 'cli', ...how }))
const drift = async () => (await listDrift(world.catalog, storage.id)).map((row) => [row.kind, row.path])
const placeOf = (of: string) => path.join(storage.directory, of)
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)
const copyState = async (): Promise<CopyState | undefined> =>
  (await listCopies(world.catalog, backup.id)).find((copy) => copy.storage_id === storage.id)?.state

/** Everything below a directory looks as old as that. */
async function age(directory: string, at: Date): Promise<void> {
  for (const name of await readdir(directory)) await utimes(path.join(directory, name), at, at)
}

/** A directory that is named as a backup of another installation. */
async function stranger(number: number, with_: 'manifest' | 'entries'): Promise<string> {
  const other = backup.path.replace(/[0-9a-f]{8}$/, String(number).padStart(8, '0'))
  await cp(placeOf(backup.path), placeOf(other), { recursive: true })
  if (with_ === 'entries') await rm(path.join(placeOf(other), 'manifest'))
  return other
}

test('what a storage and the catalogue disagree about is on record by kind, keeps since when, and disappears when it is gone', async () => {
  const [headless, unknown] = [await stranger(1, 'entries'), await stranger(2, 'manifest')]
  await mkdir(placeOf('photos/2026'), { recursive: true })
  for (const name of ['photos/cat.jpg', 'photos/2026/holiday at sea.jpg', 'notes.txt']) await writeFile(placeOf(name), 'not ours')
  const begun = backup.path.replace(/[0-9a-f]{8}$/, '00000003')
  await mkdir(placeOf(begun))
  await writeFile(placeOf(`${begun}/.e000001.0123456789abcdef.part`), 'half')
  await rename(placeOf(`${backup.path}/e000001`), placeOf('aside'))

  await reconcile()
  const seen = await listDrift(world.catalog, storage.id)
  expect(seen.map((row) => [row.kind, row.path, row.objects])).toEqual([
    ['foreign', 'aside', 1],
    ['foreign', 'notes.txt', 1],
    ['foreign', 'photos/', 2],
    ['missing_objects', backup.path, expect.any(Number)],
    ['no_manifest', headless, expect.any(Number)],
    ['unfinished_upload', begun, 1],
    ['unknown_backup', unknown, expect.any(Number)],
  ])
  expect(seen.find((row) => row.kind === 'missing_objects')?.detail).toMatchObject({ backupId: backup.id, entries: ['e000001'] })
  expect(await copyState()).toBe('missing')

  await rename(placeOf('aside'), placeOf(`${backup.path}/e000001`))
  for (const gone of [headless, unknown, begun, 'notes.txt']) await rm(placeOf(gone), { recursive: true })
  await reconcile()
  const later = await listDrift(world.catalog, storage.id)
  expect(later.map((row) => [row.kind, row.path])).toEqual([['foreign', 'photos/']])
  expect(later[0]?.found_at).toEqual(seen.find((row) => row.path === 'photos/')?.found_at)
  expect(await copyState()).toBe('stored')
  await rm(placeOf('photos'), { recursive: true })
})

test('leftovers are removed one directory at a time: never young ones, never a backup, never what is not ours', async () => {
  const headless = await stranger(4, 'entries')
  const whole = await stranger(5, 'manifest')
  await mkdir(placeOf('photos'))
  await writeFile(placeOf('photos/cat.jpg'), 'not ours')
  const remove = (of: string) => reconcile({ remedy: { action: 'remove', path: of } })
  for (const [of, words] of [
    [headless, 'written to within the last hours'],
    [whole, 'holds a manifest'],
    [backup.path, 'is a backup of this catalogue'],
    ['photos', 'never touches it'],
    ['../elsewhere', 'never touches it'],
  ] as const) {
    const ended = await remove(of)
    expect([ended.state, ended.error?.code, ended.error?.message], of).toEqual(['failed', 'refused', expect.stringContaining(words)])
  }
  await reconcile()
  expect(await drift()).toContainEqual(['no_manifest', headless])
  await age(placeOf(headless), hoursAgo(7))
  const ended = await remove(headless)
  expect([ended.state, ended.title]).toEqual(['succeeded', `Remove what is left of ${headless} on main`])
  expect(await drift()).not.toContainEqual(['no_manifest', headless])
  await expect(readdir(placeOf(headless))).rejects.toThrow('ENOENT')
  expect(await readdir(placeOf(whole))).toContain('manifest')
  expect(await readdir(placeOf('photos'))).toEqual(['cat.jpg'])
  const audited = await world.catalog.selectFrom('audit').select('detail').where('subject_id', '=', ended.id).execute()
  expect(audited[0]?.detail).toMatchObject({ title: ended.title })
  await rm(placeOf(whole), { recursive: true })
  await rm(placeOf('photos'), { recursive: true })
})

test('one unknown backup is adopted and the others stay unknown', async () => {
  const other = await stranger(6, 'manifest')
  await world.catalog.deleteFrom('copies').where('backup_id', '=', backup.id).execute()
  await world.catalog.deleteFrom('backups').where('id', '=', backup.id).execute()
  const ended = await reconcile({ remedy: { action: 'adopt', path: backup.path } })
  expect((ended.result?.reconcile as { adopted: string[]; unknown: string[] }) ?? null).toMatchObject({ adopted: [backup.path], unknown: [other] })
  expect(await copyState()).toBe('stored')
  expect(await drift()).toEqual([['unknown_backup', other]])
  await rm(placeOf(other), { recursive: true })
})

test('uploads of a backup under way are left alone however old, those of one that is over go however young, and what nobody explains is aborted on demand', async () => {
  const part = (of: string, entry: string) => placeOf(`${of}/.${entry}.0123456789abcdef.part`)
  const begun = backup.path.replace(/[0-9a-f]{8}$/, '00000007')
  await mkdir(placeOf(begun))
  await writeFile(part(begun, 'e000001'), 'half')
  await writeFile(part(backup.path, 'e000009'), 'half')
  await utimes(part(backup.path, 'e000009'), hoursAgo(100), hoursAgo(100))

  await world.catalog.updateTable('backups').set({ finished_at: null }).where('id', '=', backup.id).execute()
  await world.catalog
    .updateTable('operations')
    .set({ state: 'running' })
    .where('id', '=', backup.operation_id ?? '')
    .execute()
  if (backup.operation_id === null) throw new Error('no operation')
  await world.catalog.updateTable('backups').set({ operation_id: backup.operation_id }).where('id', '=', backup.id).execute()
  await reconcile()
  expect(await readdir(placeOf(backup.path))).toContain('.e000009.0123456789abcdef.part')
  await world.catalog.updateTable('operations').set({ state: 'succeeded' }).where('id', '=', backup.operation_id).execute()
  await world.catalog.updateTable('backups').set({ finished_at: backup.finished_at }).where('id', '=', backup.id).execute()
  await reconcile()
  expect(await readdir(placeOf(backup.path))).not.toContain('.e000009.0123456789abcdef.part')

  expect(await drift()).toContainEqual(['unfinished_upload', begun])
  const young = await reconcile({ remedy: { action: 'abort', path: begun } })
  expect(young.error?.code).toBe('refused')
  await age(placeOf(begun), hoursAgo(7))
  expect((await reconcile({ remedy: { action: 'abort', path: begun } })).state).toBe('succeeded')
  expect(await drift()).toEqual([])
  await expect(readdir(placeOf(begun))).rejects.toThrow('ENOENT')
})

test('a finished backup’s copy that waits for this storage goes on waiting', async () => {
  const shelf = await world.addStorage('shelf')
  const copy = await insertCopy(world.catalog, { backup_id: backup.id, storage_id: shelf.id, state: 'waiting' })
  await world.operate(await requestReconcile(world.catalog, admin, { storageId: shelf.id, via: 'cli' }))
  expect((await listCopies(world.catalog, backup.id)).find((one) => one.id === copy.id)?.state).toBe('waiting')
  await updateCopy(world.catalog, copy.id, { state: 'failed' })
})

test('what was found is shown with what can be done; only that can be asked for, and nothing that is not on record', async () => {
  const other = await stranger(8, 'manifest')
  await mkdir(placeOf('photos'))
  await writeFile(placeOf('photos/cat.jpg'), 'not ours')
  await rm(path.join(placeOf(backup.path), 'manifest'))
  await reconcile()
  const { detail } = await readStorageDetail(world.catalog, admin, storage.id)
  expect(detail.drift.map((one) => [one.kind, one.path, one.actions])).toEqual([
    ['foreign', 'photos/', []],
    ['missing_objects', backup.path, []],
    ['unknown_backup', other, ['adopt']],
  ])
  expect(detail.reconciledAt).not.toBe(null)
  expect(detail.usage).toHaveLength(1)
  expect([detail.forecast.growthBytesPerDay, detail.forecast.words]).toEqual([null, expect.stringContaining('not known: only 1 day')])
  const act = (action: 'adopt' | 'remove' | 'abort', kind: DriftKind, of: string) =>
    requestRemedy(world.catalog, admin, { storageId: storage.id, action, kind, path: of, via: 'cli' })
  await expect(act('remove', 'foreign', 'photos/')).rejects.toMatchObject({ code: 'usage' })
  await expect(act('remove', 'unknown_backup', other)).rejects.toMatchObject({ code: 'usage' })
  await expect(act('remove', 'no_manifest', backup.path)).rejects.toMatchObject({ code: 'not_found' })
  await expect(act('adopt', 'unknown_backup', `${other}0`)).rejects.toMatchObject({ code: 'not_found' })
  const operator = { ...admin, role: 'operator' as const }
  await expect(
    requestRemedy(world.catalog, operator, { storageId: storage.id, action: 'adopt', kind: 'unknown_backup', path: other, via: 'cli' }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  // who may see only some databases is not told the names of others
  const guest = { ...admin, role: 'viewer' as const, databaseIds: [] }
  expect((await readStorageDetail(world.catalog, guest, storage.id)).detail.drift).toEqual([])
})
