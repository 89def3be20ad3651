import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { LifeboatError } from '#lib/domain/errors.ts'

/** `lbw1.<base64url of IV 12, tag 16, ciphertext>` */
const mark = 'lbw1'

/**
 * Seals what the web itself must be able to open: the addresses of channels, for the time when no worker lives. The key is derived from the web's
 * own secret, so whoever has the catalogue alone reads nothing. `place`: table, row and column, authenticated with it.
 */
export function sealForWeb(plain: string, webSecret: string, place: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyOf(webSecret), iv).setAAD(Buffer.from(place))
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return `${mark}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`
}

/** Throws `corrupt`: damaged, moved to another row, or sealed under another secret. */
export function openForWeb(sealed: string, webSecret: string, place: string): string {
  const [found, text] = sealed.split('.')
  const body = Buffer.from(text ?? '', 'base64url')
  if (found !== mark || body.length < 28) throw new LifeboatError('corrupt', 'The secret that is kept for the console is not readable.')
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyOf(webSecret), body.subarray(0, 12), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(place)).setAuthTag(body.subarray(12, 28))
    return Buffer.concat([decipher.update(body.subarray(28)), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new LifeboatError('corrupt', 'The secret that is kept for the console does not authenticate for this place.', 'Type the secret in again.', {
      cause: error,
    })
  }
}

function keyOf(webSecret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', webSecret, 'lifeboat', 'lifeboat/1 secret for the web', 32))
}
