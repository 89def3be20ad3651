import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { type Cluster, startCluster } from '#test/support/cluster.ts'
import { eventually } from '#test/support/eventually.ts'
import { ann } from '#test/support/operations.ts'
import { processesMentioning } from '#test/support/processes.ts'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { insertDatabase } from '#lib/catalog/databases.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { insertStorage } from '#lib/catalog/storages.ts'
import { isFinished } from '#lib/domain/states.ts'
import { makeLocalRoot, openLocalStorage } from '#lib/engine/storage/local.ts'
import { writeMarker } from '#lib/engine/storage/marker.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'
import { requestRestore } from '#lib/operations/restore/request.ts'

let it: TestCatalog
let cluster: Cluster
let home: string
let databaseId: string
const workers: { child: ChildProcess; ended: Promise<unknown> }[] = []

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'lifeboat-killed-'))
  ;[it, cluster] = await Promise.all([createTestCatalog(), startCluster()])
  await cluster.createDatabase('shop')
  await cluster.query('shop', 'CREATE TABLE sales AS SELECT n, md5(n::text) AS what FROM generate_series(1, 20000) n')
  const database = await insertDatabase(it.catalog, {
    name: 'shop',
    host: cluster.host,
    port: cluster.port,
    dbname: 'shop',
    username: 'postgres',
    ssl_mode: 'disable',
  })
  databaseId = database?.id ?? ''
  const id = randomUUID()
  const root = path.join(home, 'storage')
  await makeLocalRoot(root)
  await writeMarker(openLocalStorage({ path: root, storageId: null }), id)
  await insertStorage(it.catalog, { id, name: 'disk', kind: 'local', config: JSON.stringify({ path: root }) })
})
afterEach(async () => {
  for (const { child, ended } of workers.splice(0)) {
    child.kill('SIGKILL')
    await ended
  }
  await it.close()
  await cluster.stop()
  rmSync(home, { recursive: true })
})

/** The worker as it is delivered, armed to kill itself at a named point. */
function startWorker(failPoint = ''): { ended: Promise<unknown>; stop(): Promise<number | null> } {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
    env: {
      NODE_ENV: 'test',
      PATH: process.env.PATH ?? '',
      LIFEBOAT_ROOT: home,
      LIFEBOAT_HOME: home,
      LIFEBOAT_AUDIT_KEY: it.auditKey.toString('base64'),
      DATABASE_URL: it.url,
      LOG_LEVEL: 'silent',
      LIFEBOAT_FAILPOINT: failPoint,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  workers.push({ child, ended })
  return {
    ended,
    async stop() {
      child.kill('SIGTERM')
      return (await ended)[0] as number | null
    },
  }
}

async function finished(id: string): Promise<OperationRow> {
  return eventually(async () => {
    const row = await getOperation(it.catalog, id)
    return row !== null && isFinished(row.state) && row
  }, 90)
}

async function next(column: 'retry_of' | 'after', id: string): Promise<string> {
  const row = await eventually(() => it.catalog.selectFrom('operations').select('id').where(column, '=', id).executeTakeFirst(), 90)
  return row.id
}

test('a backup whose worker is killed is made again and verified; a restore is not begun again by itself', { timeout: 400_000 }, async () => {
  const armed = startWorker('entry.stored')
  const backup = await requestBackup(it.catalog, ann, { databaseId, via: 'web' })
  expect(await armed.ended).toEqual([null, 'SIGKILL'])
  expect(await processesMentioning(backup.id)).toEqual([])
  expect(await getOperation(it.catalog, backup.id)).toMatchObject({ state: 'running' })

  const heir = startWorker()
  expect(await finished(backup.id)).toMatchObject({ state: 'interrupted', error: { code: 'interrupted' } })
  const retried = await finished(await next('retry_of', backup.id))
  expect(retried).toMatchObject({ state: 'succeeded', error: null })
  expect(await finished(await next('after', retried.id))).toMatchObject({ kind: 'verify', state: 'succeeded' })
  expect(readdirSync(path.join(home, 'staging')).filter((name) => readdirSync(path.join(home, 'staging', name)).length > 0)).toEqual([])
  expect(await heir.stop()).toBe(0)

  const armedAgain = startWorker('table.loaded')
  const made = await it.catalog.selectFrom('backups').selectAll().where('finished_at', 'is not', null).executeTakeFirstOrThrow()
  const restore = await requestRestore(it.catalog, ann, { backupId: made.id, targetDbname: 'shop_again', via: 'web' })
  expect(await armedAgain.ended).toEqual([null, 'SIGKILL'])
  startWorker()
  expect(await finished(restore.id)).toMatchObject({ state: 'interrupted', error: { message: expect.stringContaining('during the restore') } })
  expect(await it.catalog.selectFrom('operations').select('id').where('retry_of', '=', restore.id).execute()).toEqual([])
  // what it had created is gone, and nothing else
  expect((await cluster.query('postgres', 'SELECT datname AS name FROM pg_database ORDER BY 1')).map((row) => row.name)).toEqual([
    'postgres',
    'shop',
    'template0',
    'template1',
  ])

  // the older verified backup still restores
  const anew = await requestRestore(it.catalog, ann, { backupId: made.id, targetDbname: 'shop_anew', via: 'web' })
  expect(await finished(anew.id)).toMatchObject({ state: 'succeeded', result: { restore: { outcome: 'completed' } } })
  expect(await cluster.query('shop_anew', 'SELECT count(*)::int AS n FROM sales')).toMatchObject([{ n: 20_000 }])
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: true })
})
