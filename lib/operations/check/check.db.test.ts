import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getDatabase } from '#lib/catalog/databases.ts'
import { getStorage, insertStorage, removeStorage } from '#lib/catalog/storages.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { passwordPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { admin, type Operating, startOperating } from '#test/support/operating.ts'
import { freePort } from '#test/support/cluster.ts'
import { requestCheck } from './request.ts'

let world: Operating
beforeAll(async () => {
  world = await startOperating()
})
afterAll(() => world.close())

async function check(input: Parameters<typeof requestCheck>[2]['input']) {
  const ended = await world.operate(await requestCheck(world.catalog, admin, { input, via: 'cli' }))
  expect(ended.error).toBe(null)
  const { findings } = ended
  return {
    ...(ended.result as { check: Record<string, unknown> }).check,
    state: ended.state,
    codes: findings.map((one) => one.code),
    messages: findings.map((one) => one.message),
    remedies: findings.map((one) => one.remedy),
  }
}

test('a database that answers is written down with its version and size', async () => {
  const { id } = await world.addDatabase('answers')
  expect(await check({ of: 'database', databaseId: id })).toMatchObject({ ok: true, server: { tlsVersion: null } })
  const row = await getDatabase(world.catalog, id)
  expect(row).toMatchObject({ reachable: true, problem: null, server_version_num: expect.any(Number), system_identifier: expect.any(String) })
  expect(row?.size_bytes).toBeGreaterThan(1_000_000)
})

test('a database that is gone is not reachable, with a reason and a remedy; the check itself succeeded', async () => {
  const { id } = await world.addDatabase('goes')
  await world.catalog
    .updateTable('databases')
    .set({ port: await freePort() })
    .where('id', '=', id)
    .execute()
  expect(await check({ of: 'database', databaseId: id })).toMatchObject({
    ok: false,
    server: null,
    state: 'succeeded_with_findings',
    codes: ['unreachable'],
  })
  const row = await getDatabase(world.catalog, id)
  expect(row).toMatchObject({ reachable: false, problem: expect.any(String), checked_at: expect.any(Date) })
})

test('a connection that is about to be registered is tried with the sealed password, and nothing is written down', async () => {
  const { host, port } = world.cluster
  const databaseId = randomUUID()
  const input = {
    of: 'new_database' as const,
    databaseId,
    host,
    port,
    dbname: 'postgres',
    username: 'postgres',
    sslMode: 'disable' as const,
    caPem: null,
  }
  const passwordSealed = sealSecret('any', world.keys.sealing.publicKeyPem, passwordPlace(databaseId))
  expect(await check({ ...input, passwordSealed })).toMatchObject({ ok: true })
  expect(await getDatabase(world.catalog, databaseId)).toBe(null)
  const elsewhere = sealSecret('any', world.keys.sealing.publicKeyPem, passwordPlace(randomUUID()))
  const ended = await world.operate(await requestCheck(world.catalog, admin, { input: { ...input, passwordSealed: elsewhere }, via: 'cli' }))
  expect(ended).toMatchObject({ state: 'failed', error: { code: 'corrupt' } })
})

test('a storage is written to, read back and left as it was', async () => {
  const storage = await world.addStorage('works')
  const before = await readdir(storage.directory)
  expect(await check({ of: 'storage', storageId: storage.id })).toMatchObject({ ok: true, capacity: { totalBytes: expect.any(Number) } })
  expect(await readdir(storage.directory)).toEqual(before)
  expect(await getStorage(world.catalog, storage.id)).toMatchObject({ reachable: true, problem: null, total_bytes: expect.any(Number) })
})

test('an unmounted storage is absent, and nothing is written into the empty mount point', async () => {
  const storage = await world.addStorage('unmounted')
  await rename(storage.directory, `${storage.directory}-disk`)
  await mkdir(storage.directory)
  expect(await check({ of: 'storage', storageId: storage.id })).toMatchObject({ ok: false, codes: ['storage_absent'] })
  expect(await readdir(storage.directory)).toEqual([])
  expect(await getStorage(world.catalog, storage.id)).toMatchObject({ reachable: false })
})

test('a new place is claimed with marker, guide and rescue script', async () => {
  const works = await world.addStorage('neighbour')
  const place = path.join(path.dirname(works.directory), 'new', 'deep')
  const config = { path: place }
  const storageId = randomUUID()
  const input = { of: 'new_storage' as const, storageId, kind: 'local' as const, config, secretSealed: null }
  expect(await check(input)).toMatchObject({ ok: true })
  expect((await readdir(place)).sort()).toEqual(['RECOVERY.md', 'lifeboat-rescue-v1.mjs', 'lifeboat-storage.json'])
  expect(await check(input)).toMatchObject({ ok: true })
  expect(await check({ ...input, config: { path: 'relative/path' } })).toMatchObject({ ok: false, codes: ['usage'] })
})

test('a place that was a storage before keeps its id; nothing is written there before it is registered under it', async () => {
  const removed = await world.addStorage('removed')
  const input = {
    of: 'new_storage' as const,
    storageId: randomUUID(),
    kind: 'local' as const,
    config: { path: removed.directory },
    secretSealed: null,
  }
  const before = await readdir(removed.directory)
  const living = await check(input)
  expect(living).toMatchObject({ ok: false, codes: ['conflict'] })
  expect(living.messages[0]).toContain('“removed”')

  await removeStorage(world.catalog, removed.id)
  expect(await check(input)).toMatchObject({ ok: true, codes: ['storage_known'], storageId: removed.id })
  expect(await readdir(removed.directory)).toEqual(before)

  // somebody registered it under a fresh id without looking: the check says under which one
  await insertStorage(world.catalog, { id: input.storageId, name: 'again', kind: 'local', config: JSON.stringify(input.config) })
  const hasty = await check(input)
  expect(hasty).toMatchObject({ ok: false, codes: ['conflict'] })
  expect(hasty.remedies[0]).toContain(removed.id)
  expect(await readdir(removed.directory)).toEqual(before)
})

test('a viewer may not check, and an operator may not see, a database outside of his scope', async () => {
  const { id } = await world.addDatabase('scoped')
  const input = { of: 'database' as const, databaseId: id }
  const viewer: Actor = { ...admin, role: 'viewer' }
  const limited: Actor = { ...admin, role: 'operator', databaseIds: [randomUUID()] }
  await expect(requestCheck(world.catalog, viewer, { input, via: 'web' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(requestCheck(world.catalog, limited, { input, via: 'web' })).rejects.toMatchObject({ code: 'not_found' })
})
