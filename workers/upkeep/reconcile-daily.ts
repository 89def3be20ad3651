import { systemActor } from '#lib/domain/actor.ts'
import { requestReconcile } from '#lib/operations/reconcile/request.ts'
import type { UpkeepTask } from '../upkeep.ts'
import { dayMs, hourMs } from './every.ts'
import { presentStorages } from './present-storages.ts'

/** Each storage is held against the catalogue once a day; one that is absent is not asked before it is back. */
export const reconcileDaily: UpkeepTask = {
  name: 'reconcile',
  everyMs: dayMs,
  retryMs: hourMs,
  subjects: presentStorages,
  enqueue: async (trx, storageId) => (await requestReconcile(trx, systemActor, { storageId, via: 'system' })).id,
}
