import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { manifestMaximumBytes, manifestSha256, openManifest } from '#lib/engine/seal/manifest.ts'
import type { RunContext } from '../run-context.ts'
import { openCopyKey } from './open-copy-key.ts'
import type { CopyReader } from './pinned.ts'

export interface OpenedCopy {
  backupKey: Buffer
  manifest: Manifest
  manifestSha256: string
  /** of key object and manifest */
  bytesRead: number
  /** the key that opened it */
  keyId: string
  /** the raw public key that signed its manifest */
  signer: string
}

/**
 * Opens a copy's key and manifest: the first step of every reading. Everything is authenticated before it is believed.
 * `backupId` null: whatever lies at this path (a rebuild). Throws `missing`, `corrupt`, `wrong_key`, `key_missing`.
 */
export async function openCopy(context: RunContext, driver: CopyReader, place: { path: string; backupId: string | null }): Promise<OpenedCopy> {
  const { signal } = context
  const key = await openCopyKey(context, driver, place)
  const sealed = await driver.getSmall(`${place.path}/manifest`, { signal, maxBytes: manifestMaximumBytes }).catch((error: unknown) => {
    if (!(error instanceof LifeboatError && error.code === 'missing')) throw error
    throw new LifeboatError('missing', 'The manifest is gone, so this copy does not exist.', 'Use another copy of this backup.', { cause: error })
  })
  const sha256 = manifestSha256(sealed)
  if (key.vouched !== null && key.vouched !== sha256) {
    const message = 'The manifest is not the one that was there when its key was sealed anew.'
    throw new LifeboatError('corrupt', message, 'Use another copy of this backup.')
  }
  const expected = { backupKey: key.backupKey, backupId: key.backupId, signingPublicPem: key.signerPem, expectedPath: place.path }
  const manifest = await openManifest(sealed, expected).catch((error: unknown) => {
    // the key object gave the key and names this backup: the key is right, the manifest is not
    if (!(error instanceof LifeboatError && error.code === 'wrong_key')) throw error
    throw new LifeboatError('corrupt', 'The manifest belongs to another backup, or is damaged.', 'Use another copy of this backup.', { cause: error })
  })
  const { backupKey, keyId, signer } = key
  return { backupKey, manifest, manifestSha256: sha256, bytesRead: key.bytesRead + sealed.length, keyId, signer }
}
