import { afterAll, beforeAll, expect, test } from 'vitest'
import { setNeedsApproval } from '#lib/catalog/approvals.ts'
import { claimOperation } from '#lib/catalog/attempts.ts'
import { listEvents } from '#lib/catalog/views/operations.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { ann, claimer } from '#test/support/operations.ts'
import { restoreDefinition } from './restore/definition.ts'
import { requireApproved } from './restore/require-approved.ts'
import { decideApproval } from './approve.ts'
import { enqueueOperation } from './enqueue.ts'

let opened: TestCatalog
beforeAll(async () => {
  opened = await createTestCatalog()
})
afterAll(() => opened.close())

const bob: Actor = { kind: 'user', id: 'bob', name: 'Bob', role: 'admin', databaseIds: null }
let targets = 0

async function waiting(): Promise<string> {
  const input = {
    scope: 'full' as const,
    backupId: '00000000-0000-4000-8000-000000000001',
    backupName: 'a backup',
    serverDatabaseId: null,
    targetDbname: `shop_${(targets += 1)}`,
  }
  const { id } = await enqueueOperation(opened.catalog, { definition: restoreDefinition, input, requester: ann, via: 'web', needsApproval: true })
  return id
}

test('no worker claims a restore before a second person has approved it', async () => {
  const id = await waiting()
  expect(await claimOperation(opened.catalog, claimer(), id)).toBeNull()
  expect(await decideApproval(opened.catalog, bob, id, 'given')).toEqual({ id, approval: 'given' })
  expect(await claimOperation(opened.catalog, claimer(), id)).toMatchObject({ state: 'running', approved_name: 'Bob' })
  const words = (await listEvents(opened.catalog, bob, id, 0)).map((one) => one.message)
  expect(words).toContain('Bob approved it')
})

test('whoever asked cannot approve, by account or by the name that the command line gives', async () => {
  const id = await waiting()
  await expect(decideApproval(opened.catalog, ann, id, 'given')).rejects.toMatchObject({ code: 'refused' })
  const annOnTheShell: Actor = { ...ann, kind: 'cli', id: null }
  await expect(decideApproval(opened.catalog, annOnTheShell, id, 'given')).rejects.toMatchObject({ code: 'refused' })
  const operator: Actor = { ...bob, role: 'operator' }
  await expect(decideApproval(opened.catalog, operator, id, 'given')).rejects.toMatchObject({ code: 'forbidden' })
  expect(await getOperation(opened.catalog, id)).toMatchObject({ approval: 'needed', state: 'queued' })
})

test('a refusal cancels the restore and frees its target; a second word comes too late', async () => {
  const id = await waiting()
  await decideApproval(opened.catalog, bob, id, 'refused')
  expect(await getOperation(opened.catalog, id)).toMatchObject({ state: 'cancelled', approval: 'refused', error: { code: 'cancelled' } })
  await expect(decideApproval(opened.catalog, bob, id, 'given')).rejects.toMatchObject({ code: 'refused' })
  const audit = await opened.catalog.selectFrom('audit').select(['action', 'outcome']).where('subject_id', '=', id).execute()
  expect(audit).toContainEqual({ action: 'operation.approval', outcome: 'done' })
})

test('a dry run waits for nobody', async () => {
  const input = {
    scope: 'full' as const,
    backupId: '00000000-0000-4000-8000-000000000001',
    backupName: 'b',
    serverDatabaseId: null,
    targetDbname: 'dry',
  }
  const request = { definition: restoreDefinition, input, requester: ann, via: 'web' as const, needsApproval: true, dryRun: true }
  const { id } = await enqueueOperation(opened.catalog, request)
  expect(await claimOperation(opened.catalog, claimer(), id)).toMatchObject({ state: 'running', approval: null })
})

test('a worker asks again: a row that came into the queue without the question, or with the word of whoever asked, overwrites nothing', async () => {
  const id = await waiting()
  const approved = () => requireApproved({ catalog: opened.catalog, operationId: id })
  const write = (change: Record<string, string | null>) => opened.catalog.updateTable('operations').set(change).where('id', '=', id).execute()
  await expect(approved()).rejects.toMatchObject({ code: 'refused' })
  await write({ approval: 'given', approved_by: 'ann', approved_name: 'Ann' })
  await expect(approved()).rejects.toMatchObject({ code: 'refused' })
  await write({ approval: null, approved_by: null, approved_name: null })
  await setNeedsApproval(opened.catalog, true)
  await expect(approved()).rejects.toMatchObject({ code: 'refused' })
  await setNeedsApproval(opened.catalog, false)
  await expect(approved()).resolves.toBeUndefined()
})
