import type { SeenDrift } from '#lib/catalog/storage-drift.ts'
import { leaseMs } from '#lib/domain/drift.ts'
import type { StorageDriver, UnfinishedUpload } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { busyBackups } from './busy-backups.ts'
import { endedAttempts } from './leftovers.ts'
import { directoryOf, isBackupPath, isOwnAtRoot } from './list-storage.ts'

/**
 * Uploads that have not ended. Those of a backup or a copy under way are left alone, however old: one entry may take days. Those of attempts
 * that the catalogue knows to be over are taken away, however young. What it cannot explain may be another installation's, and is told.
 */
export async function lookAtUploads(context: RunContext, driver: StorageDriver): Promise<{ swept: number; drift: SeenDrift[] }> {
  const byPath = new Map<string, UnfinishedUpload[]>()
  for await (const upload of driver.unfinished('', { signal: context.signal })) {
    const path = directoryOf(upload.key)
    if (!isBackupPath(path) && !(isOwnAtRoot(upload.key) && upload.at.getTime() < Date.now() - leaseMs)) continue
    byPath.set(path, [...(byPath.get(path) ?? []), upload])
  }
  if (byPath.size === 0) return { swept: 0, drift: [] }
  // asked after the storage: whatever was begun in between is not in the list
  const known = await knownPaths(context, [...byPath.keys()])
  const ended = await endedAttempts(context)
  const drift: SeenDrift[] = []
  let swept = 0
  for (const [path, uploads] of byPath) {
    const of = known.get(path)
    if (of === 'busy') continue
    if (of === 'idle' || path === '' || ended.has(path.slice(-8))) {
      swept += uploads.length
      if (!context.dryRun) for (const upload of uploads) await driver.abort(upload, { signal: context.signal })
    } else drift.push(unexplained(path, uploads))
  }
  return { swept: context.dryRun ? 0 : swept, drift }
}

function unexplained(path: string, uploads: readonly UnfinishedUpload[]): SeenDrift {
  const times = uploads.map((upload) => upload.at.getTime())
  return {
    kind: 'unfinished_upload',
    path,
    objects: uploads.length,
    bytes: uploads.reduce((sum, upload) => sum + (upload.bytes ?? 0), 0),
    detail: { oldestAt: new Date(Math.min(...times)).toISOString(), newestAt: new Date(Math.max(...times)).toISOString() },
  }
}

/** Of these paths those that are backups in the catalogue: busy, or with nobody at work on them. */
export async function knownPaths(context: RunContext, paths: string[]): Promise<Map<string, 'busy' | 'idle'>> {
  const rows = await context.catalog.selectFrom('backups').select(['id', 'path']).where('path', 'in', paths).execute()
  const busy = await busyBackups(context)
  return new Map(rows.map((row) => [row.path, busy.has(row.id) ? 'busy' : 'idle']))
}
