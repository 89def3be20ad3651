import { isSafeKey } from '#lib/domain/names.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'

/** One directory of a backup as the storage shows it. */
export interface FoundBackup {
  path: string
  hasManifest: boolean
  /** object name -> bytes */
  objects: Map<string, number>
  bytes: number
  newestAt: Date
}

const backupDirectory = /^[a-z0-9-]+-[0-9a-f]{8}\/[a-z]+\/backup_[a-z]+_\d{8}_\d{6}_[0-9a-f]{8}$/

/** Every backup directory on a storage, by path. What does not look like ours is left alone and not counted. */
export async function listStorage(driver: StorageDriver, signal: AbortSignal): Promise<{ backups: Map<string, FoundBackup>; bytes: number }> {
  const backups = new Map<string, FoundBackup>()
  let bytes = 0
  for await (const object of driver.list('', { signal })) {
    if (!isSafeKey(object.key)) continue
    const cut = object.key.lastIndexOf('/')
    const path = object.key.slice(0, Math.max(0, cut))
    if (!backupDirectory.test(path)) continue
    const found = backups.get(path) ?? { path, hasManifest: false, objects: new Map(), bytes: 0, newestAt: object.modifiedAt }
    const name = object.key.slice(cut + 1)
    found.objects.set(name, object.bytes)
    found.bytes += object.bytes
    if (name === 'manifest') found.hasManifest = true
    if (object.modifiedAt > found.newestAt) found.newestAt = object.modifiedAt
    backups.set(path, found)
    bytes += object.bytes
  }
  return { backups, bytes }
}
