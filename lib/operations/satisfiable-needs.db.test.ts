import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { knownSchemaVersion } from '#lib/catalog/migrate.ts'
import { endWorker, registerWorker } from '#lib/catalog/workers.ts'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { satisfiableNeeds } from './satisfiable-needs.ts'

const [near, far, unmounted] = [randomUUID(), randomUUID(), randomUUID()]
let it: TestCatalog
beforeEach(async () => {
  it = await createTestCatalog()
})
afterEach(() => it.close())

async function worker(has: { toolMajors?: number[]; storageIds?: string[]; keyIds?: string[] }): Promise<string> {
  const id = randomUUID()
  const facts = { toolMajors: [15], tools: [], keyIds: [], storageIds: [], sealingKey: null, ...has }
  await registerWorker(it.catalog, { id, host: 'here', pid: 1, version: '0', schemaVersion: knownSchemaVersion(), ...facts })
  return id
}

test('a server newer than every living worker’s tools is refused, by its major and the package', async () => {
  await worker({ toolMajors: [14, 15] })
  await expect(satisfiableNeeds(it.catalog, { serverMajor: 17 })).rejects.toMatchObject({
    code: 'server_too_new',
    message: expect.stringContaining('PostgreSQL 17') as string,
    hint: expect.stringContaining('postgresql-client-17') as string,
  })
  expect(await satisfiableNeeds(it.catalog, { serverMajor: 15 })).toEqual({ serverMajor: 15 })
})

test('a storage that no worker reaches does not keep the operation waiting', async () => {
  await worker({ storageIds: [near] })
  expect(await satisfiableNeeds(it.catalog, { storageIds: [near, unmounted] })).toEqual({ storageIds: [near] })
})

test('the worker that reaches most of the storages decides, among those with the tools', async () => {
  await worker({ toolMajors: [15], storageIds: [near, far] })
  await worker({ toolMajors: [17], storageIds: [far] })
  expect(await satisfiableNeeds(it.catalog, { serverMajor: 15, storageIds: [near, far] })).toEqual({ serverMajor: 15, storageIds: [near, far] })
  expect(await satisfiableNeeds(it.catalog, { serverMajor: 17, storageIds: [near, far] })).toEqual({ serverMajor: 17, storageIds: [far] })
})

test('a key that nobody has is left for the run to tell', async () => {
  await worker({ keyIds: ['a'] })
  expect(await satisfiableNeeds(it.catalog, { keyId: 'a' })).toEqual({ keyId: 'a' })
  expect(await satisfiableNeeds(it.catalog, { keyId: 'b' })).toEqual({})
})

test('with no living worker the needs stay, for the one that comes', async () => {
  await endWorker(it.catalog, await worker({ storageIds: [near] }))
  const needs = { serverMajor: 17, storageIds: [far] }
  expect(await satisfiableNeeds(it.catalog, needs)).toEqual(needs)
})
