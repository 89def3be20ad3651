import { rename } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertDatabase } from '#lib/catalog/databases.ts'
import type { CheckKind } from '#lib/domain/watch/check-kinds.ts'
import { findTools } from '#lib/engine/postgres/tools.ts'
import { freePort } from '#test/support/cluster.ts'
import { type Operating, startOperating } from '#test/support/operating.ts'
import type { Machine } from '../machine.ts'
import { probeDatabases } from './databases.ts'
import { probeStorages } from './storages.ts'

let world: Operating
let machine: Machine
const open: Socket[] = []
const silent = createServer((socket) => {
  open.push(socket)
})
beforeAll(async () => {
  world = await startOperating()
  machine = { keys: world.keys, tools: await findTools(), storageIds: [] }
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  for (const socket of open) socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
  await world.close()
})

const signal = new AbortController().signal
const seen = async (kind: CheckKind, subject: string) =>
  (await world.catalog
    .selectFrom('checks')
    .select(['status', 'words', 'value'])
    .where('kind', '=', kind)
    .where('subject', '=', subject)
    .executeTakeFirst()) ?? null
const dueAgain = () =>
  world.catalog
    .updateTable('probes')
    .set({ next_at: new Date(0) })
    .execute()

async function addAt(name: string, port: number): Promise<string> {
  const row = await insertDatabase(world.catalog, { name, host: '127.0.0.1', port, dbname: name, username: 'postgres', ssl_mode: 'disable' })
  return row?.id ?? ''
}

test('each database is asked how it is; one that hangs and one that is gone hold up nobody, and none is asked twice', async () => {
  const { id: shop } = await world.addDatabase('shop')
  const { id: other } = await world.addDatabase('other')
  const gone = await addAt('gone', await freePort())
  const address = silent.address()
  const hangs = await addAt('hangs', typeof address === 'object' && address !== null ? address.port : 0)
  await addAt('nameless', 1)
  await world.catalog.updateTable('databases').set({ username: '' }).where('name', '=', 'nameless').execute()

  const stop = new AbortController()
  const asking = probeDatabases(world.catalog, machine, stop.signal)
  await expect.poll(async () => (await seen('database_reachable', gone))?.status, { timeout: 15_000 }).toBe('critical')
  for (const id of [shop, other]) {
    expect(await seen('database_reachable', id)).toMatchObject({ status: 'ok', words: expect.stringMatching(/^It answers in \d+ ms: PostgreSQL /) })
  }
  expect(await seen('database_reachable', hangs)).toBeNull()
  expect(open.length).toBeGreaterThan(0)
  stop.abort()
  await asking
  expect(await seen('database_connections', shop)).toMatchObject({ status: 'ok', words: expect.stringMatching(/ of \d+ connections are taken/) })
  expect(await seen('database_archiving', shop)).toMatchObject({ status: 'ok' })
  expect(await seen('database_replication', shop)).toMatchObject({ status: 'ok', words: 'No standby and no replication slot depends on it.' })
  expect(await seen('database_replication', gone)).toMatchObject({ status: 'unknown' })
  const probes = await world.catalog.selectFrom('probes').select('subject').where('kind', '=', 'database').execute()
  expect(probes.map((one) => one.subject).toSorted()).toEqual([shop, other, gone, hangs].toSorted())

  // nothing is due: neither this worker nor another asks again
  await world.catalog.deleteFrom('checks').execute()
  await Promise.all([probeDatabases(world.catalog, machine, signal), probeDatabases(world.catalog, machine, signal)])
  expect(await world.catalog.selectFrom('checks').select('kind').execute()).toEqual([])
  await world.catalog.updateTable('databases').set({ removed_at: new Date() }).where('id', 'in', [hangs, gone, other]).execute()
})

test('a slot that nobody reads is named, and a role that the server does not know is critical', async () => {
  const [shop] = await world.catalog.selectFrom('databases').select('id').where('name', '=', 'shop').execute()
  const id = shop?.id ?? ''
  await world.cluster.query('shop', "SELECT pg_create_physical_replication_slot('forgotten', true)")
  await dueAgain()
  await probeDatabases(world.catalog, machine, signal)
  expect(await seen('database_replication', id)).toMatchObject({ status: 'ok', words: expect.stringContaining('forgotten') })
  await world.cluster.query('shop', "SELECT pg_drop_replication_slot('forgotten')")
  await world.catalog.updateTable('databases').set({ username: 'nobody_by_that_name' }).where('id', '=', id).execute()
  await dueAgain()
  await probeDatabases(world.catalog, machine, signal)
  expect(await seen('database_reachable', id)).toMatchObject({ status: 'critical' })
})

test('a storage is written to and read back; one that went away is critical, and its room is then not known', async () => {
  const disk = await world.addStorage('disk')
  const here = { ...machine, storageIds: [disk.id] }
  await probeStorages(world.catalog, here, signal)
  expect(await seen('storage_reachable', disk.id)).toMatchObject({ status: 'ok', words: expect.stringContaining('gave back what was written there') })
  expect(await seen('storage_room', disk.id)).toMatchObject({ value: expect.any(Number) })
  await rename(disk.directory, `${disk.directory}.away`)
  await dueAgain()
  await probeStorages(world.catalog, machine, signal)
  expect(await seen('storage_reachable', disk.id)).toMatchObject({ status: 'critical' })
  expect(await seen('storage_room', disk.id)).toMatchObject({ status: 'unknown' })
  await rename(`${disk.directory}.away`, disk.directory)
})
