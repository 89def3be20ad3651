import { crc32 } from 'node:zlib'
import { LifeboatError } from '#lib/domain/errors.ts'

/**
 * The first line of every sealed object: `lifeboat/1 <fingerprint of the backup key> <CRC-32 of what stands before>\n`.
 * It says what the object is (never `PGDMP`), and tells a wrong key from damage: with a good CRC and another fingerprint
 * it is the key that is wrong. It is not trusted for anything else; the message behind it authenticates itself.
 */
export const headerBytes = 'lifeboat/1 '.length + 16 + 1 + 8 + 1

export function writeHeader(keyFingerprint: string): Buffer {
  const start = `lifeboat/1 ${keyFingerprint} `
  return Buffer.from(`${start}${crc32(start).toString(16).padStart(8, '0')}\n`)
}

/** The fingerprint in a header line. Throws `corrupt`. */
export function readHeader(line: Buffer): string {
  const found = /^lifeboat\/1 ([0-9a-f]{16}) [0-9a-f]{8}\n$/.exec(line.toString('latin1'))?.[1]
  if (found === undefined || !writeHeader(found).equals(line)) throw new LifeboatError('corrupt', 'The object does not begin as a sealed entry does.')
  return found
}
