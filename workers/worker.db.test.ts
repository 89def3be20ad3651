import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withAdmin } from '#test/support/admin.ts'
import { everyKind } from '#test/support/every-kind.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { eventually } from '#test/support/eventually.ts'
import { ann, enqueueBackup, enqueueRestore, enqueueVerify } from '#test/support/operations.ts'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { listEvents } from '#lib/catalog/events.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { isFinished } from '#lib/domain/states.ts'
import { log } from '#lib/log.ts'
import { requestCancel } from '#lib/operations/cancel.ts'
import type { RunContext, RunResult } from '#lib/operations/run-context.ts'
import { type Round, startWorker, type Worker } from './worker.ts'

let it: TestCatalog
let staging: string
let workers: Worker[]
beforeEach(async () => {
  it = await createTestCatalog()
  staging = mkdtempSync(path.join(tmpdir(), 'lifeboat-staging-'))
  workers = []
})
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()))
  expect(readdirSync(staging)).toEqual([])
  rmSync(staging, { recursive: true })
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: true })
  await it.close()
})

type TestRun = (context: RunContext, input: Record<string, unknown>) => Promise<RunResult>
const done: RunResult = { result: {}, findings: [] }

async function worker(run: TestRun, more: { concurrency?: number; schemaVersion?: string; rounds?: Round[] } = {}): Promise<Worker> {
  const started = await startWorker({
    url: it.url,
    runners: everyKind(run),
    concurrency: more.concurrency ?? 2,
    stagingRoot: staging,
    healthPort: 0,
    version: 'test',
    machine: async () => ({ keys: null, tools: [], storageIds: [] }),
    ...(more.rounds === undefined ? {} : { rounds: more.rounds }),
    ...(more.schemaVersion === undefined ? {} : { schemaVersion: more.schemaVersion }),
  })
  workers.push(started)
  return started
}

async function finished(id: string): Promise<OperationRow> {
  return eventually(async () => {
    const row = await getOperation(it.catalog, id)
    return row !== null && isFinished(row.state) && row
  })
}

async function running(id: string): Promise<void> {
  await eventually(async () => (await getOperation(it.catalog, id))?.state === 'running')
}

const untilAborted: TestRun = async (context) => {
  await sleep(600_000, undefined, { signal: context.signal })
  return done
}

test('a worker takes what waits and what comes, in a private directory that is gone afterwards', async () => {
  const early = await enqueueVerify(it.catalog)
  const seen: { dir: string; mode: number; name: string }[] = []
  await worker(async (context) => {
    seen.push({ dir: context.stagingDir, mode: statSync(context.stagingDir).mode & 0o777, name: context.applicationName })
    context.log('half way', { of: 2 })
    return { result: { answer: 42 }, findings: [] }
  })
  const late = await enqueueVerify(it.catalog)
  expect(await finished(early.id)).toMatchObject({ state: 'succeeded', result: { answer: 42 }, attempt: 1 })
  expect(await finished(late.id)).toMatchObject({ state: 'succeeded' })
  expect(seen.map((one) => one.mode)).toEqual([0o700, 0o700])
  for (const one of seen) {
    expect(existsSync(one.dir)).toBe(false)
    expect(Buffer.byteLength(one.name)).toBeLessThanOrEqual(63)
  }
  expect((await listEvents(it.catalog, late.id)).map((event) => event.message)).toEqual(['queued', 'half way', 'succeeded'])
})

test('findings and errors end an operation each in their own way', async () => {
  await worker(async (_context, input) => {
    if (input.backupName === 'bad') throw new LifeboatError('wrong_key', 'The key does not fit.', 'Bring the other one.')
    return { result: {}, findings: [{ severity: 'warning', code: 'slow', message: 'slow', remedy: '', overridable: true }] }
  })
  const bad = await enqueueVerify(it.catalog, { name: 'bad' })
  const odd = await enqueueVerify(it.catalog)
  expect(await finished(bad.id)).toMatchObject({ state: 'failed', error: { code: 'wrong_key', hint: 'Bring the other one.' } })
  expect(await finished(odd.id)).toMatchObject({ state: 'succeeded_with_findings', findings: [{ code: 'slow' }] })
})

test('a worker runs no more at once than it was told to', async () => {
  let now = 0
  let most = 0
  await worker(
    async () => {
      most = Math.max(most, ++now)
      await sleep(50)
      now -= 1
      return done
    },
    { concurrency: 3 },
  )
  const ids = await Promise.all(Array.from({ length: 12 }, async () => (await enqueueVerify(it.catalog)).id))
  await Promise.all(ids.map(finished))
  expect(most).toBe(3)
})

test('cancelling a running operation aborts its run and ends it as cancelled', async () => {
  await worker(untilAborted)
  const { id } = await enqueueRestore(it.catalog, 'shop')
  await running(id)
  await requestCancel(it.catalog, ann, id)
  expect(await finished(id)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' }, cancel_requested_name: 'Ann' })
})

test('a worker that is stopped ends its runs as interrupted, and another one takes the retry', async () => {
  const first = await worker(untilAborted)
  const { id } = await enqueueBackup(it.catalog, '00000000-0000-4000-8000-000000000009')
  await running(id)
  await first.stop()
  workers = []
  expect(await finished(id)).toMatchObject({ state: 'interrupted' })
  await worker(async () => done)
  const retry = await eventually(() => it.catalog.selectFrom('operations').select('id').where('retry_of', '=', id).executeTakeFirst())
  expect(await finished(retry.id)).toMatchObject({ state: 'succeeded' })
})

test('a run that was taken over is aborted, and what it returns is thrown away', async () => {
  const reasons: unknown[] = []
  await worker(async (context) => {
    await sleep(600_000, undefined, { signal: context.signal }).catch(() => reasons.push(context.signal.reason))
    await expect(context.assertCurrent()).rejects.toMatchObject({ code: 'interrupted' })
    return { result: { late: true }, findings: [] }
  })
  const { id } = await enqueueRestore(it.catalog, 'shop')
  await running(id)
  await sql`UPDATE operations SET attempt_token = gen_random_uuid() WHERE id = ${id}`.execute(it.catalog)
  await eventually(async () => reasons.length === 1)
  expect(reasons[0]).toMatchObject({ code: 'interrupted' })
  await eventually(async () => readdirSync(staging).length === 0)
  expect(await getOperation(it.catalog, id)).toMatchObject({ state: 'running', result: null })
})

test('live workers are listed with what they have, and answer on loopback', async () => {
  const started = await worker(async () => done)
  const health = await fetch(`http://127.0.0.1:${started.healthPort}/healthz`)
  expect(await health.json()).toEqual({ status: 'up', worker: started.id, running: 0 })
  expect(await listLiveWorkers(it.catalog)).toMatchObject([{ id: started.id, version: 'test', ended_at: null }])
  await started.stop()
  workers = []
  expect(await listLiveWorkers(it.catalog)).toEqual([])
})

test('an old worker refuses to start on a newer catalogue, and a new one on an older', async () => {
  await expect(worker(async () => done, { schemaVersion: '0000_before' })).rejects.toMatchObject({ code: 'refused' })
  await expect(worker(async () => done, { schemaVersion: '9999_after' })).rejects.toMatchObject({ hint: expect.stringContaining('migrate') })
})

test('a catalogue that is migrated under a running worker ends its rounds: an old program enqueues nothing by rules that it does not know', async () => {
  let rounds = 0
  const warned = vi.spyOn(log, 'warn')
  const refusals = () => warned.mock.calls.filter(([words]) => words === 'the worker could not play a round').length
  try {
    const run = async () => {
      rounds += 1
    }
    await worker(async () => done, { rounds: [{ what: 'play a round', everyMs: 20, run }] })
    await eventually(async () => rounds > 0)
    await withAdmin(it.url, (admin) => admin.query(`INSERT INTO lifeboat.migrations (name, run_on) VALUES ('9999_after', now())`))
    await eventually(async () => refusals() > 0)
    const before = rounds
    await eventually(async () => refusals() > 3)
    expect(rounds).toBe(before)
  } finally {
    warned.mockRestore()
  }
})
