import { systemActor } from '#lib/domain/actor.ts'
import { currentKey } from '#lib/catalog/keys.ts'
import { kmsSettings } from '#lib/catalog/kms.ts'
import { countToRewrap } from '#lib/catalog/rewrapping.ts'
import { requestRewrap } from '#lib/operations/rewrap/request.ts'
import type { UpkeepTask } from '../upkeep.ts'
import { dayMs, hourMs } from './every.ts'
import { presentStorages } from './present-storages.ts'

/** After a rotation, or with a new recovery key: copies that were out of reach are sealed anew when their storage is back. */
export const rewrapDaily: UpkeepTask = {
  name: 'rewrap',
  everyMs: dayMs,
  retryMs: hourMs,
  subjects: presentStorages,
  async enqueue(trx, storageId) {
    const [active, recovery, kms] = [await currentKey(trx, 'active'), await currentKey(trx, 'recovery'), await kmsSettings(trx)]
    if (active === null) return null
    const wanted = [active.id, ...(recovery === null ? [] : [recovery.id]), ...(kms === null ? [] : [kms.keyId])]
    if (!(await countToRewrap(trx, wanted)).some((one) => one.storage_id === storageId)) return null
    return (await requestRewrap(trx, systemActor, { storageId, via: 'system' })).operations[0]?.id ?? null
  },
}
