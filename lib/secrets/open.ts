import { createDecipheriv, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { LifeboatError } from '#lib/domain/errors.ts'
import { envelopeKey, envelopeMark, publicKeyFromRaw, rawPublicKey, recipientId } from './envelope.ts'

/** Opens what `sealSecret` sealed. Throws `wrong_key` (sealed to another key) or `corrupt` (damaged, or moved to another row or column). */
export function openSecret(sealed: string, privateKey: KeyObject, aad: string): string {
  const [mark, recipient, text] = sealed.split('.')
  const body = Buffer.from(text ?? '', 'base64url')
  if (mark !== envelopeMark || recipient === undefined || body.length < 60) throw new LifeboatError('corrupt', 'The stored secret is not readable.')
  const recipientRaw = rawPublicKey(createPublicKey(privateKey))
  if (recipient !== recipientId(recipientRaw)) {
    throw new LifeboatError(
      'wrong_key',
      `The stored secret was sealed to key ${recipient}.`,
      'Type the secret in again, or bring back that master key.',
    )
  }
  const ephemeralRaw = body.subarray(0, 32)
  try {
    const shared = diffieHellman({ privateKey, publicKey: publicKeyFromRaw(ephemeralRaw) })
    const decipher = createDecipheriv('aes-256-gcm', envelopeKey(shared, ephemeralRaw, recipientRaw), body.subarray(32, 44), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(aad)).setAuthTag(body.subarray(44, 60))
    return Buffer.concat([decipher.update(body.subarray(60)), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new LifeboatError('corrupt', 'The stored secret does not authenticate for this place.', 'Type the secret in again.', { cause: error })
  }
}
