import type { z } from 'zod'
import { getBackup } from '#lib/catalog/backups.ts'
import { getCopy } from '#lib/catalog/copies.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import { checkMarker } from '#lib/engine/storage/marker.ts'
import { settleHolds, type SettledHolds } from '../run/settle-holds.ts'
import { storageFor } from '../run/storage-for.ts'
import type { Run } from '../run-context.ts'
import type { holdInput } from './definition.ts'

/** What counts is the catalogue when this runs, not when it was asked for. */
export const runHold: Run<z.output<typeof holdInput>> = async (context, input) => {
  const copy = await getCopy(context.catalog, input.copyId)
  const backup = await getBackup(context.catalog, input.backupId)
  if (copy === null || backup === null || !(readableCopyStates as readonly string[]).includes(copy.state)) {
    // it is written with the copy's return, by the reconcile
    return { result: { hold: { storage: input.storageName, did: 'nothing', state: copy?.state ?? 'gone' } }, findings: [] }
  }
  if (context.dryRun) return { result: { hold: { storage: input.storageName, dryRun: true } }, findings: [] }
  const { driver } = await storageFor(context, input.storageId)
  try {
    context.progress({ phase: 'looking for the storage' })
    await checkMarker(driver, input.storageId, context.signal)
    context.progress({ phase: 'writing the holds', current: backup.path })
    const settled = await settleHolds(context, driver, { backupId: backup.id, path: backup.path })
    return { result: { hold: { storage: input.storageName, ...settled } }, findings: aboutStorageHold(settled, input.storageName) }
  } finally {
    await driver.close()
  }
}

function aboutStorageHold({ storageHold }: SettledHolds, storage: string): Finding[] {
  if (storageHold === 'refused') {
    const message = `${storage} knows legal holds of its own, and does not let us set them.`
    const remedy = 'The hold counts for Lifeboat all the same. Allow s3:PutObjectLegalHold and s3:GetObjectLegalHold.'
    return [{ severity: 'warning', code: 'legal_hold_refused', message, remedy, overridable: false }]
  }
  if (storageHold === 'foreign') {
    const message = `${storage} has a legal hold on this copy that Lifeboat did not set.`
    return [{ severity: 'info', code: 'legal_hold_foreign', message, remedy: 'It stays until whoever set it takes it away.', overridable: false }]
  }
  return []
}
