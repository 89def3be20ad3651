import { existsSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { makeLocalRoot, openLocalStorage } from '#lib/engine/storage/local.ts'
import { writeMarker } from '#lib/engine/storage/marker.ts'
import { putRecoveryFiles } from '#lib/engine/storage/recovery-files.ts'
import { openDriver } from '../run/storage-for.ts'
import type { RunContext } from '../run-context.ts'
import { asFinding } from './check-place.ts'

const localConfig = z.object({ path: z.string() })

/** Makes a place a storage: directory, marker, recovery guide and rescue script. Idempotent. Returns what hinders it, or null. */
export async function claimPlace(
  context: RunContext,
  place: { kind: 'local' | 's3'; config: unknown; secretSealed: string | null; storageId: string },
): Promise<Finding | null> {
  try {
    const driver = await openUnmarked(context, place)
    try {
      await writeMarker(driver, place.storageId, context.signal)
      await putRecoveryFiles(driver, context.signal)
    } finally {
      await driver.close()
    }
    return null
  } catch (error) {
    context.signal.throwIfAborted()
    return asFinding(asLifeboatError(error))
  }
}

async function openUnmarked(context: RunContext, place: Parameters<typeof claimPlace>[1]) {
  if (place.kind === 's3') return openDriver(context, place)
  const { path: directory } = localConfig.parse(place.config)
  if (!path.isAbsolute(directory)) throw new LifeboatError('usage', 'The directory of a storage is an absolute path.', 'Begin it with "/".')
  // a directory that is there keeps its mode: others may use it too
  if (!existsSync(directory)) await makeLocalRoot(directory)
  return openLocalStorage({ path: directory, storageId: null })
}
