import { createHash, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'

/** `lb1.<16 hex of the recipient's key>.<base64url of ephemeral key 32, IV 12, tag 16, ciphertext>` */
export const envelopeMark = 'lb1'

// SPKI of an X25519 key (RFC 8410) is these fixed bytes followed by the 32-byte key
const spkiPrefix = Buffer.from('302a300506032b656e032100', 'hex')

export function rawPublicKey(key: KeyObject): Buffer {
  return createPublicKey(key.export({ type: 'spki', format: 'pem' }))
    .export({ type: 'spki', format: 'der' })
    .subarray(spkiPrefix.length)
}

export function publicKeyFromRaw(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' })
}

export function recipientId(rawPublic: Buffer): string {
  return createHash('sha256').update(rawPublic).digest('hex').slice(0, 16)
}

/** The AES-256 key of one envelope: bound to both public keys, so neither can be exchanged. */
export function envelopeKey(shared: Buffer, ephemeralPublic: Buffer, recipientPublic: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', shared, Buffer.concat([ephemeralPublic, recipientPublic]), 'lifeboat/1 secret', 32))
}
