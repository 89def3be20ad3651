import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { listCopiesToMake, noteCopyTry } from '#lib/catalog/copies-to-make.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { nextCopyTry } from '#lib/domain/copy-retry.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { mayLieOn } from '#lib/domain/residency.ts'
import { requestCopy } from '#lib/operations/copy/request.ts'
import type { UpkeepTask } from '../upkeep.ts'
import { minuteMs } from './every.ts'

/** Few at a time: a backup that is due must find a free worker. */
const atOnce = 8

/** Enqueues copies that wait or failed and can be made now, each from a good copy. Returns how many. */
export async function enqueueDueCopies(catalog: Kysely<Catalog>): Promise<number> {
  return (await enqueueCopiesDue(catalog, await catalogueNow(catalog))).length
}

/** The ids of the operations. */
export async function enqueueCopiesDue(catalog: Kysely<Catalog>, now: Date): Promise<string[]> {
  const presentIds = [...new Set((await listLiveWorkers(catalog)).flatMap((worker) => worker.storage_ids))]
  const enqueued: string[] = []
  for (const due of await listCopiesToMake(catalog, { now, presentIds, limit: atOnce })) {
    // before it is asked for: what cannot be asked for now is not asked for again at once
    await noteCopyTry(catalog, due.copyId, nextCopyTry(due.tries, now))
    if (!mayLieOn(due.allowedRegions, due.region)) continue
    try {
      const { id } = await requestCopy(catalog, systemActor, { backupId: due.backupId, storageId: due.storageId, via: 'system' })
      if (id !== null) enqueued.push(id)
    } catch (error) {
      // its sources went, or somebody was faster
      if (!(error instanceof LifeboatError)) throw error
    }
  }
  return enqueued
}

/** Copies that wait for a medium, or failed, are made from a good one as soon as their storage is there; each with longer and longer waits. */
export const dueCopies: UpkeepTask = {
  name: 'copy',
  everyMs: minuteMs,
  retryMs: minuteMs,
  subjects: async () => [''],
  enqueue: async (trx, _subject, now) => (await enqueueCopiesDue(trx, now)).at(-1) ?? null,
}
