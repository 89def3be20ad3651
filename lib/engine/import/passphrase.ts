import { LifeboatError } from '#lib/domain/errors.ts'
import { openNamedFile } from './plain-file.ts'

/** The first line of a key file, as openssl's `-pass file:` reads it. */
export async function readPassphrase(path: string): Promise<Buffer> {
  const file = await openNamedFile(path, 65_536)
  try {
    const bytes = await file.at(0, 65_536)
    const end = bytes.indexOf(0x0a)
    const line = bytes.subarray(0, end === -1 ? bytes.length : end)
    const trimmed = line.at(-1) === 0x0d ? line.subarray(0, -1) : line
    if (trimmed.length === 0) throw new LifeboatError('key_missing', `${path} holds no key in its first line.`, 'Nothing was imported.')
    return trimmed
  } finally {
    await file.close()
  }
}
