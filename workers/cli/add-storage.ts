import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import type { StorageConfig } from '#lib/catalog/schema.ts'
import { getStorage, insertStorage, type PlaceChange, updateStorage } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { openLocalStorage } from '#lib/engine/storage/local.ts'
import { readMarker } from '#lib/engine/storage/marker.ts'
import { openS3Storage } from '#lib/engine/storage/s3.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import type { BucketCredentials } from './bucket-options.ts'
import { errorOf, untilFinished } from './follow.ts'
import { sealingKey, type Session } from './session.ts'

type S3Config = Extract<StorageConfig, { bucket: string }>
export type NewStorage =
  | { kind: 'local'; config: { path: string }; credentials: null }
  | { kind: 's3'; config: S3Config; credentials: BucketCredentials }

/** Checks, claims and registers a place. One that was a storage before keeps its id, so that its backups are found again. */
export async function registerStorage(
  session: Session,
  name: string,
  wanted: NewStorage & { place?: PlaceChange },
  freshId: string,
): Promise<{ id: string; known: boolean; problem: LifeboatError | null }> {
  if (wanted.kind === 's3' && wanted.place?.medium === 'offline')
    throw new LifeboatError('usage', 'A bucket is no offline medium: only a directory may be absent.', 'Nothing was registered.')
  const marked = await markerOf(wanted)
  const id = marked ?? freshId
  const registered = marked === null ? null : await getStorage(session.catalog, marked)
  if (registered !== null && registered.removed_at === null) {
    throw new LifeboatError(
      'conflict',
      `This place is the storage "${registered.name}" already.`,
      'Nothing was written. Use that storage, or another directory, bucket or prefix.',
    )
  }
  const secretSealed =
    wanted.credentials === null ? null : sealSecret(JSON.stringify(wanted.credentials), await sealingKey(session), storageSecretPlace(id))
  const input = { of: 'new_storage' as const, storageId: id, kind: wanted.kind, config: { ...wanted.config }, secretSealed }
  const row = await untilFinished(session, (await requestCheck(session.catalog, session.actor, { input, via: 'cli' })).id)
  const error = errorOf(row)
  if (error !== null) return { id, known: marked !== null, problem: error }
  const blocker = row.findings.find((one) => one.severity === 'blocker')
  if (blocker !== undefined) {
    return { id, known: marked !== null, problem: new LifeboatError('storage_refused', blocker.message, `${blocker.remedy} Nothing was registered.`) }
  }
  const { region, agreement, medium } = wanted.place ?? {}
  const values = {
    name,
    kind: wanted.kind,
    config: JSON.stringify(wanted.config),
    secret_sealed: secretSealed,
    reachable: true,
    checked_at: new Date(),
    removed_at: null,
    ...(region === undefined ? {} : { region }),
    ...(agreement === undefined ? {} : { agreement }),
    ...(medium === undefined ? {} : { medium }),
  }
  await session.catalog.transaction().execute(async (trx) => {
    if (registered === null) await insertStorage(trx, { id, ...values })
    else await updateStorage(trx, id, values)
    await appendAudit(trx, auditKey(), {
      ...auditActor(session.actor),
      action: 'storage.add',
      subjectKind: 'storage',
      subjectId: id,
      outcome: 'done',
      detail: { name, kind: wanted.kind },
    })
  })
  // fills in its room; the storage is registered whatever this finds
  await untilFinished(session, (await requestCheck(session.catalog, session.actor, { input: { of: 'storage', storageId: id }, via: 'cli' })).id)
  return { id, known: marked !== null, problem: null }
}

async function markerOf(wanted: NewStorage): Promise<string | null> {
  const driver =
    wanted.kind === 'local'
      ? openLocalStorage({ path: wanted.config.path, storageId: null })
      : openS3Storage({ config: wanted.config, credentials: wanted.credentials, storageId: null })
  try {
    return await readMarker(driver)
  } catch (error) {
    // a directory that is not there yet is made by the check; whatever else is wrong, the check says better
    if (error instanceof LifeboatError) return null
    throw error
  } finally {
    await driver.close()
  }
}
