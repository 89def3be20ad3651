import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import { lookAgain } from './list-storage.ts'

/**
 * Takes away what lies below a path that nobody works at. What was listed may be hours old, so the path is looked at again, and `isFree` is asked
 * before each object: whoever makes a copy there has written a row before the first byte. Returns false where somebody does, or a manifest
 * lies there by now; the rest is left then, and a copy that is being made looks whether all of it is there before its manifest.
 */
export async function removeUnclaimed(
  context: RunContext,
  driver: StorageDriver,
  { path, isFree }: { path: string; isFree: () => Promise<boolean> },
): Promise<boolean> {
  const found = await lookAgain(driver, path, context.signal)
  if (found?.hasManifest) return false
  for (const name of found?.objects.keys() ?? []) {
    await context.assertCurrent()
    if (!(await isFree())) return false
    await driver.remove(`${path}/${name}`, { signal: context.signal })
  }
  return isFree()
}
