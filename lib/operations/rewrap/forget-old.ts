import { copyVersions } from '#lib/catalog/copy-versions.ts'
import type { CopyToRewrap } from '#lib/catalog/rewrapping.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { keyObjectMaximumBytes, openKeyObject } from '#lib/engine/seal/backup-key.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import type { KeyObjectFound } from '../run/read-key-objects.ts'
import { record, type Wanted, wantedIds } from './rewrap-copy.ts'

/** nothing: no older key opened it; hidden: the bucket keeps the old objects as older versions, which the old key still opens */
export type Forgotten = 'nothing' | 'forgotten' | 'hidden' | 'locked' | 'held'

/**
 * Leaves one key object, that of the wanted keys: it takes the place of `key`, then the others go, the last first. So there is no gap between
 * their names at any moment, and every moment has one that opens. Kept as it is where a lock or a hold forbids removing anything.
 */
export async function forgetOld(
  context: RunContext,
  driver: StorageDriver,
  copy: CopyToRewrap,
  state: { objects: readonly KeyObjectFound[]; wanted: Wanted },
): Promise<Forgotten> {
  const wanted = wantedIds(state.wanted)
  const best = state.objects.findLast((object) => wanted.every((id) => object.keyIds.includes(id)))
  if (best === undefined) return 'nothing'
  if (state.objects.every((object) => object.keyIds.every((id) => wanted.includes(id))) && state.objects.length === 1) return 'nothing'
  const { signal } = context
  if (copy.kept_by === 'hold') return 'held'
  if (copy.kept_by === 'lock') return 'locked'
  // the storage itself is asked: it may have locked these objects before the catalogue knew of locks there
  for (const object of state.objects) if ((await driver.lock(`${copy.path}/${object.name}`, { signal })) !== null) return 'locked'

  const first = `${copy.path}/key`
  const versions = await copyVersions(context.catalog, copy.id)
  let hidden = false
  if (state.objects[0] !== best) {
    await context.assertCurrent()
    const stored = await driver.putSmall(first, best.bytes, { signal, overwrite: true })
    const readBack = await driver.getSmall(first, { signal, maxBytes: keyObjectMaximumBytes })
    const keys = [state.wanted.newest]
    openKeyObject(readBack, { backupId: copy.backup_id, keys })
    if (stored.version !== null) {
      hidden = true
      if (versions !== null) versions.key = stored.version
    }
    failPoint('rewrap.replaced')
  }
  for (const object of state.objects.slice(1).toReversed()) {
    await context.assertCurrent()
    const removal = await driver.purge(`${copy.path}/${object.name}`, { signal })
    if (removal === 'retained') {
      // a lock that the catalogue did not know of; what is left opens with both
      await record(context, copy, { objects: state.objects, wanted: state.wanted, versions })
      return 'locked'
    }
    hidden ||= removal === 'hidden'
    if (versions !== null) delete versions[object.name]
  }
  if (!(await record(context, copy, { objects: [best], wanted: state.wanted, versions }))) {
    throw new LifeboatError('conflict', 'The copy is being deleted.', 'Nothing more was done with it.')
  }
  return hidden ? 'hidden' : 'forgotten'
}
