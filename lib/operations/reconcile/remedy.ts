import type { z } from 'zod'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { forgetDrift } from '#lib/catalog/storage-drift.ts'
import { isYoung } from '#lib/domain/drift.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext, RunResult } from '../run-context.ts'
import type { reconcileInput } from './definition.ts'
import { isBackupPath, lookAgain } from './list-storage.ts'
import { knownPaths } from './uploads.ts'

/**
 * Takes away what an earlier look could not explain, after looking once more: only below a path that is named as our backups are, that no row
 * names and that nobody has written to for hours, and never where a manifest lies. Throws `refused`.
 */
export async function runRemedy(
  context: RunContext,
  input: z.output<typeof reconcileInput>,
  driver: StorageDriver,
  remedy: { action: 'remove' | 'abort'; path: string },
): Promise<RunResult> {
  const { path } = remedy
  if (!isBackupPath(path)) throw refused(`${path} is not named as our backups are: Lifeboat never touches it.`)
  if ((await knownPaths(context, [path])).has(path)) throw refused(`${path} is a backup of this catalogue.`, 'Prune or delete the backup instead.')
  context.progress({ phase: remedy.action === 'remove' ? 'removing what is left' : 'aborting uploads', current: path })
  const gone = remedy.action === 'remove' ? await removeObjects(context, driver, path) : await abortUploads(context, driver, path)
  if (!context.dryRun && gone.retained === 0)
    await forgetDrift(context.catalog, input.storageId, { kind: remedy.action === 'remove' ? 'no_manifest' : 'unfinished_upload', path })
  const findings: Finding[] =
    gone.retained === 0
      ? []
      : [
          {
            severity: 'warning',
            code: 'retained',
            message: `${gone.retained} objects of ${path} are locked by the storage and stay.`,
            remedy: 'Remove them when their lock has ended.',
            overridable: false,
          },
        ]
  return { result: { drift: { action: remedy.action, path, objects: gone.objects, bytes: gone.bytes } }, findings }
}

interface Gone {
  objects: number
  bytes: number
  retained: number
}

async function removeObjects(context: RunContext, driver: StorageDriver, path: string): Promise<Gone> {
  const found = await lookAgain(driver, path, context.signal)
  if (found?.hasManifest) throw refused(`${path} holds a manifest: it is a backup.`, 'Reconcile the storage, then adopt it.')
  if (found !== null && isYoung({ newestAt: found.newestAt.toISOString() }, await catalogueNow(context.catalog)))
    throw refused(`${path} was written to within the last hours: it may be a backup under way.`, 'Nothing was removed. Look again later.')
  const gone: Gone = { objects: 0, bytes: 0, retained: 0 }
  for (const [name, bytes] of found?.objects ?? []) {
    await context.assertCurrent()
    if (!context.dryRun && (await driver.remove(`${path}/${name}`, { signal: context.signal })) === 'retained') gone.retained += 1
    else {
      gone.objects += 1
      gone.bytes += bytes
    }
  }
  return gone
}

async function abortUploads(context: RunContext, driver: StorageDriver, path: string): Promise<Gone> {
  const now = await catalogueNow(context.catalog)
  const gone: Gone = { objects: 0, bytes: 0, retained: 0 }
  const uploads = []
  for await (const upload of driver.unfinished(path, { signal: context.signal })) uploads.push(upload)
  if (uploads.some((upload) => isYoung({ newestAt: upload.at.toISOString() }, now)))
    throw refused(`${path} is being written to, or was within the last hours.`, 'Nothing was aborted. Look again later.')
  for (const upload of uploads) {
    await context.assertCurrent()
    if (!context.dryRun) await driver.abort(upload, { signal: context.signal })
    gone.objects += 1
    gone.bytes += upload.bytes ?? 0
  }
  return gone
}

function refused(message: string, hint = 'Nothing was changed.'): LifeboatError {
  return new LifeboatError('refused', message, hint)
}
