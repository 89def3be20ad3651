import { LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'

export interface CopyLock {
  retained_until: Date | null
  lock_mode: string | null
}

/**
 * What the storage itself says of a copy: the manifest is stored last, so its lock ends last. null: it was not to be asked, and what the
 * catalogue knows stays. A legal hold has no date and is not told here.
 */
export async function readLock(driver: StorageDriver, path: string, signal: AbortSignal): Promise<CopyLock | null> {
  if (driver.kind === 'local') return null
  try {
    const lock = await driver.lock(`${path}/manifest`, { signal })
    return { retained_until: lock?.until ?? null, lock_mode: lock?.mode ?? null }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof LifeboatError) return null
    throw error
  }
}
