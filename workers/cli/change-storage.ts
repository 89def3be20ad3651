import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { changeStorage, type LockChange, type PlaceChange, type StorageRow } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import type { BucketCredentials } from './bucket-options.ts'
import { errorOf, untilFinished } from './follow.ts'
import { sealingKey, type Session } from './session.ts'

export interface StorageChange {
  place: PlaceChange
  lock: LockChange
  name?: string
  budgetBytes?: number | null
  credentials?: BucketCredentials
}

/** Changes a storage; new credentials are tried at once. Answers what stands in their way, null: nothing, or there were none. */
export async function changeRegistered(session: Session, storage: StorageRow, change: StorageChange): Promise<LifeboatError | null> {
  const { name, budgetBytes, credentials } = change
  if (credentials !== undefined && storage.kind !== 's3') throw new LifeboatError('usage', 'A directory has no credentials.', 'Nothing was changed.')
  const sealed =
    credentials === undefined ? undefined : sealSecret(JSON.stringify(credentials), await sealingKey(session), storageSecretPlace(storage.id))
  await session.catalog.transaction().execute(async (trx) => {
    await changeStorage(trx, storage.id, { name, budgetBytes, sealed, ...change.place, ...change.lock })
    await appendAudit(trx, auditKey(), {
      ...auditActor(session.actor),
      action: 'storage.change',
      subjectKind: 'storage',
      subjectId: storage.id,
      outcome: 'done',
      detail: { fields: Object.keys(change) },
    })
  })
  if (sealed === undefined) return null
  const row = await untilFinished(
    session,
    (await requestCheck(session.catalog, session.actor, { input: { of: 'storage', storageId: storage.id }, via: 'cli' })).id,
  )
  const blocker = row.findings.find((one) => one.severity === 'blocker')
  return errorOf(row) ?? (blocker === undefined ? null : new LifeboatError('storage_refused', blocker.message, blocker.remedy))
}
