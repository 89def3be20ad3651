import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestCatalog, type TestCatalog } from '#test/support/catalog.ts'
import { everyKind } from '#test/support/every-kind.ts'
import { claimer, enqueueRestore, enqueueVerify } from '#test/support/operations.ts'
import { claimOperation } from '#lib/catalog/attempts.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { useEnv } from '#lib/env.ts'
import { runInline } from './run-inline.ts'

let it: TestCatalog
let home: string
beforeEach(async () => {
  it = await createTestCatalog()
  home = mkdtempSync(path.join(tmpdir(), 'lifeboat-inline-'))
  useEnv({ LIFEBOAT_HOME: home, LIFEBOAT_STAGING: path.join(home, 'staging') })
})
afterEach(async () => {
  await it.close()
  rmSync(home, { recursive: true })
})

const only = everyKind
const quick = only(async () => ({ result: { done: true }, findings: [] }))

test('with no worker alive an operation runs in the process that asks', async () => {
  const { id } = await enqueueVerify(it.catalog)
  expect(await runInline(it.catalog, id, { runners: quick })).toMatchObject({ state: 'succeeded', result: { done: true } })
  expect(readdirSync(path.join(home, 'staging')).flatMap((name) => readdirSync(path.join(home, 'staging', name)))).toEqual([])
})

test('what this machine cannot do is said, and stays queued for one that can', async () => {
  const { id } = await enqueueVerify(it.catalog, { needs: { keyId: 'elsewhere' } })
  await expect(runInline(it.catalog, id, { runners: quick })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('the key elsewhere'),
    hint: expect.stringContaining(`operations cancel ${id}`),
  })
})

test('for a server newer than the tools nobody waits here: the run begins, so that its preflight refuses it by name', async () => {
  const { id } = await enqueueVerify(it.catalog, { needs: { serverMajor: 99 } })
  expect(await runInline(it.catalog, id, { runners: quick })).toMatchObject({ state: 'succeeded' })
})

test('an operation that a worker has claimed meanwhile is left to it', async () => {
  const { id } = await enqueueVerify(it.catalog)
  await claimOperation(it.catalog, claimer(), id)
  expect(await runInline(it.catalog, id, { runners: quick })).toMatchObject({ state: 'running' })
})

test.each([
  ['interrupted', undefined],
  ['cancelled', new LifeboatError('cancelled', 'Cancelled with Ctrl-C.')],
])('a signal ends the run, and the operation is %s as its reason says', async (state, reason) => {
  const { id } = await enqueueRestore(it.catalog, 'shop')
  const control = new AbortController()
  const slow = only(async (context) => {
    setTimeout(() => control.abort(reason), 20)
    await sleep(600_000, undefined, { signal: context.signal })
    return { result: {}, findings: [] }
  })
  expect(await runInline(it.catalog, id, { runners: slow, signal: control.signal })).toMatchObject({ state })
})
