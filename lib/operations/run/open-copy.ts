import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { backupIdOf, keyObjectMaximumBytes, openBackupKey } from '#lib/engine/seal/backup-key.ts'
import { manifestMaximumBytes, manifestSha256, openManifest } from '#lib/engine/seal/manifest.ts'
import { buffer } from 'node:stream/consumers'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { requireKeys } from './connection-for.ts'
import type { RunContext } from '../run-context.ts'

export interface OpenedCopy {
  backupKey: Buffer
  manifest: Manifest
  manifestSha256: string
  /** of key object and manifest */
  bytesRead: number
}

/**
 * Opens a copy's key and manifest: the first step of every reading. Everything is authenticated before it is believed.
 * `backupId` null: whatever lies at this path (a rebuild). Throws `missing`, `corrupt`, `wrong_key`, `key_missing`.
 */
export async function openCopy(context: RunContext, driver: StorageDriver, place: { path: string; backupId: string | null }): Promise<OpenedCopy> {
  const keys = requireKeys(context)
  const { signal } = context
  const keyObject = await driver.getSmall(`${place.path}/key`, { signal, maxBytes: keyObjectMaximumBytes })
  const backupId = place.backupId ?? backupIdOf(keyObject)
  const backupKey = openBackupKey(keyObject, { backupId, kek: keys.kek })
  const head = await driver.head(`${place.path}/manifest`, { signal })
  if (head === null) throw new LifeboatError('missing', 'The manifest is gone, so this copy does not exist.', 'Use another copy of this backup.')
  if (head.bytes > manifestMaximumBytes)
    throw new LifeboatError('corrupt', 'The manifest is larger than a manifest can be.', 'Use another copy of this backup.')
  const sealed = await buffer(await driver.get(`${place.path}/manifest`, { signal }))
  const manifest = await openManifest(sealed, { backupKey, backupId, signingPublicPem: keys.signing.publicKeyPem, expectedPath: place.path })
  return { backupKey, manifest, manifestSha256: manifestSha256(sealed), bytesRead: keyObject.length + sealed.length }
}
