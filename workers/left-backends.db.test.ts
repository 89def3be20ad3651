import { randomBytes, randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { claimer, enqueueBackup } from '#test/support/operations.ts'
import { claimOperation } from '#lib/catalog/attempts.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { passwordPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { endLeftBackends } from './left-backends.ts'
import { applicationName } from './runner.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

const keys = deriveKeys(randomBytes(32))

/** The catalogue's own server plays the database's. */
async function claimedBackup(port?: number): Promise<OperationRow> {
  const url = new URL(it.url)
  const id = randomUUID()
  await insertDatabase(it.catalog, {
    id,
    name: 'shop',
    host: url.hostname,
    port: port ?? Number(url.port),
    dbname: url.pathname.slice(1),
    username: url.username,
    password_sealed: sealSecret(decodeURIComponent(url.password), keys.sealing.publicKeyPem, passwordPlace(id)),
    ssl_mode: 'disable',
  })
  const operation = await enqueueBackup(it.catalog, id, { databaseId: id })
  const row = await claimOperation(it.catalog, claimer(), operation.id)
  if (row === null) throw new Error('nothing was claimed')
  return row
}

test('a backend that a dead attempt left at work is ended, another attempt’s is not', async () => {
  const operation = await claimedBackup()
  const left = new pg.Client({ connectionString: it.url, application_name: applicationName(operation.id, operation.attempt_token ?? '') })
  const other = new pg.Client({ connectionString: it.url, application_name: applicationName(operation.id, randomUUID()) })
  await Promise.all([left.connect(), other.connect()])
  left.on('error', () => undefined)
  const work = left.query('SELECT pg_sleep(600)').then(
    () => 'finished',
    (error: Error) => error.message,
  )
  try {
    expect(await endLeftBackends(it.catalog, keys, operation)).toBe(true)
    expect(await work).toMatch(/terminat/)
    expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  } finally {
    await other.end()
  }
})

test('a server that cannot be asked keeps the lock for two minutes, not for ever', async () => {
  const operation = await claimedBackup(1)
  expect(await endLeftBackends(it.catalog, keys, operation)).toBe(false)
  const longAgo = { ...operation, lease_until: new Date(Date.now() - 121_000) }
  expect(await endLeftBackends(it.catalog, keys, longAgo)).toBe(true)
  expect(await getOperation(it.catalog, operation.id)).toMatchObject({ state: 'running' })
})
