import { z } from 'zod'
import { getStorage, type StorageRow } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { openLocalStorage } from '#lib/engine/storage/local.ts'
import { openS3Storage } from '#lib/engine/storage/s3.ts'
import type { LockOnStore } from '#lib/engine/storage/s3-lock.ts'
import { storageSecretPlace } from '#lib/secrets/places.ts'
import type { RunContext } from '../run-context.ts'
import { requireKeys } from './connection-for.ts'
import { openSealed } from './open-sealed.ts'

const localConfig = z.object({ path: z.string() })
const s3Config = z.object({
  bucket: z.string(),
  endpoint: z.string().optional(),
  region: z.string().default('us-east-1'),
  prefix: z.string().default(''),
  pathStyle: z.boolean().default(false),
  checksumWhenRequired: z.boolean().default(false),
})
const credentials = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  /** for deleting alone; absent: the same */
  deleteAccessKeyId: z.string().optional(),
  deleteSecretAccessKey: z.string().optional(),
})

/** A registered storage, opened. The caller closes the driver. Throws `not_found`, `storage_absent`, `key_missing`. */
export async function storageFor(
  context: Pick<RunContext, 'catalog' | 'keys'>,
  storageId: string,
): Promise<{ storage: StorageRow; driver: StorageDriver }> {
  const storage = await getStorage(context.catalog, storageId)
  if (storage === null) throw new LifeboatError('not_found', 'This storage is not registered any more.', 'Add it again, then repeat.')
  const { kind, config, secret_sealed: secretSealed, lock_mode: mode, lock_days: days } = storage
  const lockOnStore = mode === null || days === null ? null : { mode, days }
  const driver = openDriver(context, { kind, config, secretSealed, storageId, lockOnStore })
  return { storage, driver }
}

/** `marker`: the id that the place's marker must hold, where that is not the one its secret was sealed for; null: it is not looked at. */
export function openDriver(
  context: Pick<RunContext, 'keys'>,
  place: { kind: 'local' | 's3'; config: unknown; secretSealed: string | null; storageId: string; lockOnStore?: LockOnStore | null },
  marker: string | null = place.storageId,
): StorageDriver {
  if (place.kind === 'local') return openLocalStorage({ path: localConfig.parse(place.config).path, storageId: marker })
  const opened = place.secretSealed === null ? null : openCredentials(context, place.secretSealed, place.storageId)
  return openS3Storage({
    config: s3Config.parse(place.config),
    credentials: opened === null ? null : { accessKeyId: opened.accessKeyId, secretAccessKey: opened.secretAccessKey },
    deleteCredentials:
      opened?.deleteAccessKeyId === undefined || opened.deleteSecretAccessKey === undefined
        ? null
        : { accessKeyId: opened.deleteAccessKeyId, secretAccessKey: opened.deleteSecretAccessKey },
    storageId: marker,
    lockOnStore: place.lockOnStore ?? null,
  })
}

function openCredentials(context: Pick<RunContext, 'keys'>, sealed: string, storageId: string): z.output<typeof credentials> {
  return credentials.parse(JSON.parse(openSealed(sealed, requireKeys(context), storageSecretPlace(storageId))))
}
