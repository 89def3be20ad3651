import { randomBytes } from 'node:crypto'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '../process/failpoint.ts'
import { readMasterKey } from './key-file.ts'
import { deriveKeys } from './keys.ts'

/**
 * Puts a new master key in the place of the one in `file`; the old one stays as `<older>/<key id>.key`. Killed anywhere in between, either the
 * old key is still in its place, or the new one is there and the old one is kept: none that sealed anything is ever lost.
 * `decided` is told both ids before the new key can seal anything. Throws `key_missing`, and `conflict` where another process rotates too.
 */
export async function rotateMasterKey(
  file: string,
  older: string,
  decided: (ids: { from: string; to: string }) => Promise<void>,
): Promise<{ from: string; to: string }> {
  const from = await readMasterKey(file)
  const ids = { from: deriveKeys(from).keyId, to: '' }
  await mkdir(older, { recursive: true, mode: 0o700 })
  await keep(file, path.join(older, `${ids.from}.key`), from)
  await syncDirectory(older)
  await syncDirectory(path.dirname(file))
  failPoint('rotate.kept')

  const to = randomBytes(32)
  ids.to = deriveKeys(to).keyId
  const beside = `${file}.${ids.to}.new`
  const handle = await open(beside, 'wx', 0o400)
  try {
    await handle.writeFile(`${to.toString('base64')}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await decided(ids)
    failPoint('rotate.made')
    if (!(await readMasterKey(file)).equals(from)) throw new LifeboatError('conflict', 'Another process replaced the master key just now.')
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  failPoint('rotate.replaced')
  await syncDirectory(path.dirname(file))
  return ids
}

/** A link never replaces: what is kept already must be the same key. */
async function keep(file: string, kept: string, key: Buffer): Promise<void> {
  try {
    await link(file, kept)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!(await readMasterKey(kept)).equals(key)) throw new LifeboatError('conflict', `${kept} holds another key.`, 'Nothing was changed.')
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
