import type { BackupRow } from '#lib/catalog/backups.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { type OpenedCopy, openCopy } from '../run/open-copy.ts'
import { storageFor } from '../run/storage-for.ts'
import type { RunContext } from '../run-context.ts'

export interface ChosenCopy extends OpenedCopy {
  storageName: string
  driver: StorageDriver
  verified: boolean
}

/** Copies that a restore may read: verified before merely stored, local before far away. */
async function candidates(context: RunContext, backup: BackupRow): Promise<{ storageId: string; verified: boolean }[]> {
  const copies = (await listCopies(context.catalog, backup.id)).filter((copy) => (readableCopyStates as readonly string[]).includes(copy.state))
  const storages = await context.catalog.selectFrom('storages').select(['id', 'kind']).execute()
  const isLocal = new Map(storages.map((storage) => [storage.id, storage.kind === 'local']))
  return copies
    .map((copy) => ({ storageId: copy.storage_id, verified: copy.state === 'verified', local: isLocal.get(copy.storage_id) ?? false }))
    .sort((a, b) => Number(b.verified) - Number(a.verified) || Number(b.local) - Number(a.local))
}

/**
 * Opens the best copy that opens, skipping `not` (copies found bad while they were fetched). Each copy that does not is a finding.
 * Returns null where none is left. The caller closes the driver.
 */
export async function chooseCopy(
  context: RunContext,
  backup: BackupRow,
  not: ReadonlySet<string> = new Set(),
): Promise<{ copy: ChosenCopy | null; findings: Finding[] }> {
  const findings: Finding[] = []
  for (const { storageId, verified } of await candidates(context, backup)) {
    const { storage, driver } = await storageFor(context, storageId)
    if (not.has(storage.name)) {
      await driver.close()
      continue
    }
    try {
      await checkMarker(driver, storageId, context.signal)
      const opened = await openCopy(context, driver, { path: backup.path, backupId: backup.id })
      return { copy: { ...opened, storageName: storage.name, driver, verified }, findings }
    } catch (error) {
      await driver.close()
      context.signal.throwIfAborted()
      const known = asLifeboatError(error)
      findings.push({
        severity: 'warning',
        code: `copy_${known.code}`,
        message: `The copy on ${storage.name} cannot be used: ${known.message}`,
        remedy: known.hint || 'Another copy is used instead.',
        overridable: false,
      })
    }
  }
  return { copy: null, findings }
}

export function noCopy(): LifeboatError {
  return new LifeboatError(
    'missing',
    'No copy of this backup can be read.',
    'Nothing was touched. Choose another recovery point, or bring the storage or the key back.',
  )
}
