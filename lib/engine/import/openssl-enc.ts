import { createDecipheriv, createHash, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { LifeboatError } from '#lib/domain/errors.ts'

const derive = promisify(pbkdf2)

/** How `openssl enc -aes-256-cbc` came from a passphrase to the key: the file itself does not say. */
export interface Derivation {
  /** as openssl's options say it: `-pbkdf2 -md sha256` */
  name: string
  digest: 'md5' | 'sha256'
  /** null: the old way, EVP_BytesToKey with one round */
  iterations: number | null
}

/** openssl's defaults of 1.1 and later, then those of 1.0.2 and earlier, then counts that guides recommend; the first that fits is it. */
export const derivations: readonly Derivation[] = [
  { name: '-pbkdf2', digest: 'sha256', iterations: 10_000 },
  { name: '-md sha256', digest: 'sha256', iterations: null },
  { name: '-md md5', digest: 'md5', iterations: null },
  { name: '-pbkdf2 -md md5', digest: 'md5', iterations: 10_000 },
  ...[100_000, 200_000, 250_000, 310_000, 500_000, 600_000, 1_000_000].map((iterations) => ({
    name: `-pbkdf2 -iter ${iterations}`,
    digest: 'sha256' as const,
    iterations,
  })),
]

const magic = Buffer.from('Salted__')
export const blockBytes = 16
/** `Salted__` and eight bytes of salt. */
export const saltHeaderBytes = 16

export function isSalted(head: Buffer): boolean {
  return head.length >= saltHeaderBytes && head.subarray(0, magic.length).equals(magic)
}

export interface CipherKey {
  key: Buffer
  iv: Buffer
}

export async function deriveKey(passphrase: Buffer, salt: Buffer, how: Derivation): Promise<CipherKey> {
  const bytes = how.iterations === null ? bytesToKey(passphrase, salt, how.digest) : await derive(passphrase, salt, how.iterations, 48, how.digest)
  return { key: bytes.subarray(0, 32), iv: bytes.subarray(32, 48) }
}

/** OpenSSL's EVP_BytesToKey with a count of one: each digest goes into the next, until there are 48 bytes. */
function bytesToKey(passphrase: Buffer, salt: Buffer, digest: Derivation['digest']): Buffer {
  let made = Buffer.alloc(0)
  let last = Buffer.alloc(0)
  while (made.length < 48) {
    last = createHash(digest).update(last).update(passphrase).update(salt).digest()
    made = Buffer.concat([made, last])
  }
  return made
}

/** The first blocks, without a look at the padding. */
export function decryptHead({ key, iv }: CipherKey, cipherText: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return decipher.update(cipherText.subarray(0, cipherText.length - (cipherText.length % blockBytes)))
}

/**
 * Whether the end of the file is padded as this key would have it: `lastTwo` are its last two blocks. It is what is left to tell a wrong key
 * from a damaged beginning. A padding of one byte says nothing: chance gives it once in 256 times, one of two in 65,536.
 */
export function endFits({ key }: CipherKey, lastTwo: Buffer): boolean {
  const last = createDecipheriv('aes-256-cbc', key, lastTwo.subarray(0, blockBytes)).setAutoPadding(false).update(lastTwo.subarray(blockBytes))
  const pad = last[blockBytes - 1] ?? 0
  return pad >= 2 && pad <= blockBytes && last.subarray(blockBytes - pad).every((byte) => byte === pad)
}

/** Decrypts all that follows the header. Throws `corrupt` where the end is not that of a whole file. */
export async function* decryptStream({ key, iv }: CipherKey, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decipher = createDecipheriv('aes-256-cbc', key, iv)
  for await (const piece of source) {
    const plain = decipher.update(piece)
    if (plain.length > 0) yield plain
  }
  let last: Buffer
  try {
    last = decipher.final()
  } catch (error) {
    throw new LifeboatError(
      'corrupt',
      'The encrypted file is cut off or damaged: its last block is not padded as the end of a file is.',
      'Nothing was imported. Use another copy of the file.',
      { cause: error },
    )
  }
  if (last.length > 0) yield last
}
