import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { everyKind } from '#test/support/every-kind.ts'
import { createTestCatalogOn, type TestCatalog } from '#test/support/catalog.ts'
import { startCatalogServer, type StartedCatalogServer } from '#test/support/catalog-server.ts'
import { eventually } from '#test/support/eventually.ts'
import { enqueueRestore, enqueueVerify } from '#test/support/operations.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import { startWorker, type Worker } from './worker.ts'

let server: StartedCatalogServer
let it: TestCatalog
let staging: string
let worker: Worker
const aborted: unknown[] = []
beforeEach(async () => {
  server = await startCatalogServer()
  it = await createTestCatalogOn(server.adminUrl)
  staging = mkdtempSync(path.join(tmpdir(), 'lifeboat-staging-'))
  const run: Parameters<typeof startWorker>[0]['runners']['check'] = async (context, input) => {
    context.signal.addEventListener('abort', () => aborted.push(context.signal.reason))
    if (input.targetDbname === 'hang') await sleep(600_000, undefined, { signal: context.signal })
    return { result: {}, findings: [] }
  }
  worker = await startWorker({
    url: it.url,
    runners: everyKind(run),
    concurrency: 2,
    stagingRoot: staging,
    healthPort: 0,
    version: 'test',
    machine: async () => ({ keys: null, tools: [], storageIds: [] }),
  })
})
afterEach(async () => {
  await worker.stop()
  await it.close()
  await server.stop()
  rmSync(staging, { recursive: true, force: true })
})

test('runs outlive a restart of the catalogue, and are ended when it stays away', { timeout: 240_000 }, async () => {
  const { id } = await enqueueRestore(it.catalog, 'hang')
  await eventually(async () => (await getOperation(it.catalog, id))?.state === 'running')

  await server.halt()
  await sleep(3_000)
  await server.goOn()
  const next = await eventually(() => enqueueVerify(it.catalog).catch(() => null))
  await eventually(async () => (await getOperation(it.catalog, next.id))?.state === 'succeeded')
  // the lease is renewed again: it reaches further than the one that was held at the restart
  const before = (await getOperation(it.catalog, id))?.lease_until ?? new Date()
  await eventually(async () => ((await getOperation(it.catalog, id))?.lease_until ?? before) > before)
  expect(aborted).toEqual([])

  await server.halt()
  await eventually(async () => aborted.length === 1, 45)
  expect(aborted[0]).toMatchObject({ code: 'interrupted' })
  await server.goOn()
  await eventually(async () => (await getOperation(it.catalog, id))?.state === 'interrupted')
  expect((await sql`SELECT FROM operations WHERE retry_of = ${id}`.execute(it.catalog)).rows).toEqual([])
})
