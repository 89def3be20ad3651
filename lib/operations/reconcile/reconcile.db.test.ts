import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getBackup } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestBackup } from '../backup/request.ts'
import { requestReconcile } from './request.ts'

let world: Operating
let database: { id: string; name: string }
beforeAll(async () => {
  world = await startOperating()
  database = await world.addDatabase(
    'shop',
    `CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item SELECT i, 'item ' || i FROM generate_series(1, 500) i`,
  )
})
afterAll(() => world.close())

async function backUp(storages: TestStorage[]): Promise<{ id: string; path: string }> {
  const requested = await requestBackup(world.catalog, admin, { databaseId: database.id, storageIds: storages.map((one) => one.id), via: 'cli' })
  const ended = await world.operate(requested)
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  const backup = await getBackup(world.catalog, ended.backup_id ?? '')
  if (backup === null) throw new Error('the backup has no row')
  return backup
}

async function reconcile(storage: TestStorage, how: { adopt?: boolean; dryRun?: boolean } = {}) {
  const ended = await world.operate(await requestReconcile(world.catalog, admin, { storageId: storage.id, via: 'cli', ...how }))
  expect(ended.error).toBe(null)
  return { state: ended.state, findings: ended.findings, ...(ended.result as { reconcile: Record<string, unknown> }).reconcile }
}

const stateOfCopy = async (backupId: string, storage: TestStorage) =>
  (await listCopies(world.catalog, backupId)).find((copy) => copy.storage_id === storage.id)?.state

test('a storage that holds what the catalogue says gives no finding', async () => {
  const storage = await world.addStorage('agrees')
  await backUp([storage])
  expect(await reconcile(storage)).toMatchObject({ state: 'succeeded', findings: [], backups: 1, missing: [], unknown: [] })
})

test('a copy whose manifest is gone becomes missing, and comes back when it does', async () => {
  const storage = await world.addStorage('loses')
  const backup = await backUp([storage])
  const manifest = path.join(storage.directory, backup.path, 'manifest')
  await rename(manifest, `${storage.directory}/aside`)
  expect(await reconcile(storage, { dryRun: true })).toMatchObject({ missing: [backup.path] })
  expect(await stateOfCopy(backup.id, storage)).toBe('stored')
  expect(await reconcile(storage)).toMatchObject({ state: 'succeeded_with_findings', missing: [backup.path] })
  expect(await stateOfCopy(backup.id, storage)).toBe('missing')
  await rename(`${storage.directory}/aside`, manifest)
  expect(await reconcile(storage)).toMatchObject({ returned: [backup.path] })
  expect(await stateOfCopy(backup.id, storage)).toBe('stored')
})

test('a catalogue that lost everything about a backup gets it back from the storage, once', async () => {
  const storage = await world.addStorage('rebuilds')
  const backup = await backUp([storage])
  const before = await getBackup(world.catalog, backup.id)
  const tables = () => world.catalog.selectFrom('backup_tables').selectAll().where('backup_id', '=', backup.id).orderBy('ordinal').execute()
  const tablesBefore = await tables()
  await world.catalog.deleteFrom('backups').where('id', '=', backup.id).execute()

  expect(await reconcile(storage)).toMatchObject({ state: 'succeeded_with_findings', unknown: [backup.path], adopted: [] })
  expect(await getBackup(world.catalog, backup.id)).toBe(null)
  expect(await reconcile(storage, { adopt: true })).toMatchObject({ adopted: [backup.path], refused: [] })
  const after = await getBackup(world.catalog, backup.id)
  expect(after).toMatchObject({
    manifest_sha256: before?.manifest_sha256,
    rows: before?.rows,
    tables: before?.tables,
    created_at: before?.created_at,
  })
  expect(await tables()).toEqual(tablesBefore)
  expect(await stateOfCopy(backup.id, storage)).toBe('stored')
  expect(await reconcile(storage, { adopt: true })).toMatchObject({ state: 'succeeded', adopted: [] })
  const paused = await world.catalog.selectFrom('settings').selectAll().where('key', '=', 'pruning_paused').execute()
  expect(paused).toHaveLength(1)
})

test('a backup that was moved under another name is refused', async () => {
  const storage = await world.addStorage('moved')
  const backup = await backUp([storage])
  const other = backup.path.replace(/[0-9a-f]{8}$/, '00000000')
  await cp(path.join(storage.directory, backup.path), path.join(storage.directory, other), { recursive: true })
  const seen = await reconcile(storage, { adopt: true })
  expect(seen).toMatchObject({ adopted: [], refused: [other] })
  expect(seen.findings[0]?.message).toContain('moved')
})

test('a backup whose entry is gone is adopted as a damaged copy', async () => {
  const storage = await world.addStorage('holes')
  const backup = await backUp([storage])
  await world.catalog.deleteFrom('backups').where('id', '=', backup.id).execute()
  await rm(path.join(storage.directory, backup.path, 'e000001'))
  await reconcile(storage, { adopt: true })
  expect(await stateOfCopy(backup.id, storage)).toBe('corrupt')
})

test('what a dead attempt left is removed; what is not ours is left alone', async () => {
  const storage = await world.addStorage('leftovers')
  const backup = await backUp([storage])
  const place = path.join(storage.directory, backup.path)
  await rm(path.join(place, 'manifest'))
  await world.catalog.updateTable('backups').set({ finished_at: null }).where('id', '=', backup.id).execute()
  await world.catalog.updateTable('copies').set({ state: 'storing' }).where('backup_id', '=', backup.id).execute()
  await mkdir(path.join(storage.directory, 'photos'))
  await writeFile(path.join(storage.directory, 'photos', 'cat.jpg'), 'not ours')
  expect(await reconcile(storage)).toMatchObject({ removedLeftovers: [backup.path] })
  expect(await readdir(place).catch(() => [])).toEqual([])
  expect(await stateOfCopy(backup.id, storage)).toBe('failed')
  expect(await readdir(path.join(storage.directory, 'photos'))).toEqual(['cat.jpg'])
})

test('what a failed attempt could not take away is removed; what belongs to an attempt that nobody knows stays', async () => {
  const storage = await world.addStorage('forgotten')
  const backup = await backUp([storage])
  const place = path.join(storage.directory, backup.path)
  await rm(path.join(place, 'manifest'))
  const stranger = backup.path.replace(/[0-9a-f]{8}$/, '00000000')
  await cp(place, path.join(storage.directory, stranger), { recursive: true })
  await world.catalog.deleteFrom('backups').where('id', '=', backup.id).execute()
  expect(await reconcile(storage, { dryRun: true })).toMatchObject({ removedLeftovers: [backup.path] })
  expect(await readdir(place)).toContain('e000001')
  const seen = await reconcile(storage)
  expect(seen).toMatchObject({ removedLeftovers: [backup.path], state: 'succeeded' })
  expect(seen.findings.map((one) => one.code)).toEqual(['unexplained_leftovers'])
  expect(await readdir(place).catch(() => [])).toEqual([])
  expect(await readdir(path.join(storage.directory, stranger))).toContain('e000001')
})

test('the objects of a copy that failed while the others went on are removed', async () => {
  const [good, bad] = [await world.addStorage('went-on'), await world.addStorage('broke-off')]
  const backup = await backUp([good, bad])
  await rm(path.join(bad.directory, backup.path, 'manifest'))
  await world.catalog.updateTable('copies').set({ state: 'failed' }).where('backup_id', '=', backup.id).where('storage_id', '=', bad.id).execute()
  expect(await reconcile(bad)).toMatchObject({ removedLeftovers: [backup.path] })
  expect(await reconcile(bad)).toMatchObject({ removedLeftovers: [] })
  expect(await reconcile(good)).toMatchObject({ removedLeftovers: [], missing: [] })
  expect(await stateOfCopy(backup.id, good)).toBe('stored')
})

test('a manifest that was stored just before the worker died is adopted, with one row', async () => {
  const storage = await world.addStorage('unrecorded')
  const backup = await backUp([storage])
  await world.catalog.updateTable('backups').set({ finished_at: null, manifest_sha256: null, rows: 0 }).where('id', '=', backup.id).execute()
  await world.catalog.deleteFrom('backup_tables').where('backup_id', '=', backup.id).execute()
  await world.catalog.updateTable('copies').set({ state: 'storing' }).where('backup_id', '=', backup.id).execute()
  expect(await reconcile(storage)).toMatchObject({ adopted: [backup.path] })
  expect(await getBackup(world.catalog, backup.id)).toMatchObject({ rows: 500 })
  expect(await stateOfCopy(backup.id, storage)).toBe('stored')
})

test('a storage without its marker is absent, and no copy on it is called missing', async () => {
  const storage = await world.addStorage('unmounted')
  const backup = await backUp([storage])
  await rename(storage.directory, `${storage.directory}-elsewhere`)
  await mkdir(storage.directory)
  const requested = await requestReconcile(world.catalog, admin, { storageId: storage.id, via: 'cli' })
  expect(await world.operate(requested)).toMatchObject({ state: 'failed', error: { code: 'storage_absent' } })
  expect(await stateOfCopy(backup.id, storage)).toBe('stored')
})
