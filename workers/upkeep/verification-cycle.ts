import { getStorage } from '#lib/catalog/storages.ts'
import { cycleBytes, cycleIsAtWork, listCycleCopies } from '#lib/catalog/verification-cycle.ts'
import { verificationSettings } from '#lib/catalog/verification-settings.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { dueForVerification } from '#lib/domain/verification-cycle.ts'
import { requestVerify } from '#lib/operations/verify/request.ts'
import type { UpkeepTask } from '../upkeep.ts'
import { dayMs, minuteMs } from './every.ts'
import { presentStorages } from './present-storages.ts'

const everyMs = 15 * minuteMs

/**
 * Everything that is stored is read back in full again and again. Few are enqueued at a time, and none while the last ones of that storage
 * are still at work: a backup that is due must find a free worker.
 */
export const verificationCycle: UpkeepTask = {
  name: 'verify',
  everyMs,
  retryMs: everyMs,
  subjects: presentStorages,
  async enqueue(trx, storageId, now) {
    // what cannot be reached now says nothing about its bytes
    if ((await getStorage(trx, storageId))?.reachable === false || (await cycleIsAtWork(trx, storageId))) return null
    const copies = await listCycleCopies(trx, storageId)
    const settings = await verificationSettings(trx)
    const due = dueForVerification({ copies, now, settings, ticksPerDay: dayMs / everyMs, readBytes: await cycleBytes(trx, storageId) })
    const backupOf = new Map(copies.map((copy) => [copy.id, copy.backupId]))
    let last: string | null = null
    for (const copyId of due) {
      const backupId = backupOf.get(copyId)
      if (backupId === undefined) continue
      last = (await requestVerify(trx, systemActor, { backupId, copyIds: [copyId], cycleOf: storageId, via: 'system' })).id
    }
    return last
  },
}
