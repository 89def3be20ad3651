import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withAdmin } from '#test/support/admin.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { type DeliveredWorker, type Descendant, descendantsOf, finishedOperation, startDeliveredWorker } from '#test/support/delivered-worker.ts'
import { eventually } from '#test/support/eventually.ts'
import { ann } from '#test/support/operations.ts'
import { type S3Fake, startS3Fake } from '#test/support/s3-fake.ts'
import { startTcpProxy, type TcpProxy } from '#test/support/tcp-proxy.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { makeLocalRoot, openLocalStorage } from '#lib/engine/storage/local.ts'
import { writeMarker } from '#lib/engine/storage/marker.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'
import { requestVerify } from '#lib/operations/verify/request.ts'
import { passwordPlace, storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'

// Four secrets, each of which would be found again wherever it went.
const master = randomBytes(32)
const password = `pw-canary:${randomBytes(9).toString('hex')}\\x`
const wrongPassword = `wrong-canary-${randomBytes(9).toString('hex')}`
const s3Secret = `s3-canary-${randomBytes(9).toString('hex')}`
const auditKey = () => it.auditKey.toString('base64')

/** Each secret as it is and as something on the way might have written it. */
function disguises(): Buffer[] {
  const texts = [password, wrongPassword, s3Secret, master.toString('base64').slice(0, 42), master.toString('hex'), auditKey().slice(0, 42)]
  const plain = texts.flatMap((one) => [one, encodeURIComponent(one), JSON.stringify(one).slice(1, -1), one.replaceAll(/[:\\]/g, '\\$&')])
  const encoded = texts.slice(0, 3).flatMap((one) => [Buffer.from(one).toString('hex'), Buffer.from(one).toString('base64').slice(0, -4)])
  return [...new Set([...plain, ...encoded])].map((one) => Buffer.from(one)).concat(master)
}
function secretsIn(text: string | Buffer): string[] {
  const bytes = Buffer.from(text)
  return disguises()
    .filter((one) => bytes.includes(one))
    .map((one) => one.toString('latin1'))
}

let it: TestCatalog
let cluster: Cluster
let slow: TcpProxy
let fake: S3Fake
let home: string
let worker: DeliveredWorker
const disk = { id: randomUUID(), root: '' }
const bucketId = randomUUID()
const databaseId = randomUUID()

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'lifeboat-canary-'))
  mkdirSync(path.join(home, 'keys'), { mode: 0o700 })
  writeFileSync(path.join(home, 'keys', 'lifeboat.key'), master.toString('base64'), { mode: 0o400 })
  ;[it, cluster, fake] = await Promise.all([createTestCatalog(), startCluster({ password }), startS3Fake()])
  slow = await startTcpProxy(cluster)
  await cluster.createDatabase('shop')
  await cluster.query('shop', `CREATE TABLE sales AS SELECT n, repeat(md5(n::text), 10) AS what FROM generate_series(1, 30000) n`)
  worker = startDeliveredWorker(it, home, { LOG_LEVEL: 'trace' })
  const sealing = await eventually(async () => (await listLiveWorkers(it.catalog))[0]?.sealing_key)
  const { host } = cluster
  const password_sealed = sealSecret(password, sealing, passwordPlace(databaseId))
  await insertDatabase(it.catalog, {
    id: databaseId,
    name: 'shop',
    host,
    port: slow.port,
    dbname: 'shop',
    username: 'postgres',
    ssl_mode: 'disable',
    password_sealed,
  })
  disk.root = path.join(home, 'disk')
  await makeLocalRoot(disk.root)
  await writeMarker(openLocalStorage({ path: disk.root, storageId: null }), disk.id)
  await insertStorage(it.catalog, { id: disk.id, name: 'disk', kind: 'local', config: JSON.stringify({ path: disk.root }) })
  const config = { bucket: 'b', endpoint: fake.endpoint, region: 'r', prefix: 'p', pathStyle: true, checksumWhenRequired: false }
  const secretSealed = sealSecret(JSON.stringify({ accessKeyId: 'id', secretAccessKey: s3Secret }), sealing, storageSecretPlace(bucketId))
  const input = { of: 'new_storage' as const, storageId: bucketId, kind: 's3' as const, config, secretSealed }
  const claimed = await finishedOperation(it, (await requestCheck(it.catalog, ann, { input, via: 'cli' })).id)
  expect(claimed).toMatchObject({ state: 'succeeded', result: { check: { ok: true } } })
  await insertStorage(it.catalog, { id: bucketId, name: 'bucket', kind: 's3', config: JSON.stringify(config), secret_sealed: secretSealed })
})
afterAll(async () => {
  await worker?.stop()
  await slow?.close()
  await Promise.all([it?.close(), cluster?.stop(), fake?.close()])
  rmSync(home, { recursive: true })
})

const children: Descendant[] = []
/** Files of the staging directory in which a secret was seen: name and mode. */
const staged = new Set<string>()
/** Looks at the children and at the staging directory, over and over, until the operation is over. */
async function watched(requested: { id: string }) {
  return eventually(async () => {
    children.push(...descendantsOf(worker.pid))
    for (const file of filesBelow(path.join(home, 'staging'))) {
      const [bytes, mode] = readSoon(file)
      if (secretsIn(bytes).length > 0) staged.add(`${path.basename(file)} ${(mode & 0o777).toString(8)}`)
    }
    const row = await finishedOperation(it, requested.id, 0).catch(() => null)
    return row
  }, 120)
}

test('a backup, its verify and a restore leave no secret in a child, a log, the catalogue, an object or the staging directory', async () => {
  slow.down = { delayMs: 10 }
  const backup = await watched(await requestBackup(it.catalog, ann, { databaseId, via: 'cli' }))
  expect([backup.state, backup.error]).toEqual(['succeeded', null])
  slow.down = 'clear'
  slow.up = { delayMs: 10 }
  const restore = await watched(await requestRestore(it.catalog, ann, { backupId: backup.backup_id ?? '', targetDbname: 'shop_back', via: 'cli' }))
  expect([restore.state, restore.error]).toEqual(['succeeded', null])
  slow.up = 'clear'
  const verify = await finishedOperation(it, (await requestVerify(it.catalog, ann, { backupId: backup.backup_id ?? '', via: 'cli' })).id)
  expect(verify).toMatchObject({ state: 'succeeded', result: { verdict: 'valid' } })

  const tools = new Set(children.map((one) => path.basename(one.cmdline.split('\0')[0] ?? '')))
  expect([...tools], 'the tools were seen at work').toEqual(expect.arrayContaining(['pg_dump', 'pg_restore']))
  expect(children.filter((one) => one.environ.includes('PGPASSFILE=')).length).toBeGreaterThan(0)
  for (const { cmdline, environ } of children) expect(secretsIn(`${cmdline}\0${environ}`)).toEqual([])
  // the one place where the password may stand, and only as long as a tool runs
  for (const seen of staged) expect(seen).toMatch(/pass\S* 600$/i)
  expect(staged.size).toBeGreaterThan(0)
  expect(filesBelow(path.join(home, 'staging'))).toEqual([])
})

test('what goes wrong is told without a secret: a refused password, a store that refuses the credentials', async () => {
  const [live] = await listLiveWorkers(it.catalog)
  const password_sealed = sealSecret(wrongPassword, live?.sealing_key ?? '', passwordPlace(databaseId))
  await it.catalog.updateTable('databases').set({ password_sealed }).where('id', '=', databaseId).execute()
  const refused = await watched(await requestBackup(it.catalog, ann, { databaseId, storageIds: [disk.id], via: 'cli' }))
  expect(refused).toMatchObject({ state: 'failed' })
  expect(secretsIn(JSON.stringify(refused))).toEqual([])

  const right = sealSecret(password, live?.sealing_key ?? '', passwordPlace(databaseId))
  await it.catalog.updateTable('databases').set({ password_sealed: right }).where('id', '=', databaseId).execute()
  fake.fault({ operation: 'PutObject', times: 1000, action: { status: 403, code: 'SignatureDoesNotMatch', message: 'made up' } })
  const failed = await watched(await requestBackup(it.catalog, ann, { databaseId, storageIds: [bucketId], via: 'cli' }))
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'storage_refused' } })
  fake.assertFaultsHit()
  expect(secretsIn(JSON.stringify(failed))).toEqual([])
})

test('afterwards no secret stands in the log, in any table of the catalogue, on any storage or in what was sent to the bucket', async () => {
  expect(worker.said().length).toBeGreaterThan(1000)
  expect(secretsIn(worker.said())).toEqual([])

  const rows = await withAdmin(it.url, async (admin) => {
    const tables = await admin.query(
      `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables WHERE schemaname !~ '^(pg_catalog|information_schema)$'`,
    )
    const texts: string[] = []
    for (const { name } of tables.rows as { name: string }[]) {
      for (const { row } of (await admin.query(`SELECT t::text AS row FROM ${name} t`)).rows as { row: string }[]) texts.push(`${name} ${row}`)
    }
    return texts
  })
  expect(rows.length).toBeGreaterThan(50)
  for (const row of rows) expect([row.slice(0, 40), secretsIn(row)]).toEqual([row.slice(0, 40), []])

  const objects: [string, Buffer][] = filesBelow(disk.root).map((file) => [file, readFileSync(file)])
  expect(objects.length).toBeGreaterThan(4)
  for (const [name, { bytes }] of fake.objects) objects.push([name, bytes])
  for (const [name, bytes] of objects) {
    expect([name, secretsIn(bytes)]).toEqual([name, []])
    if (/\/(e\d+|manifest)$/.test(name)) expect([name, bytes.subarray(0, 11).toString()]).toEqual([name, 'lifeboat/1 '])
  }
  for (const request of fake.requests) expect(secretsIn(JSON.stringify(request.headers) + request.query.toString())).toEqual([])
})

function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
  } catch {
    return [] // it went while it was being listed
  }
}
function readSoon(file: string): [Buffer, number] {
  try {
    return [readFileSync(file), statSync(file).mode]
  } catch {
    return [Buffer.alloc(0), 0]
  }
}
