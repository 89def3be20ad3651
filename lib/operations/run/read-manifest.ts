import { LifeboatError } from '#lib/domain/errors.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { backupIdOf, keyObjectMaximumBytes, openBackupKey } from '#lib/engine/seal/backup-key.ts'
import type { DerivedKeys } from '#lib/engine/seal/keys.ts'
import { manifestMaximumBytes, manifestSha256, openManifest } from '#lib/engine/seal/manifest.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'

/** What opens a copy: its manifest, authenticated, and the key of its entries. */
export interface OpenedManifest {
  manifest: Manifest
  backupKey: Buffer
  sha256: string
}

/**
 * Reads and opens the manifest of the copy at `path`. `backupId`: what the catalogue expects; null: whatever the key object claims,
 * which the manifest must then confirm. Throws `missing` (no manifest: no copy), `corrupt`, `wrong_key`.
 */
export async function readManifest(
  driver: StorageDriver,
  options: { path: string; backupId: string | null; keys: DerivedKeys; signal: AbortSignal },
): Promise<OpenedManifest> {
  const { path, keys, signal } = options
  const bytes = await driver.getSmall(`${path}/manifest`, { signal, maxBytes: manifestMaximumBytes })
  const keyObjects = await readKeyObjects(driver, path, signal)
  const backupId = options.backupId ?? backupIdOf(keyObjects[0] ?? Buffer.alloc(0))
  const backupKey = openAny(keyObjects, backupId, keys)
  const manifest = await openManifest(bytes, { backupKey, backupId, signingPublicPem: keys.signing.publicKeyPem, expectedPath: path })
  return { manifest, backupKey, sha256: manifestSha256(bytes) }
}

/** `key`, and `key_2`, `key_3`, … that rotations added; the newest first. */
async function readKeyObjects(driver: StorageDriver, path: string, signal: AbortSignal): Promise<Buffer[]> {
  const found: { rotation: number; key: string }[] = []
  for await (const { key } of driver.list(`${path}/key`, { signal })) {
    const name = key.slice(path.length + 1)
    if (name === 'key') found.push({ rotation: 1, key })
    else if (/^key_[1-9]\d{0,5}$/.test(name)) found.push({ rotation: Number(name.slice(4)), key })
  }
  if (found.length === 0) throw new LifeboatError('missing', `${path} has no key object.`, 'Use another copy of this backup.')
  found.sort((a, b) => b.rotation - a.rotation)
  return Promise.all(found.slice(0, 100).map(({ key }) => driver.getSmall(key, { signal, maxBytes: keyObjectMaximumBytes })))
}

/** The first key object that opens; a wrong key in one of them is no reason to give up the others. */
function openAny(objects: readonly Buffer[], backupId: string, keys: DerivedKeys): Buffer {
  let problem: unknown = new LifeboatError('missing', 'This backup has no key object.')
  for (const object of objects) {
    try {
      return openBackupKey(object, { backupId, kek: keys.kek })
    } catch (error) {
      problem = error
    }
  }
  throw problem
}
