import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { ann, claimer, enqueueBackup, enqueueRestore, enqueueVerify } from '#test/support/operations.ts'
import { claimOperation, type Outcome } from '#lib/catalog/attempts.ts'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { listEvents } from '#lib/catalog/events.ts'
import { getOperation, type OperationRow } from '#lib/catalog/operations.ts'
import { reap } from '#workers/reaper.ts'
import { requestCancel } from './cancel.ts'
import { followUp } from './chain.ts'
import { finishOperation, interruptExpired } from './finish.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(async () => {
  expect(await verifyAudit(it.catalog, it.auditKey)).toMatchObject({ ok: true })
  await it.close()
})

const success: Outcome = { state: 'succeeded', result: {}, findings: [], error: null }
const failure = (code: string): Outcome => ({ state: 'failed', result: null, findings: [], error: { code, message: 'It did not work.', hint: '' } })

async function claim(id: string): Promise<{ operationId: string; token: string; workerId: string }> {
  const worker = claimer()
  const row = await claimOperation(it.catalog, worker, id)
  return { operationId: id, token: row?.attempt_token ?? '', workerId: worker.workerId }
}

async function letLeaseRunOut(id: string): Promise<void> {
  await sql`UPDATE operations SET lease_until = now() - interval '1 second' WHERE id = ${id}`.execute(it.catalog)
}

async function retriesOf(id: string): Promise<OperationRow[]> {
  return it.catalog.selectFrom('operations').selectAll().where('retry_of', '=', id).execute()
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await getOperation(it.catalog, id))?.state
}

test('an operation whose worker died is interrupted, and a living lease is left alone', async () => {
  const dead = await enqueueRestore(it.catalog, 'dead')
  const living = await enqueueRestore(it.catalog, 'living')
  await claim(dead.id)
  await claim(living.id)
  await letLeaseRunOut(dead.id)
  await reap(it.catalog)
  expect(await getOperation(it.catalog, dead.id)).toMatchObject({ state: 'interrupted', error: { code: 'interrupted' } })
  expect(await stateOf(living.id)).toBe('running')
})

test('two reapers at once interrupt an operation once', async () => {
  const { id } = await enqueueVerify(it.catalog)
  await claim(id)
  await letLeaseRunOut(id)
  await Promise.all([reap(it.catalog), reap(it.catalog), reap(it.catalog)])
  expect(await retriesOf(id)).toHaveLength(1)
  const audit = await it.catalog.selectFrom('audit').select('seq').where('action', '=', 'verify.interrupted').execute()
  expect(audit).toHaveLength(1)
})

test('a target keeps its lock while a server backend of the dead attempt is left', async () => {
  const { id } = await enqueueRestore(it.catalog, 'shop')
  await claim(id)
  await letLeaseRunOut(id)
  await interruptExpired(it.catalog, async () => 'later')
  expect(await stateOf(id)).toBe('running')
  await expect(enqueueRestore(it.catalog, 'shop')).rejects.toMatchObject({ code: 'conflict' })
  await interruptExpired(it.catalog, async () => null)
  await expect(enqueueRestore(it.catalog, 'shop')).resolves.toMatchObject({ existing: false })
})

test('an attempt that was interrupted cannot finish afterwards', async () => {
  const { id } = await enqueueRestore(it.catalog, 'shop')
  const attempt = await claim(id)
  await letLeaseRunOut(id)
  await reap(it.catalog)
  await expect(finishOperation(it.catalog, attempt, success)).rejects.toMatchObject({ code: 'interrupted' })
  expect(await stateOf(id)).toBe('interrupted')
})

test('an interrupted backup is tried again once, as a new operation that holds the lock', async () => {
  const databaseId = randomUUID()
  const { id } = await enqueueBackup(it.catalog, databaseId)
  await claim(id)
  await letLeaseRunOut(id)
  await reap(it.catalog)
  const [retry, ...more] = await retriesOf(id)
  expect(more).toEqual([])
  expect(retry).toMatchObject({ state: 'queued', title: 'Back up shop (manual)', requested_via: 'system' })
  await expect(enqueueBackup(it.catalog, databaseId)).rejects.toMatchObject({ code: 'conflict' })

  await finishOperation(it.catalog, await claim(retry?.id ?? ''), failure('tool_failed'))
  expect(await stateOf(retry?.id ?? '')).toBe('failed')
  expect(await retriesOf(retry?.id ?? '')).toEqual([])
})

test('a restore is never started again by itself', async () => {
  const { id } = await enqueueRestore(it.catalog, 'shop')
  await finishOperation(it.catalog, await claim(id), failure('tool_failed'))
  expect(await retriesOf(id)).toEqual([])
})

test('a refusal is not tried again, an outage is', async () => {
  const refused = await enqueueVerify(it.catalog)
  await finishOperation(it.catalog, await claim(refused.id), failure('wrong_key'))
  expect(await retriesOf(refused.id)).toEqual([])
  const outage = await enqueueVerify(it.catalog)
  await finishOperation(it.catalog, await claim(outage.id), failure('storage_unreachable'))
  expect(await retriesOf(outage.id)).toHaveLength(1)
})

test('what waited for an operation that failed is cancelled with the reason, down the whole chain', async () => {
  const first = await enqueueRestore(it.catalog, 'a')
  const second = await enqueueRestore(it.catalog, 'b', { after: first.id })
  const third = await enqueueRestore(it.catalog, 'c', { after: second.id })
  await finishOperation(it.catalog, await claim(first.id), failure('tool_failed'))
  expect(await getOperation(it.catalog, second.id)).toMatchObject({ state: 'cancelled', error: { message: expect.stringContaining('ended failed') } })
  expect(await stateOf(third.id)).toBe('cancelled')
})

test('what waited for an operation that is tried again waits for the new attempt', async () => {
  const first = await enqueueVerify(it.catalog)
  const second = await enqueueRestore(it.catalog, 'b', { after: first.id })
  await finishOperation(it.catalog, await claim(first.id), failure('storage_unreachable'))
  const [retry] = await retriesOf(first.id)
  expect(await getOperation(it.catalog, second.id)).toMatchObject({ state: 'queued', after: retry?.id })
})

test('a backup that succeeded is followed by a verify, in the same transaction', async () => {
  const { id } = await enqueueBackup(it.catalog, randomUUID(), { needs: { keyId: 'aaaa' } })
  const worker = claimer({ keyIds: ['aaaa'] })
  const token = (await claimOperation(it.catalog, worker, id))?.attempt_token ?? ''
  const backup = { id: randomUUID(), name: 'backup_manual_20261122_030000' }
  await finishOperation(it.catalog, { operationId: id, token, workerId: worker.workerId }, { ...success, result: { backup } }, followUp)
  const followers = await it.catalog.selectFrom('operations').selectAll().where('after', '=', id).execute()
  expect(followers).toMatchObject([{ kind: 'verify', state: 'queued', backup_id: backup.id, requested_via: 'chain', needs: { keyId: 'aaaa' } }])
})

test('a queued operation is cancelled at once, a running one is asked to end, an ended one refuses', async () => {
  const queued = await enqueueRestore(it.catalog, 'a')
  expect(await requestCancel(it.catalog, ann, queued.id)).toEqual({ state: 'cancelled' })
  await expect(requestCancel(it.catalog, ann, queued.id)).rejects.toMatchObject({ code: 'refused' })

  const running = await enqueueRestore(it.catalog, 'b')
  await claim(running.id)
  expect(await requestCancel(it.catalog, ann, running.id)).toEqual({ state: 'cancelling' })
  expect(await requestCancel(it.catalog, ann, running.id)).toEqual({ state: 'cancelling' })
  const events = await listEvents(it.catalog, running.id)
  expect(events.at(-1)).toMatchObject({ message: 'Ann asked for its end' })
})

test('a viewer may not cancel, and an operation on a foreign database does not exist for its asker', async () => {
  const row = await it.catalog
    .insertInto('databases')
    .values({ name: 'shop', host: 'h', port: 5432, dbname: 'shop', username: 'u' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id } = await enqueueBackup(it.catalog, row.id, { databaseId: row.id })
  await expect(requestCancel(it.catalog, { ...ann, role: 'viewer' }, id)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(requestCancel(it.catalog, { ...ann, databaseIds: [randomUUID()] }, id)).rejects.toMatchObject({ code: 'not_found' })
  expect(await stateOf(id)).toBe('queued')
})

test('an operation that somebody cancelled is not tried again when its worker dies', async () => {
  const { id } = await enqueueVerify(it.catalog)
  await claim(id)
  await requestCancel(it.catalog, ann, id)
  await letLeaseRunOut(id)
  await reap(it.catalog)
  expect(await retriesOf(id)).toEqual([])
})

test('a bell that nobody answered rings again, and one that still waits is not doubled', async () => {
  const ready = await enqueueVerify(it.catalog)
  const waiting = await enqueueVerify(it.catalog, { after: ready.id })
  await sql`UPDATE operations SET created_at = now() - interval '1 minute'`.execute(it.catalog)
  const bells = async () =>
    (await sql<{ id: string }>`SELECT data ->> 'operationId' AS id FROM pgboss.job WHERE state = 'created'`.execute(it.catalog)).rows.map(
      (row) => row.id,
    )
  await reap(it.catalog)
  expect(await bells()).toEqual([ready.id])
  await sql`DELETE FROM pgboss.job`.execute(it.catalog)
  await reap(it.catalog)
  expect(await bells()).toEqual([ready.id])
  expect(await stateOf(waiting.id)).toBe('queued')
})

test('what was left queued behind a failure while nobody looked is cancelled by the reaper', async () => {
  const first = await enqueueRestore(it.catalog, 'a')
  const second = await enqueueRestore(it.catalog, 'b', { after: first.id })
  await sql`UPDATE operations SET state = 'failed' WHERE id = ${first.id}`.execute(it.catalog)
  await reap(it.catalog)
  expect(await stateOf(second.id)).toBe('cancelled')
})

test('twenty followers cancelled while their predecessor fails do not lock each other out', async () => {
  const first = await enqueueRestore(it.catalog, 'first')
  const attempt = await claim(first.id)
  const followers: string[] = []
  for (let n = 0; n < 20; n += 1) followers.push((await enqueueRestore(it.catalog, `follower ${n}`, { after: first.id })).id)
  await Promise.all([
    finishOperation(it.catalog, attempt, failure('tool_failed')),
    ...followers.toReversed().map((id) => requestCancel(it.catalog, ann, id).catch((error: { code: string }) => expect(error.code).toBe('refused'))),
  ])
  for (const id of followers) expect(await stateOf(id)).toBe('cancelled')
})
