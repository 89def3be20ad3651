import path from 'node:path'
import type { Versions } from '#lib/catalog/copy-versions.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'

/** The part of a driver that reading a copy takes. */
export type CopyReader = Pick<StorageDriver, 'get' | 'getSmall'>

/**
 * Reads the versions that were stored, whatever has been put in their place or before them since. An object without a known version
 * (a key that a rotation added) is read as it is. `orCurrent`: also one whose version the storage does not have, as in a bucket that
 * was copied to another place, where ids are others; what is read is authenticated either way.
 */
export function pinnedReader(driver: CopyReader, versions: Versions, options: { orCurrent: boolean }): CopyReader {
  const read = async <T>(key: string, get: (version?: string) => Promise<T>): Promise<T> => {
    const version = versions[path.posix.basename(key)]
    if (version === undefined) return get()
    try {
      return await get(version)
    } catch (error) {
      if (options.orCurrent && error instanceof LifeboatError && error.code === 'missing') return get()
      throw error
    }
  }
  return {
    get: (key, how) => read(key, (version) => driver.get(key, { ...how, version })),
    getSmall: (key, how) => read(key, (version) => driver.getSmall(key, { ...how, version })),
  }
}

/** Reads what is current and notes which versions that was. */
export function notingReader(driver: CopyReader, seen: Versions): CopyReader {
  const note = (key: string) => (version: string | null) => {
    if (version !== null) seen[path.posix.basename(key)] = version
  }
  return {
    get: (key, how) => driver.get(key, { ...how, onVersion: note(key) }),
    getSmall: (key, how) => driver.getSmall(key, { ...how, onVersion: note(key) }),
  }
}
