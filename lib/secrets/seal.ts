import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto'
import { envelopeKey, envelopeMark, rawPublicKey, recipientId } from './envelope.ts'

/** Seals a secret that a person typed to the workers' X25519 key; only `openSecret` with the private half and the same `aad` reads it. */
export function sealSecret(plain: string, publicPem: string, aad: string): string {
  const recipient = createPublicKey(publicPem)
  const recipientRaw = rawPublicKey(recipient)
  const ephemeral = generateKeyPairSync('x25519')
  const ephemeralRaw = rawPublicKey(ephemeral.publicKey)
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient })
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', envelopeKey(shared, ephemeralRaw, recipientRaw), iv).setAAD(Buffer.from(aad))
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  const body = Buffer.concat([ephemeralRaw, iv, cipher.getAuthTag(), sealed])
  return `${envelopeMark}.${recipientId(recipientRaw)}.${body.toString('base64url')}`
}
