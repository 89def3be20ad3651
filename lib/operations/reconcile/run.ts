import type { z } from 'zod'
import { recordDrift } from '#lib/catalog/storage-drift.ts'
import { noteUsage } from '#lib/catalog/storage-usage.ts'
import { updateStorage } from '#lib/catalog/storages.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { openCopy } from '../run/open-copy.ts'
import { storageFor } from '../run/storage-for.ts'
import type { Run } from '../run-context.ts'
import { adopt } from './adopt.ts'
import type { reconcileInput } from './definition.ts'
import { driftOf } from './drift-of.ts'
import { findGaps } from './gaps.ts'
import { checkKnownCopies } from './known-copies.ts'
import { checkKnownHolds } from './known-holds.ts'
import { removeLeftovers } from './leftovers.ts'
import { listStorage } from './list-storage.ts'
import { runRemedy } from './remedy.ts'
import { lookAtUploads } from './uploads.ts'

/** Compares a storage with the catalogue. With `adopt` it also rebuilds the catalogue's rows from the manifests. */
export const runReconcile: Run<z.output<typeof reconcileInput>> = async (context, input) => {
  const hidden = { objects: 0 }
  const driver = countHidden((await storageFor(context, input.storageId)).driver, hidden)
  try {
    context.progress({ phase: 'looking for the storage' })
    await checkMarker(driver, input.storageId, context.signal)

    if (input.remedy !== undefined && input.remedy.action !== 'adopt')
      return await runRemedy(context, input, driver, { ...input.remedy, action: input.remedy.action })

    context.progress({ phase: 'looking for unfinished uploads' })
    const uploads = await lookAtUploads(context, driver)

    context.progress({ phase: 'listing' })
    const { backups, bytes, foreign } = await listStorage(driver, context.signal)
    const copies = await checkKnownCopies(context, { storageId: input.storageId, driver, backups })
    const findings: Finding[] = copies.missing.map((path) =>
      warning(
        'copy_missing',
        `${path} is not on ${input.storageName} any more.`,
        'Another copy may be good: verify the backup. Find out who deleted it.',
      ),
    )

    const leftovers = await removeLeftovers(context, { storageId: input.storageId, driver, backups, known: copies.known })
    if (leftovers.unexplained.length > 0) {
      findings.push({
        severity: 'info',
        code: 'unexplained_leftovers',
        message: `${leftovers.unexplained.length} directories on ${input.storageName} hold no manifest and belong to no attempt that the catalogue knows.`,
        remedy: 'They were left alone. If no other installation writes there, remove them: lifeboat storage drift.',
        overridable: false,
      })
    }

    const adopted: string[] = []
    const unknown: string[] = []
    const refused: string[] = []
    /** why, by path */
    const reasons = new Map<string, string>()
    let done = 0
    for (const found of backups.values()) {
      context.signal.throwIfAborted()
      context.progress({ phase: 'comparing', doneItems: ++done, totalItems: backups.size, itemNoun: 'backup', current: found.path })
      const unrecorded = copies.unrecorded.includes(found.path)
      if (!found.hasManifest || (copies.known.has(found.path) && !unrecorded)) continue
      if (!(input.adopt || unrecorded || input.remedy?.path === found.path)) {
        unknown.push(found.path)
        continue
      }
      try {
        const opened = await openCopy(context, driver, { path: found.path, backupId: null })
        if (!context.dryRun)
          await adopt(context.catalog, { storageId: input.storageId, opened, found, pause: unrecorded ? null : context.operationId })
        failPoint('reconcile.adopted')
        adopted.push(found.path)
      } catch (error) {
        context.signal.throwIfAborted()
        const problem = asLifeboatError(error)
        // the catalogue's or the network's trouble says nothing about the backup
        if (!['corrupt', 'wrong_key', 'missing'].includes(problem.code)) throw error
        refused.push(found.path)
        reasons.set(found.path, problem.message)
        findings.push(warning('backup_refused', `${found.path} was not adopted: ${problem.message}`, problem.hint))
      }
    }
    if (unknown.length > 0) {
      findings.push({
        severity: 'warning',
        code: 'unknown_backups',
        message: `${unknown.length} backups on ${input.storageName} are not in the catalogue.`,
        remedy: 'Rebuild the catalogue from this storage to adopt them, or adopt one of them: lifeboat storage drift.',
        overridable: false,
      })
    }
    if (hidden.objects > 0) {
      findings.push({
        severity: 'info',
        code: 'kept_as_versions',
        message: `${hidden.objects} objects that were taken away on ${input.storageName} are hidden, not gone: the bucket keeps them as older versions.`,
        remedy: 'They take space until a lifecycle rule of the bucket removes versions that are not current.',
        overridable: false,
      })
    }
    for (const gap of await findGaps(context.catalog, input.storageId)) findings.push(gap)

    if (!context.dryRun) {
      context.progress({ phase: 'comparing holds' })
      findings.push(...(await checkKnownHolds(context, { ...input, driver, backups })))
      const capacity = await driver.capacity({ signal: context.signal })
      await context.assertCurrent()
      await updateStorage(context.catalog, input.storageId, {
        reachable: true,
        checked_at: new Date(),
        problem: null,
        used_bytes: bytes,
        total_bytes: capacity.totalBytes,
        free_bytes: capacity.freeBytes,
      })
      await noteUsage(context.catalog, input.storageId)
      const strangers = [...unknown, ...refused].flatMap((path) => backups.get(path) ?? [])
      await recordDrift(context.catalog, input.storageId, [
        ...copies.drift,
        ...uploads.drift,
        ...driftOf({ headless: leftovers.unexplained, unknown: strangers, reasons, foreign }),
      ])
    }
    return {
      result: {
        reconcile: {
          storage: input.storageName,
          backups: backups.size,
          bytes,
          sweptUploads: uploads.swept,
          missing: copies.missing,
          returned: copies.returned,
          removedLeftovers: [...copies.removed, ...leftovers.removed],
          adopted,
          unknown,
          refused,
        },
      },
      findings,
    }
  } finally {
    await driver.close()
  }
}

function countHidden(driver: StorageDriver, hidden: { objects: number }): StorageDriver {
  return {
    ...driver,
    async remove(key, options) {
      const removal = await driver.remove(key, options)
      if (removal === 'hidden') hidden.objects += 1
      return removal
    },
  }
}

function warning(code: string, message: string, remedy: string): Finding {
  return { severity: 'warning', code, message, remedy, overridable: false }
}
