import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { backupIdOf, keyObjectMaximumBytes, openBackupKey } from '#lib/engine/seal/backup-key.ts'
import { manifestMaximumBytes, manifestSha256, openManifest } from '#lib/engine/seal/manifest.ts'
import { requireKeys } from './connection-for.ts'
import type { CopyReader } from './pinned.ts'
import type { RunContext } from '../run-context.ts'

/** A storage that answers for ever must not keep us for ever. */
const maximumRotations = 1000

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
export async function openCopy(context: RunContext, driver: CopyReader, place: { path: string; backupId: string | null }): Promise<OpenedCopy> {
  const keys = requireKeys(context)
  const { signal } = context
  const { backupId, backupKey, bytesRead } = await openKey(driver, place, { kek: keys.kek, signal })
  const sealed = await driver.getSmall(`${place.path}/manifest`, { signal, maxBytes: manifestMaximumBytes }).catch((error: unknown) => {
    if (!(error instanceof LifeboatError && error.code === 'missing')) throw error
    throw new LifeboatError('missing', 'The manifest is gone, so this copy does not exist.', 'Use another copy of this backup.', { cause: error })
  })
  const expected = { backupKey, backupId, signingPublicPem: keys.signing.publicKeyPem, expectedPath: place.path }
  const manifest = await openManifest(sealed, expected).catch((error: unknown) => {
    // the key object gave the key and names this backup: the key is right, the manifest is not
    if (!(error instanceof LifeboatError && error.code === 'wrong_key')) throw error
    throw new LifeboatError('corrupt', 'The manifest belongs to another backup, or is damaged.', 'Use another copy of this backup.', { cause: error })
  })
  return { backupKey, manifest, manifestSha256: manifestSha256(sealed), bytesRead: bytesRead + sealed.length }
}

/** `key`, or the first of `key_2`, `key_3`, … (each rotation of the master key adds one) that this machine's key opens. */
async function openKey(
  driver: CopyReader,
  place: { path: string; backupId: string | null },
  options: { kek: Buffer; signal: AbortSignal },
): Promise<{ backupId: string; backupKey: Buffer; bytesRead: number }> {
  const { kek, signal } = options
  let bytesRead = 0
  let refused: unknown = null
  for (let rotation = 1; rotation <= maximumRotations; rotation++) {
    const name = rotation === 1 ? 'key' : `key_${rotation}`
    try {
      const object = await driver.getSmall(`${place.path}/${name}`, { signal, maxBytes: keyObjectMaximumBytes })
      bytesRead += object.length
      const backupId = place.backupId ?? backupIdOf(object)
      return { backupId, backupKey: openBackupKey(object, { backupId, kek }), bytesRead }
    } catch (error) {
      const code = error instanceof LifeboatError ? error.code : null
      // the last object says which key it would have taken
      if (code === 'missing') throw refused ?? error
      if (code !== 'wrong_key') throw error
      refused = error
    }
  }
  throw refused
}
