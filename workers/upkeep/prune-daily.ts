import { readPruningPause } from '#lib/catalog/retention-settings.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { requestPrune } from '#lib/operations/prune/request.ts'
import type { UpkeepTask } from '../upkeep.ts'
import { dayMs, hourMs } from './every.ts'
import { presentStorages } from './present-storages.ts'

/** What the rules let go is deleted once a day on each storage that is there; not while pruning is off. */
export const pruneDaily: UpkeepTask = {
  name: 'prune',
  everyMs: dayMs,
  retryMs: hourMs,
  subjects: presentStorages,
  enqueue: async (trx, storageId) =>
    (await readPruningPause(trx)) === null
      ? (await requestPrune(trx, systemActor, { storageId, databaseId: null, dryRun: false, via: 'system' })).id
      : null,
}
