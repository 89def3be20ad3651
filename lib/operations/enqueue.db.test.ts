import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { enqueueBackup, enqueueVerify } from '#test/support/operations.ts'
import { verifyAudit } from '#lib/catalog/audit.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import { ensureQueue } from '#lib/queue/boss.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

async function bells(): Promise<string[]> {
  const jobs = await sql<{ id: string }>`SELECT data ->> 'operationId' AS id FROM pgboss.job WHERE name = 'operations'`.execute(it.catalog)
  return jobs.rows.map((job) => job.id)
}

async function audited(): Promise<string[]> {
  const rows = await it.catalog.selectFrom('audit').select(['action', 'subject_id']).orderBy('seq').execute()
  return rows.map((row) => `${row.action} ${row.subject_id}`)
}

test('an operation comes with its audit row, its event and its bell', async () => {
  const { id, existing } = await enqueueVerify(it.catalog)
  expect(existing).toBe(false)
  expect(await getOperation(it.catalog, id)).toMatchObject({ kind: 'verify', state: 'queued', title: 'Verify a backup', requested_name: 'Ann' })
  expect(await bells()).toEqual([id])
  expect(await audited()).toEqual([`verify.request ${id}`])
})

test('a transaction that is rolled back leaves neither operation nor audit row nor bell', async () => {
  const failing = it.catalog.transaction().execute(async (trx) => {
    await enqueueVerify(trx)
    throw new Error('changed its mind')
  })
  await expect(failing).rejects.toThrow('changed its mind')
  expect(await it.catalog.selectFrom('operations').select('id').execute()).toEqual([])
  expect(await bells()).toEqual([])
  expect(await audited()).toEqual([])
})

test('twenty requests at once with one Idempotency-Key make one operation', async () => {
  const asked = await Promise.all(Array.from({ length: 20 }, () => enqueueVerify(it.catalog, { idempotencyKey: 'click' })))
  expect(new Set(asked.map((one) => one.id)).size).toBe(1)
  expect(asked.filter((one) => !one.existing)).toHaveLength(1)
  expect(await bells()).toHaveLength(1)
  expect(await audited()).toHaveLength(1)
  expect(await verifyAudit(it.catalog, it.auditKey)).toEqual({ ok: true, rows: 1 })
})

test('an Idempotency-Key that comes back with another request is refused', async () => {
  await enqueueVerify(it.catalog, { idempotencyKey: 'click', name: 'one' })
  await expect(enqueueVerify(it.catalog, { idempotencyKey: 'click', name: 'two' })).rejects.toMatchObject({ code: 'conflict' })
})

test('of ten backups of one database asked for at once, nine are told which one is open', async () => {
  const databaseId = randomUUID()
  const asked = await Promise.allSettled(Array.from({ length: 10 }, () => enqueueBackup(it.catalog, databaseId)))
  const made = asked.filter((one) => one.status === 'fulfilled')
  expect(made).toHaveLength(1)
  const id = made[0]?.value.id
  for (const one of asked) {
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict', hint: expect.stringContaining(id ?? 'an id') })
  }
})

test('a dry run and another database are not kept waiting by an open backup', async () => {
  const databaseId = randomUUID()
  await enqueueBackup(it.catalog, databaseId)
  await expect(enqueueBackup(it.catalog, databaseId, { dryRun: true })).resolves.toMatchObject({ existing: false })
  await expect(enqueueBackup(it.catalog, randomUUID())).resolves.toMatchObject({ existing: false })
})

test('an operation that waits for another rings only when that one succeeded', async () => {
  const first = await enqueueVerify(it.catalog)
  const second = await enqueueVerify(it.catalog, { after: first.id })
  expect(await bells()).toEqual([first.id])
  expect(await getOperation(it.catalog, second.id)).toMatchObject({ after: first.id, state: 'queued' })
})

test('setting the queue up twice changes nothing', async () => {
  await ensureQueue(it.url)
  const { id } = await enqueueVerify(it.catalog)
  expect(await bells()).toEqual([id])
})
