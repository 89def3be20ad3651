import { copyVersions, recordVersions, type Versions } from '#lib/catalog/copy-versions.ts'
import type { KmsSettings } from '#lib/engine/seal/kms.ts'
import { type CopyToRewrap, recordOpeners } from '#lib/catalog/rewrapping.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Finding } from '#lib/domain/plan.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { keyIdsOf, keyObjectMaximumBytes, openKeyObject, sealBackupKey } from '#lib/engine/seal/backup-key.ts'
import type { DerivedKeys } from '#lib/engine/seal/keys.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import { openCopy } from '../run/open-copy.ts'
import { keyObjectName } from '../run/open-copy-key.ts'
import { type CopyReader, pinnedReader } from '../run/pinned.ts'
import { type KeyObjectFound, openersAmong, readKeyObjects } from '../run/read-key-objects.ts'
import { wrapByKms } from '../run/wrap-by-kms.ts'
import type { RunContext } from '../run-context.ts'

/** The keys that every copy is to open with. */
export interface Wanted {
  newest: DerivedKeys
  recovery: { id: string; publicPem: string } | null
  kms: KmsSettings | null
}

export function wantedIds(wanted: Wanted): string[] {
  return [wanted.newest.keyId, ...(wanted.recovery === null ? [] : [wanted.recovery.id]), ...(wanted.kms === null ? [] : [wanted.kms.keyId])]
}

export interface Rewrapped {
  /** gone: the copy is being deleted, and what was added was taken away again */
  did: 'added' | 'nothing' | 'gone'
  objects: KeyObjectFound[]
  kmsFinding: Finding | null
}

/**
 * Adds the next key object beside those of a copy, unless one is there that all wanted keys open. Nothing that is there is changed, so a death
 * at any moment leaves a copy that opens as before; repeating it adds nothing twice. Throws what `openCopy` throws.
 */
export async function rewrapCopy(context: RunContext, driver: StorageDriver, copy: CopyToRewrap, wanted: Wanted): Promise<Rewrapped> {
  const versions = await copyVersions(context.catalog, copy.id)
  const reader: CopyReader = versions === null ? driver : pinnedReader(driver, versions, { orCurrent: true })
  const objects = await readKeyObjects(context, reader, copy.path)
  const complete = objects.find((object) => wantedIds(wanted).every((id) => object.keyIds.includes(id)))
  if (complete !== undefined) {
    // what it says of itself is believed once it opened
    openKeyObject(complete.bytes, { backupId: copy.backup_id, keys: [wanted.newest] })
    const recorded = await record(context, copy, { objects, wanted, versions: null })
    return { did: recorded ? 'nothing' : 'gone', objects, kmsFinding: null }
  }

  const opened = await openCopy(context, reader, { path: copy.path, backupId: copy.backup_id })
  const { backupKey, signer } = opened
  const { kms, finding } = await wrapByKms(context, backupKey, { backupId: copy.backup_id, signer, settings: wanted.kms })
  if (kms === null && wanted.kms !== null && openedBy(objects, [wanted.newest.keyId, wanted.recovery?.id])) {
    // only what KMS would have added is missing
    await record(context, copy, { objects, wanted, versions: null })
    return { did: 'nothing', objects, kmsFinding: finding }
  }
  const bytes = sealBackupKey(backupKey, {
    backupId: copy.backup_id,
    kek: wanted.newest.kek,
    keyId: wanted.newest.keyId,
    recoveryPublicPem: wanted.recovery?.publicPem ?? null,
    vouches: { signer, manifestSha256: opened.manifestSha256 },
    kms,
  })
  const name = keyObjectName(objects.length + 1)
  const key = `${copy.path}/${name}`
  await context.assertCurrent()
  const stored = await driver.putSmall(key, bytes, { signal: context.signal, overwrite: false })
  failPoint('rewrap.written')
  const readBack = await driver.getSmall(key, { signal: context.signal, maxBytes: keyObjectMaximumBytes })
  if (!openKeyObject(readBack, { backupId: copy.backup_id, keys: [wanted.newest] }).backupKey.equals(backupKey))
    throw new LifeboatError('corrupt', `${key} does not read back as it was written.`, 'The older key objects were left as they are.')
  objects.push({ name, bytes, keyIds: keyIdsOf(bytes) })
  const known = versions !== null && stored.version !== null ? { ...versions, [name]: stored.version } : null
  const recorded = await record(context, copy, { objects, wanted, versions: known })
  if (!recorded) await driver.remove(key, { signal: context.signal })
  failPoint('rewrap.recorded')
  return { did: recorded ? 'added' : 'gone', objects, kmsFinding: finding }
}

function openedBy(objects: readonly KeyObjectFound[], ids: readonly (string | undefined)[]): boolean {
  return ids.every((id) => id === undefined || objects.some((object) => object.keyIds.includes(id)))
}

/** Which keys open the copy, and which version holds the new object. false: the copy is not readable any more. */
export async function record(
  context: RunContext,
  copy: CopyToRewrap,
  state: { objects: readonly KeyObjectFound[]; wanted: Wanted; versions: Versions | null },
): Promise<boolean> {
  await context.assertCurrent()
  const keyIds = openersAmong(state.objects)
  return context.catalog.transaction().execute(async (trx) => {
    const recorded = await recordOpeners(trx, copy.id, { keyIds, newest: state.wanted.newest.keyId })
    if (recorded && state.versions !== null) await recordVersions(trx, copy.id, state.versions)
    return recorded
  })
}
