import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'

/** 32 bytes from their base64 text. Throws `usage` without repeating the text: it may be a mistyped secret. */
export function parseMasterKey(text: string): Buffer {
  const bytes = Buffer.from(text.trim(), 'base64')
  if (bytes.length !== 32) {
    throw new LifeboatError('usage', 'LIFEBOAT_KEY is not the base64 of 32 bytes.', 'It looks like 43 letters and digits and one "=".')
  }
  return bytes
}

/** The master key from its file. Throws `key_missing`, also when the file is there and may not be read. */
export async function readMasterKey(file: string): Promise<Buffer> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read'
    throw new LifeboatError(
      'key_missing',
      `The master key's file ${file} ${reason}.`,
      'Put the key back, or set LIFEBOAT_KEY. Nothing is ever stored unencrypted.',
      { cause: error },
    )
  }
  return parseMasterKey(text)
}

/**
 * Makes a new master key, mode 0400, and returns it. Never replaces a file (`conflict`).
 * Call only when neither the catalogue nor any storage knows a key: a second key would hide that the first is lost.
 */
export async function makeMasterKey(file: string): Promise<Buffer> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const key = randomBytes(32)
  try {
    const handle = await open(file, 'wx', 0o400)
    try {
      await handle.writeFile(`${key.toString('base64')}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new LifeboatError('conflict', `${file} exists already.`, 'A master key is never replaced.', { cause: error })
  }
  return key
}

/** Every master key below `directory`, in no particular order; an absent directory holds none. Throws `key_missing`, `usage`. */
export async function readOlderKeys(directory: string): Promise<Buffer[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return Promise.all(names.filter((name) => /^[0-9a-f]{16}\.key$/.test(name)).map((name) => readMasterKey(path.join(directory, name))))
}
