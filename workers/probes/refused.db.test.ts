import { randomUUID } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getStorage, insertStorage } from '#lib/catalog/storages.ts'
import { type Connection, openClient } from '#lib/engine/postgres/connection.ts'
import { probeDatabase } from '#lib/engine/postgres/probe.ts'
import { findTools } from '#lib/engine/postgres/tools.ts'
import { seeStorage, keepStorage } from '#lib/operations/run/look-at-storage.ts'
import { passwordPlace, storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { type Operating, startOperating } from '#test/support/operating.ts'
import { type S3Fake, startS3Fake } from '#test/support/s3-fake.ts'
import type { Machine } from '../machine.ts'
import { probeDatabases } from './databases.ts'

let world: Operating
let machine: Machine
let fake: S3Fake
let id: string
const sockets: Socket[] = []
const silent = createServer((socket) => void sockets.push(socket))
beforeAll(async () => {
  ;[world, fake] = await Promise.all([startOperating({ password: 'right', settings: { max_connections: '20' } }), startS3Fake()])
  machine = { keys: world.keys, tools: await findTools(), storageIds: [] }
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  ;({ id } = await world.addDatabase('shop'))
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
  await fake.close()
  await world.close()
})
const signal = new AbortController().signal
const seal = (password: string) =>
  world.catalog
    .updateTable('databases')
    .set({ password_sealed: sealSecret(password, world.keys.sealing.publicKeyPem, passwordPlace(id)) })
    .where('id', '=', id)
    .execute()
async function probed() {
  await world.catalog
    .updateTable('probes')
    .set({ next_at: new Date(0) })
    .execute()
  await probeDatabases(world.catalog, machine, signal)
  const rows = await world.catalog.selectFrom('checks').select(['kind', 'status', 'words', 'detail']).where('subject', '=', id).execute()
  return Object.fromEntries(rows.map((row) => [row.kind, row]))
}

test('a wrong password is critical and is never written down; the right one makes it well again', async () => {
  await seal('wrong-canary')
  const wrong = await probed()
  expect(wrong.database_reachable).toMatchObject({ status: 'critical', words: expect.stringMatching(/password/i) })
  expect(wrong.database_connections).toMatchObject({ status: 'unknown' })
  expect(JSON.stringify(wrong)).not.toContain('canary')
  await seal('right')
  expect((await probed()).database_reachable).toMatchObject({ status: 'ok' })
})

test('connections near the limit are a warning, and every one taken is critical', async () => {
  const conn: Connection = world.cluster.connection('shop', { password: 'right' })
  const holders: Awaited<ReturnType<typeof openClient>>[] = []
  const fill = async (n: number) => {
    while (holders.length < n) holders.push(await openClient(conn, { retryForMs: 0 }))
  }
  try {
    await fill(13)
    const near = await probed()
    expect(near.database_connections?.status).toBe('warning')
    await fill(20)
    const full = await probed()
    expect(full.database_connections).toMatchObject({ status: 'critical' })
    expect(full.database_reachable).toMatchObject({ status: 'critical' })
  } finally {
    await Promise.all(holders.map((one) => one.end()))
  }
})

test('a database that hangs ends with its deadline as not reachable', async () => {
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await expect(probeDatabase({ ...world.cluster.connection('shop'), port }, { signal, deadlineMs: 300, againMs: 10 })).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('did not answer'),
  })
  expect(sockets.length).toBe(2)
})

test('a server that was stopped is critical, the rest of it unknown', async () => {
  await world.cluster.crash()
  const gone = await probed()
  expect(gone.database_reachable).toMatchObject({ status: 'critical' })
  for (const kind of ['database_connections', 'database_replication', 'database_archiving']) expect(gone[kind]).toMatchObject({ status: 'unknown' })
  await world.cluster.start()
  expect((await probed()).database_reachable).toMatchObject({ status: 'ok' })
})

test('a store that refuses the key is critical, named as credentials; its room is then not known', async () => {
  const storageId = randomUUID()
  const config = { bucket: 'b', endpoint: fake.endpoint, region: 'us-east-1', prefix: '', pathStyle: true }
  const secret_sealed = sealSecret(
    JSON.stringify({ accessKeyId: 'id', secretAccessKey: 'canary-secret' }),
    world.keys.sealing.publicKeyPem,
    storageSecretPlace(storageId),
  )
  await insertStorage(world.catalog, { id: storageId, name: 'bucket', kind: 's3', config: JSON.stringify(config), secret_sealed })
  for (const operation of ['GetObject', 'HeadObject', 'PutObject'] as const)
    fake.fault({ operation, times: 1000, action: { status: 403, code: 'InvalidAccessKeyId' } })
  const storage = await getStorage(world.catalog, storageId)
  if (storage === null) throw new Error('gone')
  const results = await keepStorage(
    world.catalog,
    await seeStorage({ catalog: world.catalog, keys: world.keys }, storage, { signal, write: true, certificate: true }),
  )
  expect(results[0]).toMatchObject({ status: 'critical', words: expect.stringContaining('credentials'), detail: { code: 'credentials_refused' } })
  expect(results[1]).toMatchObject({ kind: 'storage_room', status: 'unknown' })
  expect(JSON.stringify(results)).not.toContain('canary')
})
