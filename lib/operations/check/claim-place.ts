import { existsSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { getStorage } from '#lib/catalog/storages.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { makeLocalRoot, openLocalStorage } from '#lib/engine/storage/local.ts'
import { readMarker, writeMarker } from '#lib/engine/storage/marker.ts'
import { putRecoveryFiles } from '#lib/engine/storage/recovery-files.ts'
import { openDriver } from '../run/storage-for.ts'
import type { RunContext } from '../run-context.ts'
import { asFinding } from '../run/check-place.ts'

const localConfig = z.object({ path: z.string() })

/** What a place is now: the id that its marker holds, and what there is to know; or what hinders it. */
export type Claimed = { storageId: string; findings: Finding[] } | { storageId: null; findings: [Finding] }
type Place = Parameters<typeof openDriver>[1]

/**
 * Makes a place a storage: directory, marker, recovery guide and rescue script. Idempotent. A place that was a storage before keeps its id, by
 * which its backups are found again, and nothing is written there until it is registered under it; one of this catalogue is refused by name.
 */
export async function claimPlace(context: RunContext, place: Place): Promise<Claimed> {
  try {
    const driver = await openUnmarked(context, place)
    try {
      const found = await readMarker(driver, context.signal)
      if (found !== null && found !== place.storageId) return { storageId: found, findings: [await knownBefore(context, place, found)] }
      await claim(context, driver, place.storageId)
      return { storageId: place.storageId, findings: [] }
    } finally {
      await driver.close()
    }
  } catch (error) {
    context.signal.throwIfAborted()
    return { storageId: null, findings: [asFinding(asLifeboatError(error))] }
  }
}

async function claim(context: RunContext, driver: StorageDriver, storageId: string): Promise<void> {
  await writeMarker(driver, storageId, context.signal)
  await putRecoveryFiles(driver, context.signal)
}

async function knownBefore(context: RunContext, place: Place, found: string): Promise<Finding> {
  const living = await getStorage(context.catalog, found)
  if (living !== null && living.removed_at === null) {
    throw new LifeboatError(
      'conflict',
      `This place is the storage “${living.name}” already.`,
      'Nothing was written. Use that storage, or another directory, bucket or prefix.',
    )
  }
  const asked = await getStorage(context.catalog, place.storageId)
  if (asked !== null && asked.removed_at === null) {
    throw new LifeboatError(
      'conflict',
      `This place was a storage before, under the id ${found}, and was registered under another one.`,
      `Nothing was written. Take “${asked.name}” off the list and add it again with storageId ${found}; then its backups are found.`,
    )
  }
  return {
    severity: 'warning',
    code: 'storage_known',
    message: `This place was a storage before (${found}). It is added under that id, and its backups are looked for afterwards.`,
    remedy:
      'Those that were sealed with another key stay closed, and are listed as refused. If another Lifeboat still stores here, use another directory or prefix.',
    overridable: false,
  }
}

async function openUnmarked(context: RunContext, place: Place): Promise<StorageDriver> {
  if (place.kind === 's3') return openDriver(context, place, null)
  const { path: directory } = localConfig.parse(place.config)
  if (!path.isAbsolute(directory)) throw new LifeboatError('usage', 'The directory of a storage is an absolute path.', 'Begin it with "/".')
  // a directory that is there keeps its mode: others may use it too
  if (!existsSync(directory)) await makeLocalRoot(directory)
  return openLocalStorage({ path: directory, storageId: null })
}
