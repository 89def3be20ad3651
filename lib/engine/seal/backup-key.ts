import { constants, createCipheriv, createDecipheriv, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { LifeboatError } from '#lib/domain/errors.ts'
import { fingerprint, publicKeyId } from './keys.ts'

/** The small object `key` (`key_2`, … after a rotation) beside a backup's entries. Base64; docs/backup-format.md. */
const keyObject = z.object({
  format: z.literal('lifeboat/1 key'),
  backupId: z.uuid(),
  wrapped: z.array(
    z.discriminatedUnion('by', [
      z.object({ by: z.literal('master'), keyId: z.string(), iv: z.string(), sealed: z.string(), tag: z.string() }),
      z.object({ by: z.literal('recovery'), keyId: z.string(), sealed: z.string() }),
    ]),
  ),
})

export const keyObjectMaximumBytes = 64 * 1024

/** The object `key`: the backup key sealed by the master key and, where there is one, by the recovery key's public half. */
export function sealBackupKey(
  backupKey: Buffer,
  options: { backupId: string; kek: Buffer; keyId: string; recoveryPublicPem: string | null },
): Buffer {
  const { backupId, kek, keyId, recoveryPublicPem } = options
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', kek, iv).setAAD(associated(backupId, keyId))
  const sealed = Buffer.concat([cipher.update(backupKey), cipher.final()]).toString('base64')
  const wrapped: z.input<typeof keyObject>['wrapped'] = [
    { by: 'master', keyId, iv: iv.toString('base64'), sealed, tag: cipher.getAuthTag().toString('base64') },
  ]
  if (recoveryPublicPem !== null) {
    const bytes = publicEncrypt({ key: recoveryPublicPem, ...oaep(backupId) }, backupKey)
    wrapped.push({ by: 'recovery', keyId: publicKeyId(recoveryPublicPem), sealed: bytes.toString('base64') })
  }
  return Buffer.from(`${JSON.stringify({ format: 'lifeboat/1 key', backupId, wrapped }, null, 2)}\n`)
}

/**
 * The backup key out of a `key` object.
 * Throws `corrupt` (not a key object of this backup, or damaged) and `wrong_key` (sealed by other keys: names them).
 */
export function openBackupKey(object: Buffer, options: { backupId: string } & ({ kek: Buffer } | { recoveryPrivatePem: string })): Buffer {
  const { backupId } = options
  const parsed = parseKeyObject(object)
  if (parsed.backupId !== backupId) throw new LifeboatError('corrupt', `The key object belongs to backup ${parsed.backupId}, not to ${backupId}.`)
  const opened = 'kek' in options ? openByMaster(parsed, options.kek) : openByRecovery(parsed, options.recoveryPrivatePem)
  if (opened !== null) return opened
  const needed = parsed.wrapped.map((one) => `${one.by} key ${one.keyId}`).join(' or ')
  throw new LifeboatError('wrong_key', `This backup opens with ${needed}; the key at hand is another one.`, 'Give the key it was sealed with.')
}

/** The ids of the master keys that open this object; for the catalogue. */
export function keyIdsOf(object: Buffer): string[] {
  return parseKeyObject(object)
    .wrapped.filter((one) => one.by === 'master')
    .map((one) => one.keyId)
}

/** The backup id that a key object claims; not authenticated until the key was opened with it. */
export function backupIdOf(object: Buffer): string {
  return parseKeyObject(object).backupId
}

function parseKeyObject(object: Buffer): z.output<typeof keyObject> {
  try {
    return keyObject.parse(JSON.parse(object.toString('utf8')))
  } catch (error) {
    throw new LifeboatError('corrupt', 'The key object is not readable.', 'Use another copy of this backup.', { cause: error })
  }
}

function openByMaster(parsed: z.output<typeof keyObject>, kek: Buffer): Buffer | null {
  const keyId = fingerprint(kek)
  for (const one of parsed.wrapped) {
    if (one.by !== 'master' || one.keyId !== keyId) continue
    return orCorrupt(() => {
      const decipher = createDecipheriv('aes-256-gcm', kek, Buffer.from(one.iv, 'base64'), { authTagLength: 16 })
      decipher.setAAD(associated(parsed.backupId, keyId)).setAuthTag(Buffer.from(one.tag, 'base64'))
      return Buffer.concat([decipher.update(Buffer.from(one.sealed, 'base64')), decipher.final()])
    })
  }
  return null
}

function openByRecovery(parsed: z.output<typeof keyObject>, privatePem: string): Buffer | null {
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

function associated(backupId: string, keyId: string): Buffer {
  return Buffer.from(`lifeboat/1 key|${backupId}|${keyId}`)
}

function oaep(backupId: string): { padding: number; oaepHash: string; oaepLabel: Buffer } {
  return { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(`lifeboat/1 key|${backupId}`) }
}
