import { expect, test } from 'vitest'
import { LifeboatError } from '#lib/domain/errors.ts'
import { sealBackupKey } from '#lib/engine/seal/backup-key.ts'
import { deriveKeys, newBackupKey } from '#lib/engine/seal/keys.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { openCopy } from './open-copy.ts'

const backupId = '6b1f0a52-1111-4111-8111-000000000001'
const now = deriveKeys(Buffer.alloc(32, 1))
const before = deriveKeys(Buffer.alloc(32, 2))
const sealedBy = ({ kek, keyId }: typeof now) => sealBackupKey(newBackupKey(), { backupId, kek, keyId, recoveryPublicPem: null })

async function openFrom(objects: Record<string, Buffer>): Promise<{ error: unknown; asked: string[] }> {
  const asked: string[] = []
  const getSmall = async (key: string) => {
    asked.push(key)
    const found = objects[key]
    if (found === undefined) throw new LifeboatError('missing', `${key} is not there`)
    return found
  }
  const context = { keys: now, signal: new AbortController().signal } as Partial<RunContext> as RunContext
  const driver = { getSmall } as Partial<StorageDriver> as StorageDriver
  const error = await openCopy(context, driver, { path: 'p', backupId }).catch((thrown: unknown) => thrown)
  return { error, asked }
}

test('after a rotation the key object that this machine’s key opens is used', async () => {
  const { asked } = await openFrom({ 'p/key': sealedBy(before), 'p/key_2': sealedBy(now) })
  expect(asked).toEqual(['p/key', 'p/key_2', 'p/manifest'])
})

test('when no key object opens, the key that is needed is named', async () => {
  const { error } = await openFrom({ 'p/key': sealedBy(before) })
  expect(error).toMatchObject({ code: 'wrong_key', message: expect.stringContaining(before.keyId) })
})

test('without a manifest there is no copy, and without a key object neither', async () => {
  expect(await openFrom({ 'p/key': sealedBy(now) })).toMatchObject({ error: { code: 'missing', message: expect.stringContaining('manifest') } })
  expect(await openFrom({})).toMatchObject({ error: { code: 'missing' } })
})
