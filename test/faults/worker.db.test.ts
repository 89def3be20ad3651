import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { everyKind } from '#test/support/every-kind.ts'
import { withAdmin } from '#test/support/admin.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { startCluster } from '#test/support/cluster.ts'
import { finishedOperation, startDeliveredWorker } from '#test/support/delivered-worker.ts'
import { eventually } from '#test/support/eventually.ts'
import { ann, enqueueBackup } from '#test/support/operations.ts'
import { processesMentioning } from '#test/support/processes.ts'
import { startS3Fake } from '#test/support/s3-fake.ts'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { makeLocalRoot, openLocalStorage } from '#lib/engine/storage/local.ts'
import { writeMarker } from '#lib/engine/storage/marker.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { requestReconcile } from '#lib/operations/reconcile/request.ts'
import { requestVerify } from '#lib/operations/verify/request.ts'
import { ring } from '#lib/queue/ring.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { startWorker } from '#workers/worker.ts'

let it: TestCatalog
let home: string
const closing: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  it = await createTestCatalog()
  home = mkdtempSync(path.join(tmpdir(), 'lifeboat-faults-'))
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: true })
  await it.close()
  rmSync(home, { recursive: true })
})

/** A small database and a local storage to keep it on. */
async function shopOnDisk() {
  const cluster = await startCluster()
  closing.push(() => cluster.stop())
  await cluster.createDatabase('shop')
  await cluster.query('shop', 'CREATE TABLE t AS SELECT generate_series(1, 100) AS id')
  const { host, port } = cluster
  const database = await insertDatabase(it.catalog, { name: 'shop', host, port, dbname: 'shop', username: 'postgres', ssl_mode: 'disable' })
  const [storageId, root] = [randomUUID(), path.join(home, 'disk')]
  await makeLocalRoot(root)
  await writeMarker(openLocalStorage({ path: root, storageId: null }), storageId)
  await insertStorage(it.catalog, { id: storageId, name: 'disk', kind: 'local', config: JSON.stringify({ path: root }) })
  const request = () => requestBackup(it.catalog, ann, { databaseId: database?.id ?? '', via: 'cli' })
  return { root, request }
}

test('a worker killed in the middle of an upload leaves no visible object; the next attempt is whole, and the open upload is swept', {
  timeout: 300_000,
}, async () => {
  const [cluster, fake] = await Promise.all([startCluster(), startS3Fake()])
  closing.push(
    () => cluster.stop(),
    () => fake.close(),
  )
  await cluster.createDatabase('shop')
  const noise = Array.from({ length: 8 }, () => `md5(random()::text)`).join(' || ')
  await cluster.query('shop', `CREATE TABLE noise AS SELECT decode(${noise}, 'hex') AS b FROM generate_series(1, 200000)`)
  const { host, port } = cluster
  const database = await insertDatabase(it.catalog, { name: 'shop', host, port, dbname: 'shop', username: 'postgres', ssl_mode: 'disable' })
  const first = startDeliveredWorker(it, home)
  closing.push(() => first.stop())
  const sealing = await eventually(async () => (await listLiveWorkers(it.catalog))[0]?.sealing_key)
  const storageId = randomUUID()
  const config = { bucket: 'b', endpoint: fake.endpoint, region: 'r', prefix: 'p', pathStyle: true, checksumWhenRequired: false }
  const secretSealed = sealSecret(JSON.stringify({ accessKeyId: 'a', secretAccessKey: 's' }), sealing, storageSecretPlace(storageId))
  const input = { of: 'new_storage' as const, storageId, kind: 's3' as const, config, secretSealed }
  expect(await finishedOperation(it, (await requestCheck(it.catalog, ann, { input, via: 'cli' })).id)).toMatchObject({ state: 'succeeded' })
  await insertStorage(it.catalog, { id: storageId, name: 'bucket', kind: 's3', config: JSON.stringify(config), secret_sealed: secretSealed })

  fake.fault({ operation: 'UploadPart', nth: 2, action: { blackHole: true } })
  const backup = await requestBackup(it.catalog, ann, { databaseId: database?.id ?? '', via: 'cli' })
  await eventually(async () => (fake.calls.UploadPart ?? 0) >= 2)
  fake.assertFaultsHit()
  first.kill('SIGKILL')
  await first.ended
  await eventually(async () => (await processesMentioning(backup.id)).length === 0)
  const objects = () => [...fake.objects.keys()].filter((key) => /\/(e\d+|manifest)$/.test(key))
  expect(objects()).toEqual([])
  expect(fake.uploads.size).toBe(1)
  const foreign = { key: 'elsewhere/e000001', metadata: {}, initiated: new Date(0), parts: new Map() }
  fake.uploads.set('of another program', foreign)

  const heir = startDeliveredWorker(it, home)
  closing.push(() => heir.stop())
  expect(await finishedOperation(it, backup.id)).toMatchObject({ state: 'interrupted' })
  const retry = await eventually(() => it.catalog.selectFrom('operations').select('id').where('retry_of', '=', backup.id).executeTakeFirst())
  const again = await finishedOperation(it, retry.id)
  expect([again.state, again.error]).toEqual(['succeeded', null])
  const verify = await eventually(() => it.catalog.selectFrom('operations').select('id').where('after', '=', retry.id).executeTakeFirst())
  expect(await finishedOperation(it, verify.id)).toMatchObject({ state: 'succeeded', result: { verdict: 'valid' } })

  // what the dead attempt left was taken away without anyone asking; what another program uploads stays
  await eventually(async () => fake.uploads.size === 1)
  expect([...fake.uploads.values()]).toEqual([foreign])
  const looked = await finishedOperation(it, (await requestReconcile(it.catalog, ann, { storageId, via: 'cli' })).id)
  expect(looked).toMatchObject({ state: 'succeeded', result: { reconcile: { backups: 1, removedLeftovers: [], missing: [] } } })
  // the two attempts wrote under two names, and only one of them is left
  expect(new Set([...fake.objects.keys()].filter((key) => key.includes('/backup_')).map((key) => key.split('/').at(-2))).size).toBe(1)
})

test('with a key that cannot be read nothing is uploaded and no second key is made; with the key back the backup opens', {
  timeout: 240_000,
}, async () => {
  const { root, request } = await shopOnDisk()
  const first = startDeliveredWorker(it, home)
  closing.push(() => first.stop())
  const good = await finishedOperation(it, (await request()).id)
  expect([good.state, good.error]).toEqual(['succeeded', null])
  const follower = await eventually(() => it.catalog.selectFrom('operations').select('id').where('after', '=', good.id).executeTakeFirst())
  await finishedOperation(it, follower.id)
  await first.stop()

  // a directory in its place: also root cannot read that
  const file = path.join(home, 'keys', 'lifeboat.key')
  renameSync(file, `${file}.aside`)
  mkdirSync(file)
  const objects = () => readdirSync(root, { recursive: true }).sort()
  const before = objects()
  const blind = startDeliveredWorker(it, home)
  closing.push(() => blind.stop())
  const refused = await finishedOperation(it, (await request()).id)
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'key_missing' }, backup_id: null })
  expect(objects()).toEqual(before)
  expect(blind.said()).toContain('master key')
  expect(
    readdirSync(path.join(home, 'keys'))
      .filter((name) => name.startsWith('lifeboat.key'))
      .sort(),
  ).toEqual(['lifeboat.key', 'lifeboat.key.aside'])
  expect(readdirSync(file)).toEqual([])
  const verify = async () => finishedOperation(it, (await requestVerify(it.catalog, ann, { backupId: good.backup_id ?? '', via: 'cli' })).id)
  expect(await verify()).toMatchObject({ state: 'succeeded_with_findings', result: { verdict: 'unrecoverable' } })
  // nothing was learned about the bytes, but what cannot be opened is not called verified
  const copies = () => it.catalog.selectFrom('copies').select('state').execute()
  expect(await copies()).toEqual([{ state: 'stored' }])

  // the worker that could not read it takes it as soon as it is back
  rmSync(file, { recursive: true })
  renameSync(`${file}.aside`, file)
  await eventually(async () => ((await listLiveWorkers(it.catalog))[0]?.key_ids.length ?? 0) > 0)
  expect(await verify()).toMatchObject({ state: 'succeeded', result: { verdict: 'valid' } })
  expect(await copies()).toEqual([{ state: 'verified' }])
})

test('a worker killed between the manifest and the catalogue loses nothing: its backup is adopted, with one row', { timeout: 240_000 }, async () => {
  const { root, request } = await shopOnDisk()
  const armed = startDeliveredWorker(it, home, { LIFEBOAT_FAILPOINT: 'manifest.stored' })
  closing.push(() => armed.stop())
  const backup = await request()
  expect(await armed.ended).toEqual([null, 'SIGKILL'])
  const manifests = () => readdirSync(root, { recursive: true }).filter((name) => path.basename(String(name)) === 'manifest')
  expect(manifests()).toHaveLength(1)
  const rows = () => it.catalog.selectFrom('backups').select(['path', 'rows', 'finished_at']).orderBy('created_at').execute()
  expect(await rows()).toMatchObject([{ finished_at: null }])

  const heir = startDeliveredWorker(it, home)
  closing.push(() => heir.stop())
  expect(await finishedOperation(it, backup.id)).toMatchObject({ state: 'interrupted' })
  const known = await eventually(async () => {
    const found = await rows()
    return found.length === 2 && found.every((one) => one.finished_at !== null) && found
  })
  expect(known.map((one) => one.rows)).toEqual([100, 100])
  expect(
    manifests()
      .map((name) => path.dirname(String(name)))
      .sort(),
  ).toEqual(known.map((one) => one.path).sort())
})

test('a run that outlasts its first lease and the bell’s expiry is begun once, however often the bell rings', { timeout: 240_000 }, async () => {
  let begun = 0
  const finish = new AbortController()
  const run: Parameters<typeof startWorker>[0]['runners']['check'] = async (context) => {
    begun += 1
    await sleep(600_000, undefined, { signal: AbortSignal.any([context.signal, finish.signal]) }).catch(() => undefined)
    context.signal.throwIfAborted()
    return { result: { done: true }, findings: [] }
  }
  for (const name of ['one', 'two']) {
    const worker = await startWorker({
      url: it.url,
      runners: everyKind(run),
      concurrency: 2,
      stagingRoot: path.join(home, name),
      healthPort: 0,
      version: 'test',
      machine: async () => ({ keys: null, tools: [], storageIds: [] }),
    })
    closing.push(() => worker.stop())
  }
  // the machine of this test reaches no storage: the operation must not ask for one
  const { id } = await enqueueBackup(it.catalog, randomUUID())
  const first = await eventually(async () => {
    const row = await getOperation(it.catalog, id)
    return row?.state === 'running' && row
  })
  const bells = async () =>
    withAdmin(it.url, async (admin) => (await admin.query(`SELECT state FROM pgboss.job WHERE data ->> 'operationId' = $1`, [id])).rows)
  // the bell is through as soon as the run has begun: there is nothing left that could expire and ring again
  await eventually(async () => (await bells()).every((bell: { state: string }) => bell.state === 'completed'))
  // a day passes for the queue, and the lease that the run began with is over
  await withAdmin(it.url, (admin) =>
    admin.query(`UPDATE pgboss.job SET created_on = created_on - interval '1 day', started_on = started_on - interval '1 day'`),
  )
  await eventually(
    async () => (await sql`SELECT WHERE now() > ${first.lease_until}::timestamptz + interval '2 s'`.execute(it.catalog)).rows.length === 1,
    90,
  )
  for (let times = 0; times < 3; times += 1) await it.catalog.transaction().execute((trx) => ring(trx, [id]))
  await eventually(async () => (await bells()).every((bell: { state: string }) => bell.state === 'completed'))
  const now = await getOperation(it.catalog, id)
  expect(now).toMatchObject({ state: 'running', attempt: 1, attempt_token: first.attempt_token, worker_id: first.worker_id })
  expect(begun).toBe(1)
  finish.abort()
  expect(await finishedOperation(it, id)).toMatchObject({ state: 'succeeded', attempt: 1, result: { done: true } })
  expect(await it.catalog.selectFrom('operations').select('id').where('kind', '=', 'backup').execute()).toEqual([{ id }])
  expect(begun).toBe(1)
})
