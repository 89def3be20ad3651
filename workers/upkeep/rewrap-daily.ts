import { systemActor } from '#lib/domain/actor.ts'
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
  enqueue: async (trx, storageId) =>
    (await requestRewrap(trx, systemActor, { storageId, whereNeeded: true, via: 'system' })).operations[0]?.id ?? null,
}
