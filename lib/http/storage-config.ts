import type { StorageConfig } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { NewStorageInput } from '#lib/domain/inputs.ts'

/** What of a typed storage is no secret. */
export function configOf(input: NewStorageInput): StorageConfig {
  if (input.kind === 'local') return { path: input.path }
  const { bucket, endpoint, region, prefix, pathStyle, checksumWhenRequired } = input
  return { bucket, region, prefix, pathStyle, checksumWhenRequired, ...(endpoint === undefined ? {} : { endpoint }) }
}

/** The secret part, as JSON to be sealed; null: it has none. */
export function secretOf(input: NewStorageInput): string | null {
  if (input.kind === 'local') return null
  const { accessKeyId, secretAccessKey, deleteAccessKeyId, deleteSecretAccessKey } = input
  if ((deleteAccessKeyId === undefined) !== (deleteSecretAccessKey === undefined))
    throw new LifeboatError('usage', 'Give the access key for deleting and its secret together.', 'Nothing was tried.')
  return JSON.stringify({ accessKeyId, secretAccessKey, deleteAccessKeyId, deleteSecretAccessKey })
}
