import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'

/** Everything that one master key yields (docs/decisions/002). The halves that open or sign never leave workers and the CLI. */
export interface DerivedKeys {
  /** 16 hex digits; names the master key in `key` objects, the catalogue and error messages */
  keyId: string
  /** wraps backup keys */
  kek: Buffer
  /** Ed25519: signs manifests */
  signing: { publicKeyPem: string; privateKey: KeyObject }
  /** X25519: opens what people typed into the web */
  sealing: { publicKeyPem: string; privateKey: KeyObject }
}

// PKCS #8 (RFC 8410) is these fixed bytes followed by the 32-byte seed
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const ed25519Spki = Buffer.from('302a300506032b6570032100', 'hex')
const x25519Prefix = Buffer.from('302e020100300506032b656e04220420', 'hex')

/** HKDF-SHA256 of the 32-byte master key, one info string per purpose. */
export function deriveKeys(master: Buffer): DerivedKeys {
  if (master.length !== 32) throw new RangeError('a master key has 32 bytes')
  const kek = derive(master, 'lifeboat/1 key-encryption')
  return {
    keyId: fingerprint(kek),
    kek,
    signing: keyPair(ed25519Prefix, derive(master, 'lifeboat/1 signing')),
    sealing: keyPair(x25519Prefix, derive(master, 'lifeboat/1 sealing')),
  }
}

/** 32 random bytes: the wrapping key of every entry of one attempt. */
export function newBackupKey(): Buffer {
  return randomBytes(32)
}

/** 16 hex digits that recognise a symmetric key and tell nothing about it. */
export function fingerprint(key: Buffer): string {
  return derive(key, 'lifeboat/1 fingerprint').subarray(0, 8).toString('hex')
}

/** 16 hex digits that recognise a public key: of the SHA-256 over its SPKI DER. */
export function publicKeyId(publicPem: string): string {
  const der = createPublicKey(publicPem).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 16)
}

function derive(key: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, 32))
}

function keyPair(prefix: Buffer, seed: Buffer): { publicKeyPem: string; privateKey: KeyObject } {
  const privateKey = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
  return { publicKeyPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(), privateKey }
}

/** The 32 bytes of an Ed25519 public key, in base64, and back. */
export function rawSigner(publicPem: string): string {
  return createPublicKey(publicPem).export({ type: 'spki', format: 'der' }).subarray(ed25519Spki.length).toString('base64')
}

export function signerPem(raw: string): string {
  const der = Buffer.concat([ed25519Spki, Buffer.from(raw, 'base64')])
  return createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ type: 'spki', format: 'pem' }).toString()
}
