import { constants } from 'node:fs'
import { chmod, lstat, mkdir, open, readdir, readFile, realpath, rmdir, rm, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import { LifeboatError } from '#lib/domain/errors.ts'
import { isSafeKey } from '#lib/domain/names.ts'
import { capacityOf } from './capacity.ts'
import type { Capacity, StorageDriver, StoredObject, UnfinishedUpload } from './driver.ts'
import { asLocalError, isErrno } from './local-errors.ts'
import { makeDirectories, partName, refuseLinks, syncDirectory, writeWhole } from './local-files.ts'
import { absent, markerId, markerKey, otherStorage } from './marker.ts'
import { readAtMost, smallMaxBytes } from './small.ts'

const readBytes = 1 << 18

/** Makes the directory of a new local storage, 0750. Only for adding one: a storage that is gone is never made again. */
export async function makeLocalRoot(path: string): Promise<void> {
  try {
    await makeWithParents(path)
    await chmod(path, 0o750)
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw asLocalError(error, `making ${path}`)
    throw new LifeboatError(
      'storage_refused',
      `${path} cannot be made: the file system takes no new directories there.`,
      'Choose a directory on a disk.',
    )
  }
}

/** Not mkdir's own `recursive`: below /proc, which answers ENOENT to every new name, Node 24 tries for ever on a thread of its pool. */
async function makeWithParents(path: string): Promise<void> {
  try {
    await mkdir(path, 0o750)
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return
    if (!isErrno(error, 'ENOENT') || dirname(path) === path) throw error
    await makeWithParents(dirname(path))
    await mkdir(path, 0o750)
  }
}

/**
 * A directory as a storage. Every call first reads the marker, so that an unmounted disk is `storage_absent` and never `missing`.
 * `storageId` null: no marker is asked for (adding a storage, working without a catalogue).
 */
export function openLocalStorage(options: { path: string; storageId: string | null }): StorageDriver {
  async function present(): Promise<string> {
    let root: string
    try {
      root = await realpath(options.path)
    } catch (cause) {
      throw absent(`The directory ${options.path}`, cause)
    }
    if (options.storageId === null) return root
    let found: string
    try {
      found = markerId(await readFile(join(root, markerKey)))
    } catch (cause) {
      if (cause instanceof LifeboatError) throw cause
      if (isErrno(cause, 'ENOENT')) throw absent(`The directory ${options.path}`, cause)
      throw asLocalError(cause, `reading the marker in ${options.path}`)
    }
    if (found !== options.storageId) throw otherStorage(`The directory ${options.path}`, found, options.storageId)
    return root
  }

  async function locate(key: string, rootToo: boolean): Promise<{ root: string; path: string }> {
    if (!isSafeKey(key)) throw new LifeboatError('refused', `Not a key of ours: ${JSON.stringify(key)}`)
    const root = rootToo
      ? await present()
      : await realpath(options.path).catch((cause: unknown) => Promise.reject(absent(`The directory ${options.path}`, cause)))
    return { root, path: join(root, key) }
  }

  async function write(key: string, chunks: AsyncIterable<Buffer> | Iterable<Buffer>, how: Parameters<typeof writeWhole>[2]): Promise<number> {
    try {
      const { root, path } = await locate(key, key !== markerKey)
      await makeDirectories(root, dirname(path))
      await refuseLinks(root, path)
      return await writeWhole(path, chunks, how)
    } catch (error) {
      // a missing directory here means that the disk went away under us
      if (isErrno(error, 'ENOENT')) throw absent(`The directory ${options.path}`, error)
      throw asLocalError(error, `storing ${key}`, how.signal)
    }
  }

  async function* walk(directory: string, key: string): AsyncGenerator<{ path: string; key: string; name: string }> {
    const found = await readdir(directory, { withFileTypes: true })
    // a directory sorts as its name with a slash, as an object store would list it
    const names = found.map((each) => ({ each, sort: each.isDirectory() ? `${each.name}/` : each.name })).sort((a, b) => (a.sort < b.sort ? -1 : 1))
    for (const { each } of names) {
      const path = join(directory, each.name)
      if (each.isDirectory()) yield* walk(path, `${key}${each.name}/`)
      else if (each.isFile()) yield { path, key: `${key}${each.name}`, name: each.name }
    }
  }

  async function start(prefix: string): Promise<{ directory: string; key: string }> {
    const trimmed = prefix.replace(/\/+$/, '')
    if (trimmed === '') return { directory: await present(), key: '' }
    const { root, path } = await locate(trimmed, true)
    await refuseLinks(root, join(path, 'x')).catch((error: unknown) => (isErrno(error, 'ENOENT') ? undefined : Promise.reject(error)))
    return { directory: path, key: `${trimmed}/` }
  }

  return {
    kind: 'local',
    async put(key, body, { signal, onBytes, replace = false }) {
      addAbortSignal(signal, body)
      try {
        return { bytes: await write(key, body, { overwrite: replace, signal, onBytes }), version: null }
      } finally {
        body.destroy()
      }
    },
    async putSmall(key, body, { signal, overwrite }) {
      if (body.length > smallMaxBytes) throw new LifeboatError('refused', `${key} is too large for a small object.`)
      return { bytes: await write(key, [body], { overwrite, signal }), version: null }
    },
    async get(key, { signal, start: from = 0, onVersion }) {
      try {
        const { root, path } = await locate(key, true)
        await refuseLinks(root, path)
        const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
        onVersion?.(null)
        const stream = Readable.from(readFrom(handle, from, `reading ${key}`, signal), { objectMode: false, highWaterMark: readBytes })
        stream.once('close', () => void handle.close().catch(() => undefined))
        return stream
      } catch (error) {
        throw asLocalError(error, `reading ${key}`, signal)
      }
    },
    async getSmall(key, { maxBytes, ...options }) {
      return readAtMost(await this.get(key, options), maxBytes, key)
    },
    async head(key) {
      try {
        const { root, path } = await locate(key, true)
        await refuseLinks(root, path)
        const stats = await lstat(path)
        if (!stats.isFile()) return null
        return { key, bytes: stats.size, modifiedAt: stats.mtime }
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return null
        throw asLocalError(error, `looking at ${key}`)
      }
    },
    async *list(prefix, { signal, onForeign }) {
      const { directory, key } = await start(prefix)
      try {
        for await (const file of walk(directory, key)) {
          signal.throwIfAborted()
          if (partName.test(file.name)) continue
          const stats = await lstat(file.path)
          if (!isSafeKey(file.key)) {
            onForeign?.(file.key, stats.size)
            continue
          }
          yield { key: file.key, bytes: stats.size, modifiedAt: stats.mtime } satisfies StoredObject
        }
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return
        throw asLocalError(error, `listing ${prefix}`, signal)
      }
    },
    async purge(key, options) {
      return this.remove(key, options)
    },
    // a directory knows no locks with dates: what the file system forbids is told when it is tried
    async lock() {
      return null
    },
    async holdObject() {
      return false
    },
    async settings() {
      return null
    },
    async remove(key) {
      const { root, path } = await locate(key, true)
      try {
        await refuseLinks(root, path)
        await unlink(path)
        await syncDirectory(dirname(path))
        await removeEmptyDirectories(root, dirname(path))
        return 'deleted'
      } catch (error) {
        if (isErrno(error, 'ENOENT')) return 'deleted'
        if (isErrno(error, 'EPERM')) return 'retained' // chattr +i: the file system's own lock
        throw asLocalError(error, `deleting ${key}`)
      }
    },
    async sweep(prefix, olderThan, { signal }) {
      let swept = 0
      for await (const upload of this.unfinished(prefix, { signal })) {
        if (upload.at >= olderThan) continue
        await this.abort(upload, { signal })
        swept += 1
      }
      return swept
    },
    async *unfinished(prefix, { signal }) {
      const { directory, key } = await start(prefix)
      try {
        for await (const file of walk(directory, key)) {
          signal.throwIfAborted()
          const of = partName.exec(file.name)?.[1]
          if (of === undefined) continue
          const { size, mtime } = await lstat(file.path)
          yield { key: file.key.slice(0, -file.name.length) + of, id: file.key, bytes: size, at: mtime } satisfies UnfinishedUpload
        }
      } catch (error) {
        if (!isErrno(error, 'ENOENT')) throw asLocalError(error, `looking for unfinished uploads below ${prefix}`, signal)
      }
    },
    async abort({ key, id }) {
      const root = await present()
      const path = join(root, id)
      if (!partName.test(basename(path)) || !isSafeKey(key) || dirname(id) !== dirname(key))
        throw new LifeboatError('refused', `Not an upload of ours: ${id}`)
      try {
        await refuseLinks(root, path)
        await rm(path, { force: true })
        await removeEmptyDirectories(root, dirname(path))
      } catch (error) {
        if (!isErrno(error, 'ENOENT')) throw asLocalError(error, `removing what is left of ${key}`)
      }
    },
    async capacity(): Promise<Capacity> {
      return capacityOf(await present())
    },
    async close() {},
  }
}

async function* readFrom(handle: Awaited<ReturnType<typeof open>>, from: number, what: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  let position = from
  try {
    for (;;) {
      signal.throwIfAborted()
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(readBytes), 0, readBytes, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } catch (error) {
    throw asLocalError(error, what, signal)
  }
}

async function removeEmptyDirectories(root: string, directory: string): Promise<void> {
  for (let path = directory; path !== root && path.startsWith(`${root}/`); path = dirname(path)) {
    try {
      await rmdir(path)
    } catch {
      return // not empty, or another call was faster: either way it may stay
    }
  }
}
