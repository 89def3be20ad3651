import { z } from 'zod'
import { LifeboatError } from '#lib/domain/errors.ts'

/** Who signed the manifest beside this object, and which bytes that manifest has: a rotated signing key is believed through this. */
const vouches = z.object({
  /** the raw Ed25519 public key, 32 bytes in base64 */
  signer: z.string(),
  /** of the stored bytes */
  manifestSha256: z.string(),
})
export type Vouches = z.output<typeof vouches>

const wrapping = z.discriminatedUnion('by', [
  z.object({ by: z.literal('master'), keyId: z.string(), iv: z.string(), sealed: z.string(), tag: z.string() }),
  z.object({ by: z.literal('recovery'), keyId: z.string(), sealed: z.string() }),
  z.object({ by: z.literal('kms'), keyId: z.string(), keyArn: z.string(), signer: z.string(), sealed: z.string() }),
])
export type Wrapping = z.output<typeof wrapping>

/** The small object `key` (`key_2`, … after a rotation) beside a backup's entries. Base64; docs/backup-format.md. */
const keyObject = z.object({
  format: z.literal('lifeboat/1 key'),
  backupId: z.uuid(),
  /** only beside an older object; in `key` itself the master key's own signing key signed the manifest */
  vouches: vouches.optional(),
  wrapped: z.array(wrapping),
})
export type KeyObject = z.output<typeof keyObject>

export const keyObjectMaximumBytes = 64 * 1024

/** Nothing in it is authenticated until the key was opened with it. Throws `corrupt`. */
export function parseKeyObject(object: Buffer): KeyObject {
  try {
    return keyObject.parse(JSON.parse(object.toString('utf8')))
  } catch (error) {
    throw new LifeboatError('corrupt', 'The key object is not readable.', 'Use another copy of this backup.', { cause: error })
  }
}

/** The ids of all keys that open this object: master keys, a recovery key, a key of AWS KMS; for the catalogue. */
export function keyIdsOf(object: Buffer): string[] {
  return parseKeyObject(object).wrapped.map((one) => one.keyId)
}

/** The backup id that a key object claims. */
export function backupIdOf(object: Buffer): string {
  return parseKeyObject(object).backupId
}
