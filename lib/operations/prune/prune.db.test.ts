import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { countStates } from '#test/support/copy-states.ts'
import { runAndKill } from '#test/support/killing.ts'
import { admin, type Operating, startOperating, type TestStorage } from '#test/support/operating.ts'
import { requestPrune } from './request.ts'

let world: Operating
let databaseId: string
let near: TestStorage
let far: TestStorage
beforeAll(async () => {
  world = await startOperating()
  databaseId = (await world.addDatabase('shop')).id
  near = await world.addStorage('near')
  far = await world.addStorage('far')
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.catalog.deleteFrom('settings').execute()
  await world.catalog.deleteFrom('holds').execute()
  await world.catalog.deleteFrom('backups').execute()
  await world.catalog.updateTable('storages').set({ used_bytes: 1_000_000 }).execute()
  for (const { directory } of [near, far]) await rm(path.join(directory, 'shop-00000000'), { recursive: true, force: true })
})

/** A daily backup that many days ago, with its copies' objects; only what a deletion looks at. */
async function made(daysAgo: number, state: 'verified' | 'stored' | 'corrupt' = 'verified', storages = [near]): Promise<string> {
  const id = randomUUID()
  const at = new Date(Date.now() - daysAgo * 86_400_000)
  const directory = `shop-00000000/daily/backup_daily_${String(daysAgo).padStart(8, '0')}_030000_${id.slice(0, 8)}`
  const row = { id, name: `day ${daysAgo}`, path: directory, database_id: databaseId, tier: 'daily' as const, attempt: id.slice(0, 8) }
  await world.catalog
    .insertInto('backups')
    .values({ ...row, created_at: at, finished_at: at })
    .execute()
  for (const storage of storages) {
    await mkdir(path.join(storage.directory, directory), { recursive: true })
    for (const name of ['key', 'manifest', 'e000001', 'e000002']) await writeFile(path.join(storage.directory, directory, name), 'x')
    const verified = state === 'verified' ? { verified_at: at } : {}
    await world.catalog
      .insertInto('copies')
      .values({ backup_id: id, storage_id: storage.id, state, stored_bytes: 100, stored_at: at, ...verified })
      .execute()
  }
  return id
}
async function days(from: number, to: number): Promise<void> {
  for (let day = from; day <= to; day++) await made(day)
}
const prune = async (dryRun = false, storage = near) =>
  world.operate(await requestPrune(world.catalog, admin, { storageId: storage.id, databaseId: null, dryRun, via: 'cli' }))
const onDisk = async (storage = near) => {
  const all = await readdir(path.join(storage.directory), { recursive: true })
  return {
    manifests: all.filter((name) => name.endsWith('/manifest')).length,
    objects: all.filter((name) => /\/(key|manifest|e\d+)$/.test(name)).length,
  }
}
const states = () => countStates(world.catalog, near.id)

test('what the rule lets go is deleted with every object, the room is free, and the trail tells each; a second run finds nothing', async () => {
  await days(0, 36)
  const planned = await prune(true)
  expect(planned.result).toMatchObject({ prune: { dryRun: true, due: 6, kept: 31, wouldDelete: expect.any(Array) as unknown } })
  expect(JSON.stringify(planned.result)).toContain('the rule for daily backups, 30 days, is over')
  expect(await onDisk()).toEqual({ manifests: 37, objects: 148 })
  const ended = await prune()
  expect([ended.state, ended.error]).toEqual(['succeeded', null])
  expect(ended.result).toMatchObject({ prune: { deleted: 6, freedBytes: 600 } })
  expect(await onDisk()).toEqual({ manifests: 31, objects: 124 })
  expect(await states()).toEqual({ verified: 31, deleted: 6 })
  const storage = await world.catalog.selectFrom('storages').select('used_bytes').where('id', '=', near.id).executeTakeFirstOrThrow()
  expect(storage.used_bytes).toBe(1_000_000 - 600)
  const audited = await world.catalog.selectFrom('audit').select('outcome').where('action', '=', 'copy.delete').execute()
  expect(audited.filter((one) => one.outcome === 'attempted')).toHaveLength(6)
  expect(audited.filter((one) => one.outcome === 'done')).toHaveLength(6)
  expect((await prune()).result).toMatchObject({ prune: { deleted: 0, due: 0 } })
})

test('a worker that is killed anywhere in a deletion leaves a tombstone, and the next run brings it to its end', async () => {
  for (const failPoint of ['delete.tombstoned', 'delete.manifest_removed', 'delete.entry_removed:2']) {
    await world.catalog.deleteFrom('backups').execute()
    await rm(path.join(near.directory, 'shop-00000000'), { recursive: true, force: true })
    await days(0, 33)
    const requested = await requestPrune(world.catalog, admin, { storageId: near.id, databaseId: null, dryRun: false, via: 'cli' })
    const { killed } = await runAndKill(world, requested, { failPoint })
    expect(killed).toBe(true)
    // a row never says deleted while objects are there, and never stored while the manifest is gone
    expect(await states()).toEqual({ verified: 33, delete_pending: 1 })
    expect((await onDisk()).manifests).toBe(failPoint === 'delete.tombstoned' ? 34 : 33)
    await world.catalog.updateTable('operations').set({ state: 'cancelled' }).where('state', '=', 'queued').execute()
    expect((await prune()).state).toBe('succeeded')
    expect(await states()).toEqual({ verified: 31, deleted: 3 })
    expect(await onDisk()).toEqual({ manifests: 31, objects: 124 })
  }
})

test('a storage that refuses to delete keeps a copy that is still to be deleted, and the next run goes on', async () => {
  await days(0, 31)
  const broken = (await world.catalog.selectFrom('backups').select('path').orderBy('created_at').limit(1).executeTakeFirstOrThrow()).path
  // what cannot be unlinked stands for a storage that fails
  const entry = path.join(near.directory, broken, 'manifest')
  await rm(entry)
  await mkdir(path.join(entry, 'held'), { recursive: true })
  const ended = await prune()
  expect(ended.state).toBe('succeeded_with_findings')
  expect(ended.findings.map((one) => one.code)).toEqual(['not_deleted'])
  expect(await states()).toEqual({ verified: 31, delete_pending: 1 })
  await rm(entry, { recursive: true })
  expect((await prune()).result).toMatchObject({ prune: { deleted: 1 } })
  expect(await states()).toEqual({ verified: 31, deleted: 1 })
})

test('where every newer backup is bad the last verified one stays, far past its age', async () => {
  const last = await made(60)
  for (let day = 0; day < 40; day++) await made(day, day % 2 === 0 ? 'corrupt' : 'stored')
  expect((await prune()).result).toMatchObject({ prune: { deleted: 0 } })
  const copy = await world.catalog.selectFrom('copies').select('state').where('backup_id', '=', last).executeTakeFirstOrThrow()
  expect(copy.state).toBe('verified')
})

test('a good copy elsewhere never costs the one here: each storage is judged by what it holds itself', async () => {
  await made(60, 'verified', [near])
  for (let day = 0; day < 40; day++) await made(day, 'verified', [far])
  expect((await prune()).result).toMatchObject({ prune: { deleted: 0 } })
  expect((await prune(false, far)).result).toMatchObject({ prune: { deleted: 9 } })
})

test('a hold of any kind keeps its backup, also one whose kind nobody knows', async () => {
  await days(0, 33)
  const oldest = await world.catalog.selectFrom('backups').select('id').orderBy('created_at').limit(2).execute()
  for (const [index, kind] of ['legal', 'something of the future'].entries()) {
    await world.catalog
      .insertInto('holds')
      .values({ backup_id: oldest[index]?.id ?? '', kind, reason: 'a lawsuit', placed_name: 'ann' })
      .execute()
  }
  expect((await prune()).result).toMatchObject({ prune: { deleted: 1 } })
})

test('while pruning is off nothing goes, and a dry run shows what would', async () => {
  await days(0, 33)
  await world.catalog
    .insertInto('settings')
    .values({
      key: 'pruning_paused',
      value: JSON.stringify({ since: new Date().toISOString(), reason: 'catalogue rebuilt from a storage', operationId: null }),
    })
    .execute()
  const refused = await prune()
  expect([refused.state, refused.error?.code]).toEqual(['failed', 'refused'])
  expect(await onDisk()).toMatchObject({ manifests: 34 })
  const planned = await prune(true)
  expect(planned.findings.map((one) => one.code)).toContain('pruning_paused')
  expect(planned.result).toMatchObject({ prune: { due: 3 } })
})

test('one run deletes only so many, the oldest first', async () => {
  await world.catalog
    .insertInto('settings')
    .values({ key: 'retention', value: JSON.stringify({ deletionsPerRun: 2 }) })
    .execute()
  await days(0, 35)
  const ended = await prune()
  expect(ended.result).toMatchObject({ prune: { deleted: 2, copies: [{ name: 'day 35' }, { name: 'day 34' }] } })
  expect(ended.findings.map((one) => one.code)).toEqual(['capped'])
})

test('a storage that is absent loses nothing', async () => {
  await days(0, 33)
  const aside = path.join(path.dirname(near.directory), 'aside')
  await rename(near.directory, aside)
  try {
    const ended = await prune()
    expect([ended.state, ended.error?.code]).toEqual(['failed', 'storage_absent'])
    expect(await states()).toEqual({ verified: 34 })
  } finally {
    await rename(aside, near.directory)
  }
})

/** The medium lacks what was made in these days: an old mirror under the same path. */
async function takeAway(from: number, to: number): Promise<void> {
  const rows = await world.catalog.selectFrom('backups').select(['name', 'path']).execute()
  for (const { name, path: directory } of rows) {
    const day = Number(name.slice('day '.length))
    if (day >= from && day <= to) await rm(path.join(near.directory, directory), { recursive: true })
  }
}

test('an old mirror behind the right marker loses nothing: what the rules count is not there, and that is said', async () => {
  await days(0, 59)
  await takeAway(0, 34)
  const ended = await prune()
  expect(ended.state).toBe('succeeded_with_findings')
  expect(ended.result).toMatchObject({ prune: { deleted: 0, due: 0 } })
  expect(ended.findings.map((one) => one.code)).toEqual(['copies_not_there'])
  expect(ended.findings[0]?.message).toContain('Nothing of shop was deleted on near: of 31 copies that the rules count there, 31 are not there')
  expect(await onDisk()).toEqual({ manifests: 25, objects: 100 })
  expect(await states()).toEqual({ verified: 60 })
  const planned = await prune(true)
  expect(planned.result).toMatchObject({ prune: { due: 0, wouldDelete: [] } })
  expect(planned.findings.map((one) => one.code)).toEqual(['copies_not_there'])
})

test('newer copies that are not there keep everything of their database, and nothing of another; once they are noted as missing they count no more', async () => {
  await days(0, 33)
  const other = (await world.addDatabase('billing')).id
  await takeAway(5, 6)
  for (let day = 0; day < 33; day++) {
    const id = await made(day)
    await world.catalog.updateTable('backups').set({ database_id: other }).where('id', '=', id).execute()
  }
  const ended = await prune()
  expect(ended.result).toMatchObject({ prune: { deleted: 2, copies: [{ name: 'day 32' }, { name: 'day 31' }] } })
  expect(ended.findings.map((one) => one.message)).toEqual([
    expect.stringContaining('Nothing of shop was deleted on near: of 31 copies that the rules count there, 2 are not there'),
  ])
  await world.catalog
    .updateTable('copies')
    .set({ state: 'missing' })
    .where(
      'backup_id',
      'in',
      world.catalog.selectFrom('backups').select('id').where('name', 'in', ['day 5', 'day 6']).where('database_id', '=', databaseId),
    )
    .execute()
  // day 31 stands among the 30 days now
  expect((await prune()).result).toMatchObject({ prune: { deleted: 2, copies: [{ name: 'day 33' }, { name: 'day 32' }] } })
})
