import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import type { RunContext } from '../../run-context.ts'
import { storageFor } from '../storage-for.ts'
import type { Target } from './fan-out.ts'

/** Opens every storage of the backup and looks for its marker. One that is absent fails its copy only; its `problem` says why. */
export async function openTargets(context: RunContext, storageIds: readonly string[]): Promise<Target[]> {
  return Promise.all(storageIds.map((storageId) => openTarget(context, storageId)))
}

async function openTarget(context: RunContext, storageId: string): Promise<Target> {
  const { storage, driver } = await storageFor(context, storageId)
  const target: Target = { storageId, storageName: storage.name, driver, problem: null, versions: {} }
  try {
    if (storage.removed_at !== null) throw new LifeboatError('not_found', `Storage ${storage.name} was removed.`, 'Choose another storage.')
    await checkMarker(driver, storageId, context.signal)
  } catch (error) {
    context.signal.throwIfAborted()
    target.problem = asLifeboatError(error)
  }
  return target
}

export async function closeTargets(targets: readonly Target[]): Promise<void> {
  await Promise.all(targets.map((target) => target.driver.close()))
}
