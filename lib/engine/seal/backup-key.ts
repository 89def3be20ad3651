import { constants, createCipheriv, createDecipheriv, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type KeyObject, parseKeyObject, type Vouches, type Wrapping } from './key-object.ts'
import { type DerivedKeys, fingerprint, publicKeyId } from './keys.ts'

export type { Vouches } from './key-object.ts'
export { backupIdOf, keyIdsOf, keyObjectMaximumBytes } from './key-object.ts'

/** The object `key`: the backup key sealed by the master key and, where they are there, by the recovery key's public half and by AWS KMS. */
export function sealBackupKey(
  backupKey: Buffer,
  options: {
    backupId: string
    kek: Buffer
    keyId: string
    recoveryPublicPem: string | null
    /** of an object that is put beside an older one */
    vouches?: Vouches
    kms?: Extract<Wrapping, { by: 'kms' }> | null
  },
): Buffer {
  const { backupId, kek, keyId, recoveryPublicPem, vouches, kms } = options
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', kek, iv).setAAD(associated(backupId, keyId, vouches))
  const sealed = Buffer.concat([cipher.update(backupKey), cipher.final()]).toString('base64')
  const wrapped: Wrapping[] = [{ by: 'master', keyId, iv: iv.toString('base64'), sealed, tag: cipher.getAuthTag().toString('base64') }]
  if (recoveryPublicPem !== null) {
    const bytes = publicEncrypt({ key: recoveryPublicPem, ...oaep(backupId) }, backupKey)
    wrapped.push({ by: 'recovery', keyId: publicKeyId(recoveryPublicPem), sealed: bytes.toString('base64') })
  }
  if (kms) wrapped.push(kms)
  const object = { format: 'lifeboat/1 key', backupId, ...(vouches ? { vouches } : {}), wrapped }
  return Buffer.from(`${JSON.stringify(object, null, 2)}\n`)
}

/**
 * The backup key out of a `key` object.
 * Throws `corrupt` (not a key object of this backup, or damaged) and `wrong_key` (sealed by other keys: names them).
 */
export function openBackupKey(object: Buffer, options: { backupId: string } & ({ kek: Buffer } | { recoveryPrivatePem: string })): Buffer {
  const parsed = ofBackup(object, options.backupId)
  const opened = 'kek' in options ? openByMaster(parsed, options.kek) : openByRecovery(parsed, options.recoveryPrivatePem)
  if (opened !== null) return opened
  throw wrongKey(parsed)
}

/** As `openBackupKey`, with the first of several master keys that fits, and with what the object vouches for. */
export function openKeyObject(
  object: Buffer,
  options: { backupId: string; keys: readonly DerivedKeys[] },
): { backupKey: Buffer; by: DerivedKeys; vouches: Vouches | null } {
  const parsed = ofBackup(object, options.backupId)
  for (const keys of options.keys) {
    const backupKey = openByMaster(parsed, keys.kek)
    if (backupKey !== null) return { backupKey, by: keys, vouches: parsed.vouches ?? null }
  }
  throw wrongKey(parsed)
}

function ofBackup(object: Buffer, backupId: string): KeyObject {
  const parsed = parseKeyObject(object)
  if (parsed.backupId === backupId) return parsed
  throw new LifeboatError('corrupt', `The key object belongs to backup ${parsed.backupId}, not to ${backupId}.`)
}

function wrongKey(parsed: KeyObject): LifeboatError {
  const needed = parsed.wrapped.map((one) => `${one.by} key ${one.keyId}`).join(' or ')
  return new LifeboatError('wrong_key', `This backup opens with ${needed}; the key at hand is another one.`, 'Give the key it was sealed with.')
}

function openByMaster(parsed: KeyObject, kek: Buffer): Buffer | null {
  const keyId = fingerprint(kek)
  for (const one of parsed.wrapped) {
    if (one.by !== 'master' || one.keyId !== keyId) continue
    return orCorrupt(() => {
      const decipher = createDecipheriv('aes-256-gcm', kek, Buffer.from(one.iv, 'base64'), { authTagLength: 16 })
      decipher.setAAD(associated(parsed.backupId, keyId, parsed.vouches)).setAuthTag(Buffer.from(one.tag, 'base64'))
      return Buffer.concat([decipher.update(Buffer.from(one.sealed, 'base64')), decipher.final()])
    })
  }
  return null
}

function openByRecovery(parsed: KeyObject, privatePem: string): Buffer | null {
  const keyId = publicKeyId(privatePem)
  for (const one of parsed.wrapped) {
    if (one.by !== 'recovery' || one.keyId !== keyId) continue
    return orCorrupt(() => privateDecrypt({ key: privatePem, ...oaep(parsed.backupId) }, Buffer.from(one.sealed, 'base64')))
  }
  return null
}

function orCorrupt(open: () => Buffer): Buffer {
  try {
    const key = open()
    if (key.length === 32) return key
  } catch (error) {
    throw new LifeboatError('corrupt', 'The key object was changed: it does not authenticate.', 'Use another copy of this backup.', { cause: error })
  }
  throw new LifeboatError('corrupt', 'The key object holds no key of 32 bytes.', 'Use another copy of this backup.')
}

/** What the master key's wrapping is bound to: the backup, the key and, beside an older object, the manifest that it vouches for. */
function associated(backupId: string, keyId: string, vouches: Vouches | undefined): Buffer {
  const start = `lifeboat/1 key|${backupId}|${keyId}`
  return Buffer.from(vouches === undefined ? start : `${start}|${vouches.signer}|${vouches.manifestSha256}`)
}

function oaep(backupId: string): { padding: number; oaepHash: string; oaepLabel: Buffer } {
  return { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(`lifeboat/1 key|${backupId}`) }
}
