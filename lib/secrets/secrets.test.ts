import { expect, test } from 'vitest'
import { deriveKeys } from '#lib/engine/seal/keys.ts'
import { openSecret } from './open.ts'
import { passwordPlace } from './places.ts'
import { sealSecret } from './seal.ts'

const { sealing } = deriveKeys(Buffer.alloc(32, 1))
const place = passwordPlace('6b1f0a52-1111-4111-8111-000000000001')

test('a sealed secret opens with the private half, for its own place', () => {
  const sealed = sealSecret('pässword: "\n', sealing.publicKeyPem, place)
  expect(openSecret(sealed, sealing.privateKey, place)).toBe('pässword: "\n')
  expect(openSecret(sealSecret('', sealing.publicKeyPem, place), sealing.privateKey, place)).toBe('')
  expect(sealSecret('same', sealing.publicKeyPem, place)).not.toBe(sealSecret('same', sealing.publicKeyPem, place))
})

test('a sealed secret that is moved to another row, or changed, does not open', () => {
  const sealed = sealSecret('secret', sealing.publicKeyPem, place)
  const corrupt = expect.objectContaining({ code: 'corrupt' })
  expect(() => openSecret(sealed, sealing.privateKey, passwordPlace('another'))).toThrow(corrupt)
  const body = Buffer.from(sealed.split('.')[2] ?? '', 'base64url')
  for (let at = 0; at < body.length; at++) {
    const changed = Buffer.from(body)
    changed[at] = (changed[at] ?? 0) ^ 1
    const text = [...sealed.split('.').slice(0, 2), changed.toString('base64url')].join('.')
    expect(() => openSecret(text, sealing.privateKey, place)).toThrow(corrupt)
  }
  expect(() => openSecret('not sealed', sealing.privateKey, place)).toThrow(corrupt)
})

test('another master key is named as a wrong key', () => {
  const sealed = sealSecret('secret', sealing.publicKeyPem, place)
  const other = deriveKeys(Buffer.alloc(32, 2))
  expect(() => openSecret(sealed, other.sealing.privateKey, place)).toThrow(expect.objectContaining({ code: 'wrong_key' }))
})
