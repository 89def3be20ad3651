import type { StorageDriver, StoredObject } from '#lib/engine/storage/driver.ts'

/** One directory of a backup as the storage shows it. */
export interface FoundBackup {
  path: string
  hasManifest: boolean
  /** object name -> bytes */
  objects: Map<string, number>
  bytes: number
  newestAt: Date
}

/** What lies on a storage. */
export interface Listing {
  /** by path */
  backups: Map<string, FoundBackup>
  /** of all backups */
  bytes: number
  /** what is not ours, by the first part of its name (`photos/`) */
  foreign: Map<string, { objects: number; bytes: number }>
}

const backupDirectory = /^[a-z0-9-]+-[0-9a-f]{8}\/[a-z]+\/backup_[a-z]+_\d{8}_\d{6}_[0-9a-f]{8}$/
/** Marker, guide, rescue scripts of every version, and what a check that was killed left. */
const ownAtRoot = /^(lifeboat-storage\.json|RECOVERY\.md|lifeboat-rescue-v\d+\.mjs|lifeboat-probe-[0-9a-f]+)$/
/** In a bucket of a million other things one line each would help nobody. */
const mostForeign = 100
export const otherForeign = '…'

export const isBackupPath = (path: string): boolean => backupDirectory.test(path)
export const isOwnAtRoot = (key: string): boolean => ownAtRoot.test(key)

/** The directory of an object; empty: the storage's root. */
export function directoryOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('/')))
}

/** Every backup directory on a storage. What does not look like ours is left alone, and only counted. */
export async function listStorage(driver: StorageDriver, signal: AbortSignal): Promise<Listing> {
  const backups = new Map<string, FoundBackup>()
  const foreign: Listing['foreign'] = new Map()
  let bytes = 0
  const onForeign = (name: string, size: number): void => {
    const slash = name.indexOf('/')
    const first = slash === -1 ? name : name.slice(0, slash + 1)
    const key = foreign.has(first) || foreign.size < mostForeign ? first : otherForeign
    const seen = foreign.get(key) ?? { objects: 0, bytes: 0 }
    foreign.set(key, { objects: seen.objects + 1, bytes: seen.bytes + size })
  }
  for await (const object of driver.list('', { signal, onForeign })) {
    const path = directoryOf(object.key)
    if (!isBackupPath(path)) {
      if (!isOwnAtRoot(object.key)) onForeign(object.key, object.bytes)
      continue
    }
    bytes += object.bytes
    const found = backups.get(path) ?? { path, hasManifest: false, objects: new Map(), bytes: 0, newestAt: object.modifiedAt }
    backups.set(path, found)
    addObject(found, object)
  }
  return { backups, bytes, foreign }
}

/** One backup's directory, looked at again; null: nothing is there. */
export async function lookAgain(driver: StorageDriver, path: string, signal: AbortSignal): Promise<FoundBackup | null> {
  let found: FoundBackup | null = null
  for await (const object of driver.list(path, { signal })) {
    found ??= { path, hasManifest: false, objects: new Map(), bytes: 0, newestAt: object.modifiedAt }
    addObject(found, object)
  }
  return found
}

function addObject(found: FoundBackup, object: StoredObject): void {
  const name = object.key.slice(found.path.length + 1)
  found.objects.set(name, object.bytes)
  found.bytes += object.bytes
  if (name === 'manifest') found.hasManifest = true
  if (object.modifiedAt > found.newestAt) found.newestAt = object.modifiedAt
}
