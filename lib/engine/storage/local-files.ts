import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, link, lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LifeboatError } from '#lib/domain/errors.ts'
import { isErrno } from './local-errors.ts'

/** The temporary name of a file that is being written; the group is the name that it gets. */
export const partName = /^\.(.+)\.[0-9a-f]{16}\.part$/

export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the directories between `root` (a real path) and `directory`, 0750, durably. A symbolic link on the way is refused. */
export async function makeDirectories(root: string, directory: string): Promise<void> {
  let path = root
  for (const part of directory.slice(root.length).split('/').filter(Boolean)) {
    const parent = path
    path = join(path, part)
    try {
      await mkdir(path, 0o750)
      await chmod(path, 0o750) // the umask may have taken bits away
      await syncDirectory(parent)
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
      if (!(await lstat(path)).isDirectory()) throw symlinked(part)
    }
  }
}

export function symlinked(key: string): LifeboatError {
  return new LifeboatError(
    'corrupt',
    `A symbolic link or a file lies where a directory should be (${key}).`,
    'Links below a storage are never followed.',
  )
}

/** Throws unless every directory above `path` is a real one below `root`. A path that does not exist is left to the caller's open. */
export async function refuseLinks(root: string, path: string): Promise<void> {
  const directory = dirname(path)
  if ((await realpath(directory)) !== directory) throw symlinked(directory.slice(root.length + 1))
}

/**
 * Writes `chunks` under a temporary name, makes it durable, then gives it its name in one step: whole or not at all.
 * Without `overwrite` an existing file is `conflict`. Whatever happens, no temporary file stays behind.
 */
export async function writeWhole(
  path: string,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: { overwrite: boolean; signal: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.part`)
  const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o640)
  let bytes = 0
  try {
    try {
      await handle.chmod(0o640)
      for await (const chunk of chunks) {
        options.signal.throwIfAborted()
        await handle.writeFile(chunk)
        bytes += chunk.length
        options.onBytes?.(chunk.length)
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    options.signal.throwIfAborted()
    if (options.overwrite) await rename(temporary, path)
    else await nameOnce(temporary, path)
    await syncDirectory(dirname(path))
    return bytes
  } finally {
    await rm(temporary, { force: true })
  }
}

/** link() refuses an existing name; rename() would replace it. File systems without hard links (exFAT, some network mounts) get a check first. */
async function nameOnce(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (error) {
    if (isErrno(error, 'EEXIST')) throw exists(path)
    if (!isErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error
    const there = await lstat(path).catch(() => null)
    if (there) throw exists(path)
    await rename(temporary, path)
  }
}

function exists(path: string): LifeboatError {
  return new LifeboatError('conflict', `An object named ${basename(path)} already exists.`, 'Lifeboat never overwrites a stored object.')
}
