import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { everyKind } from '#test/support/every-kind.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { eventually } from '#test/support/eventually.ts'
import { enqueueRestore, enqueueVerify } from '#test/support/operations.ts'
import { startTcpProxy, type TcpProxy } from '#test/support/tcp-proxy.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import { startWorker, type Worker } from './worker.ts'

let it: TestCatalog
let proxy: TcpProxy
let worker: Worker
let staging: string
const aborted: unknown[] = []
beforeEach(async () => {
  it = await createTestCatalog()
  staging = mkdtempSync(path.join(tmpdir(), 'lifeboat-staging-'))
  const url = new URL(it.url)
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  const run: Parameters<typeof startWorker>[0]['runners']['check'] = async (context, input) => {
    context.signal.addEventListener('abort', () => aborted.push(context.signal.reason))
    if (input.targetDbname === 'hang') await sleep(600_000, undefined, { signal: context.signal })
    return { result: {}, findings: [] }
  }
  worker = await startWorker({
    url: url.toString(),
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
  await proxy.close()
  await it.close()
  rmSync(staging, { recursive: true, force: true })
})

test('a catalogue behind a half-open connection is noticed: the run ends, and the worker works again afterwards', { timeout: 240_000 }, async () => {
  const { id } = await enqueueRestore(it.catalog, 'hang')
  await eventually(async () => (await getOperation(it.catalog, id))?.state === 'running')
  const before = proxy.passed.up
  proxy.up = proxy.down = 'black hole'
  await eventually(async () => aborted.length === 1, 45)
  expect(aborted[0]).toMatchObject({ code: 'interrupted' })
  expect(proxy.passed.up).toBeGreaterThan(before)

  proxy.up = proxy.down = 'clear'
  const next = await enqueueVerify(it.catalog)
  // the old connections stay dead: only new ones can do this
  await eventually(async () => (await getOperation(it.catalog, next.id))?.state === 'succeeded', 120)
  await eventually(async () => (await getOperation(it.catalog, id))?.state === 'interrupted', 120)
})
