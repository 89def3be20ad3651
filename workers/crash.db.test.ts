import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withAdmin } from '#test/support/admin.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { eventually } from '#test/support/eventually.ts'
import { enqueueRestore, enqueueVerify } from '#test/support/operations.ts'
import { startWorkerProcess, type WorkerProcess } from '#test/support/worker-process.ts'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { getOperation } from '#lib/catalog/operations.ts'

let it: TestCatalog
let workers: WorkerProcess[]
beforeEach(async () => {
  it = await createTestCatalog()
  workers = []
  await withAdmin(it.url, (admin) =>
    admin.query('CREATE TABLE public.traces (operation_id uuid, attempt_token uuid); GRANT SELECT, INSERT ON public.traces TO lifeboat_app'),
  )
})
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.clear()))
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: true })
  await it.close()
})

async function start(concurrency: number): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(it.url, concurrency)
  workers.push(worker)
  return worker
}

async function count(state: string): Promise<number> {
  const counted = await sql<{ n: number }>`SELECT count(*) AS n FROM operations WHERE state = ${state}`.execute(it.catalog)
  return counted.rows[0]?.n ?? 0
}

test('two workers carry out two hundred operations, killed at random: each attempt leaves its trace once, and all end', {
  timeout: 600_000,
}, async () => {
  const ids: string[] = []
  // one after the other: two hundred at once wait for a connection longer than a pool lets them on a slow machine
  for (let n = 0; n < 200; n += 1) ids.push((await enqueueVerify(it.catalog, { name: `backup ${n}` })).id)
  let pair: WorkerProcess[] = await Promise.all([start(4), start(4)])
  for (let kill = 0; kill < 8; kill += 1) {
    await sleep(200 + Math.random() * 600)
    const victim = pair[kill % 2]
    victim?.signal('SIGKILL')
    await victim?.ended
    const next = await start(4)
    pair = pair.map((worker) => (worker === victim ? next : worker))
  }
  await eventually(async () => (await count('queued')) + (await count('running')) === 0, 500)

  const operations = await it.catalog.selectFrom('operations').selectAll().execute()
  const traces = await sql<{ operation_id: string; attempt_token: string }>`SELECT * FROM public.traces`.execute(it.catalog)
  const perAttempt = new Set(traces.rows.map((trace) => trace.attempt_token))
  expect(perAttempt.size).toBe(traces.rows.length)
  expect(operations.some((one) => one.state === 'interrupted')).toBe(true)
  expect(new Set(operations.map((one) => one.state))).toEqual(new Set(['succeeded', 'interrupted']))
  for (const one of operations.filter((one) => one.state === 'succeeded')) {
    expect(traces.rows.filter((trace) => trace.operation_id === one.id)).toEqual([{ operation_id: one.id, attempt_token: one.attempt_token }])
  }
  // each of the two hundred succeeded itself, or was tried again exactly once
  for (const id of ids) {
    const original = operations.find((one) => one.id === id)
    const retries = operations.filter((one) => one.retry_of === id)
    expect(retries).toHaveLength(original?.state === 'succeeded' ? 0 : 1)
  }
})

test('a worker that froze for longer than its lease wakes up, ends its run and writes nothing', { timeout: 200_000 }, async () => {
  const frozen = await start(1)
  const { id } = await enqueueRestore(it.catalog, 'hang')
  await eventually(async () => (await sql`SELECT FROM public.traces`.execute(it.catalog)).rows.length === 1)
  frozen.signal('SIGSTOP')
  await start(1)
  await eventually(async () => (await getOperation(it.catalog, id))?.state === 'interrupted', 90)
  const before = await getOperation(it.catalog, id)
  frozen.signal('SIGCONT')
  await eventually(async () => ((await (await fetch(`http://127.0.0.1:${frozen.healthPort}/healthz`)).json()) as { running: number }).running === 0)
  expect(await getOperation(it.catalog, id)).toEqual(before)
  // and it is fit for work again
  frozen.signal('SIGTERM')
  expect(await frozen.ended).toBe(0)
})
