import { createDecipheriv, hkdfSync, timingSafeEqual } from 'node:crypto'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { ByteReader } from './byte-reader.ts'
import { fieldReader, type MessageContext, serializeContext } from './message-header.ts'

/**
 * Reads one message of the AWS Encryption SDK (format 2, suite 0x0478, one key wrapped by a raw AES key, framed).
 * The SDK's own decrypting stream is not used: it throws outside of its stream on a damaged frame, which ends the process,
 * and it swallows what is appended behind an unsigned message. Tests hold the two against each other.
 */
const suiteId = 0x0478
export const frameBytes = 1 << 20
const tagBytes = 16
const lastFrame = 0xffffffff

/** The plaintext of each frame, after it was authenticated. Throws `corrupt`; the caller has checked that the key is the right one. */
export async function* openMessage(reader: ByteReader, options: { wrappingKey: Buffer; context: MessageContext }): AsyncGenerator<Buffer> {
  const fields = fieldReader(reader)
  if ((await fields.uint8()) !== 2 || (await fields.uint16()) !== suiteId) throw corrupt('It is sealed in another format.')
  const messageId = await fields.bytes(32)
  const context = await fields.context()
  if (!sameContext(context, options.context)) {
    throw corrupt(`It is entry ${context['ordinal']} of backup ${context['backupId']}, not what stands at this place.`)
  }
  const wrapped = await fields.wrappedKey()
  if ((await fields.uint8()) !== 2 || (await fields.uint32()) !== frameBytes) throw corrupt('It is framed in another way.')
  const commitment = await fields.bytes(32)

  const dataKey = unwrap(wrapped, options.wrappingKey, context)
  const expand = (info: Buffer | string) => Buffer.from(hkdfSync('sha512', dataKey, messageId, info, 32))
  const suite = Buffer.from([suiteId >> 8, suiteId & 0xff])
  if (!timingSafeEqual(expand('COMMITKEY'), commitment)) throw corrupt('The key commitment does not match.')
  const key = expand(Buffer.concat([suite, Buffer.from('DERIVEKEY')]))
  const header = fields.consumed()
  decrypt(key, Buffer.alloc(12), header, Buffer.alloc(0), await reader.read(tagBytes))

  for (let sequence = 1; ; sequence++) {
    let number = (await reader.read(4)).readUInt32BE()
    const last = number === lastFrame
    if (last) number = (await reader.read(4)).readUInt32BE()
    if (number !== sequence) throw corrupt('Its frames are out of order.')
    const iv = await reader.read(12)
    const length = last ? (await reader.read(4)).readUInt32BE() : frameBytes
    if (length > frameBytes) throw corrupt('A frame is longer than frames are.')
    const content = await reader.read(length)
    const plain = decrypt(key, iv, frameAad(messageId, last, sequence, length), content, await reader.read(tagBytes))
    if (last && !(await reader.atEnd())) throw corrupt('Something was appended to it.')
    if (plain.length > 0) yield plain
    if (last) return
  }
}

function unwrap(wrapped: { name: string; info: Buffer; sealed: Buffer }, wrappingKey: Buffer, context: MessageContext): Buffer {
  // raw AES keyring: key name, tag length in bits, IV length, IV
  const iv = wrapped.info.subarray(wrapped.info.length - 12)
  if (wrapped.info.length < 20 || wrapped.sealed.length !== 32 + tagBytes) throw corrupt('Its wrapped key has a wrong length.')
  const sealed = wrapped.sealed.subarray(0, 32)
  return decrypt(wrappingKey, iv, serializeContext(context), sealed, wrapped.sealed.subarray(32))
}

function decrypt(key: Buffer, iv: Buffer, aad: Buffer, content: Buffer, tag: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(aad).setAuthTag(tag)
    const plain = decipher.update(content)
    decipher.final()
    return plain
  } catch (error) {
    throw corrupt('It was changed: it does not authenticate.', error)
  }
}

function frameAad(messageId: Buffer, last: boolean, sequence: number, length: number): Buffer {
  const numbers = Buffer.alloc(12)
  numbers.writeUInt32BE(sequence, 0)
  numbers.writeBigUInt64BE(BigInt(length), 4)
  return Buffer.concat([messageId, Buffer.from(last ? 'AWSKMSEncryptionClient Final Frame' : 'AWSKMSEncryptionClient Frame'), numbers])
}

function sameContext(found: MessageContext, expected: MessageContext): boolean {
  const names = Object.keys(found)
  return names.length === Object.keys(expected).length && names.every((name) => found[name] === expected[name])
}

function corrupt(message: string, cause?: unknown): LifeboatError {
  return new LifeboatError('corrupt', `The sealed object is not usable. ${message}`, 'Use another copy of this backup.', { cause })
}
