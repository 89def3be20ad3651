import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { claimer, enqueueVerify } from '#test/support/operations.ts'
import { claimOperation, type Outcome, renewLease, writeOutcome, writeProgress } from './attempts.ts'
import { getOperation } from './operations.ts'

let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

const success: Outcome = { state: 'succeeded', result: {}, findings: [], error: null }

test('of thirty workers that claim one operation at once, one gets it', async () => {
  const { id } = await enqueueVerify(it.catalog)
  const claims = await Promise.all(Array.from({ length: 30 }, () => claimOperation(it.catalog, claimer(), id)))
  expect(claims.filter((claim) => claim !== null)).toHaveLength(1)
  expect(await getOperation(it.catalog, id)).toMatchObject({ state: 'running', attempt: 1 })
})

test('thirty workers that look for work share thirty operations without a double', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, async () => (await enqueueVerify(it.catalog)).id))
  const claims = await Promise.all(Array.from({ length: 30 }, () => claimOperation(it.catalog, claimer())))
  const got = claims.map((claim) => claim?.id).filter((id) => id !== undefined)
  expect(new Set(got).size).toBe(got.length)
  while (await claimOperation(it.catalog, claimer())) got.push('later')
  expect(got).toHaveLength(ids.length)
})

test('an operation is claimed only by a worker that has all it needs', async () => {
  const storage = randomUUID()
  const { id } = await enqueueVerify(it.catalog, { needs: { serverMajor: 16, keyId: 'aaaa', storageIds: [storage] } })
  const all = { toolMajors: [15, 17], keyIds: ['aaaa', 'bbbb'], storageIds: [randomUUID(), storage] }
  expect(await claimOperation(it.catalog, claimer({ ...all, toolMajors: [15] }), id)).toBeNull()
  expect(await claimOperation(it.catalog, claimer({ ...all, toolMajors: [] }), id)).toBeNull()
  expect(await claimOperation(it.catalog, claimer({ ...all, keyIds: [] }), id)).toBeNull()
  expect(await claimOperation(it.catalog, claimer({ ...all, storageIds: [randomUUID()] }), id)).toBeNull()
  expect(await claimOperation(it.catalog, claimer(all), id)).toMatchObject({ id })
})

test('an operation waits until its predecessor has succeeded', async () => {
  const first = await enqueueVerify(it.catalog)
  const second = await enqueueVerify(it.catalog, { after: first.id })
  expect(await claimOperation(it.catalog, claimer(), second.id)).toBeNull()
  const claimed = await claimOperation(it.catalog, claimer(), first.id)
  expect(await claimOperation(it.catalog, claimer(), second.id)).toBeNull()
  await writeOutcome(it.catalog, first.id, claimed?.attempt_token ?? '', success)
  expect(await claimOperation(it.catalog, claimer(), second.id)).toMatchObject({ id: second.id })
})

test('an attempt that was replaced can neither renew nor report nor finish', async () => {
  const { id } = await enqueueVerify(it.catalog)
  const frozen = (await claimOperation(it.catalog, claimer(), id))?.attempt_token ?? ''
  await sql`UPDATE operations SET state = 'queued' WHERE id = ${id}`.execute(it.catalog)
  const current = (await claimOperation(it.catalog, claimer(), id))?.attempt_token ?? ''
  expect(current).not.toBe(frozen)

  expect(await renewLease(it.catalog, id, frozen)).toBeNull()
  expect(await writeProgress(it.catalog, id, frozen, { phase: 'late' })).toBe(false)
  expect(await writeOutcome(it.catalog, id, frozen, { ...success, state: 'failed' })).toBeNull()
  expect(await getOperation(it.catalog, id)).toMatchObject({ state: 'running', progress: {} })

  expect(await renewLease(it.catalog, id, current)).toBe('running')
  expect(await writeOutcome(it.catalog, id, current, success)).toMatchObject({ state: 'succeeded' })
  expect(await renewLease(it.catalog, id, current)).toBeNull()
})

test('a worker older than the catalogue claims nothing', async () => {
  const { id } = await enqueueVerify(it.catalog)
  expect(await claimOperation(it.catalog, claimer({ schemaVersion: '0000_before' }), id)).toBeNull()
  expect(await getOperation(it.catalog, id)).toMatchObject({ state: 'queued' })
})
