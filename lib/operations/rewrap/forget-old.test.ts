import { expect, test } from 'vitest'
import { keyIdsOf, sealBackupKey } from '#lib/engine/seal/backup-key.ts'
import { deriveKeys, newBackupKey, rawSigner } from '#lib/engine/seal/keys.ts'
import type { ObjectLock, StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { forgetOld } from './forget-old.ts'

const [old, newest] = [deriveKeys(Buffer.alloc(32, 1)), deriveKeys(Buffer.alloc(32, 2))]
const backupId = '6b1f0a52-1111-4111-8111-000000000001'
const backupKey = newBackupKey()
const objects = [old, newest].map(({ kek, keyId }, index) => {
  const vouches = { signer: rawSigner(old.signing.publicKeyPem), manifestSha256: 'a'.repeat(64) }
  const bytes = sealBackupKey(backupKey, { backupId, kek, keyId, recoveryPublicPem: null, ...(index === 0 ? {} : { vouches }) })
  return { name: index === 0 ? 'key' : 'key_2', bytes, keyIds: keyIdsOf(bytes) }
})
const copy = { id: 'c', backup_id: backupId, path: 'p', kept_by: null, locked_until: null }
const context = { signal: new AbortController().signal } as Partial<RunContext> as RunContext
const wanted = { newest, recovery: null, kms: null }

/** Every call but the question for locks fails the test. */
function driverWith(lock: ObjectLock | null): StorageDriver {
  return new Proxy({} as StorageDriver, {
    get: (_all, name) => {
      if (name === 'lock') return async () => lock
      throw new Error(`${String(name)} was called`)
    },
  })
}

test('an object that the storage itself has locked is never replaced, although the catalogue knows of no lock', async () => {
  const lock = { mode: 'GOVERNANCE', until: new Date('2099-01-01'), legalHold: false } as const
  expect(await forgetOld(context, driverWith(lock), copy, { objects, wanted })).toBe('locked')
})

test('a lock or a hold that the catalogue knows is respected without a question to the storage', async () => {
  const nothing = driverWith(null)
  expect(await forgetOld(context, nothing, { ...copy, kept_by: 'lock' }, { objects, wanted })).toBe('locked')
  expect(await forgetOld(context, nothing, { ...copy, kept_by: 'hold' }, { objects, wanted })).toBe('held')
})

test('nothing is forgotten where no single key object opens with every key in use', async () => {
  const kms = { keyId: 'f'.repeat(16), keyArn: 'arn', region: 'r', endpoint: null }
  expect(await forgetOld(context, driverWith(null), copy, { objects, wanted: { ...wanted, kms } })).toBe('nothing')
})
