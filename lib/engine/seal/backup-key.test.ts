import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyIdsOf, openBackupKey, sealBackupKey } from './backup-key.ts'
import { deriveKeys, newBackupKey } from './keys.ts'
import { makeRecoveryKey } from './recovery-key.ts'

const { kek, keyId } = deriveKeys(Buffer.alloc(32, 1))
const stranger = deriveKeys(Buffer.alloc(32, 2))
const backupKey = newBackupKey()
const backupId = randomUUID()

test('the backup key opens with the master key and with the recovery key alone', async () => {
  const recovery = await makeRecoveryKey()
  const object = sealBackupKey(backupKey, { backupId, kek, keyId, recoveryPublicPem: recovery.publicPem })
  expect(openBackupKey(object, { backupId, kek }).equals(backupKey)).toBe(true)
  expect(openBackupKey(object, { backupId, recoveryPrivatePem: recovery.privatePem }).equals(backupKey)).toBe(true)
  expect(keyIdsOf(object)).toEqual([keyId, recovery.keyId])
  expect(object.includes(backupKey.toString('base64'))).toBe(false)
})

test('another master key and another recovery key are wrong keys, and the right one is named', async () => {
  const object = sealBackupKey(backupKey, { backupId, kek, keyId, recoveryPublicPem: (await makeRecoveryKey()).publicPem })
  expect(() => openBackupKey(object, { backupId, kek: stranger.kek })).toThrow(expect.objectContaining({ code: 'wrong_key' }))
  expect(() => openBackupKey(object, { backupId, kek: stranger.kek })).toThrow(keyId)
  const other = await makeRecoveryKey()
  expect(() => openBackupKey(object, { backupId, recoveryPrivatePem: other.privatePem })).toThrow(expect.objectContaining({ code: 'wrong_key' }))
})

test('a key object that was edited, moved to another backup, or is no key object is corrupt', () => {
  const object = sealBackupKey(backupKey, { backupId, kek, keyId, recoveryPublicPem: null })
  const edit = (change: (json: { backupId: string; wrapped: { sealed: string }[] }) => void) => {
    const json = JSON.parse(object.toString())
    change(json)
    return Buffer.from(JSON.stringify(json))
  }
  const other = randomUUID()
  const changed = edit((json) => {
    for (const one of json.wrapped) one.sealed = Buffer.alloc(32).toString('base64')
  })
  const corrupt = expect.objectContaining({ code: 'corrupt' })
  expect(() => openBackupKey(changed, { backupId, kek })).toThrow(corrupt)
  expect(() => openBackupKey(object, { backupId: other, kek })).toThrow(corrupt)
  expect(() =>
    openBackupKey(
      edit((json) => (json.backupId = other)),
      { backupId: other, kek },
    ),
  ).toThrow(corrupt)
  expect(() => openBackupKey(Buffer.from('PGDMP'), { backupId, kek })).toThrow(corrupt)
})

test('a key that is derived for one purpose never equals that of another, and the same master key gives the same keys', () => {
  const again = deriveKeys(Buffer.alloc(32, 1))
  expect(again.kek.equals(kek)).toBe(true)
  expect(again.signing.publicKeyPem).toBe(deriveKeys(Buffer.alloc(32, 1)).signing.publicKeyPem)
  expect(again.signing.publicKeyPem).not.toBe(again.sealing.publicKeyPem)
  expect(stranger.keyId).not.toBe(keyId)
})
