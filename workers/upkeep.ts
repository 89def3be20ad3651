import type { Kysely, Transaction } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { keepUpkeepRows, noteUpkeep, takeDueUpkeep } from '#lib/catalog/upkeep.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { log } from '#lib/log.ts'

/** Something that Lifeboat does by itself again and again. Adding one: a file in workers/upkeep/, a line in its tasks.ts. */
export interface UpkeepTask {
  name: string
  /** from one run to the next for the same subject, in milliseconds */
  everyMs: number
  /** after this it is tried again when it could not be enqueued, in milliseconds */
  retryMs: number
  /** ids of what it is done to; one empty text: once for everything */
  subjects(catalog: Kysely<Catalog>): Promise<string[]>
  /**
   * Enqueues what is to be done to the subject, in the transaction that notes that it was; the id of the operation, or null where there is
   * nothing to do now. What is thrown leaves nothing enqueued; it is tried again after `retryMs`.
   */
  enqueue(trx: Transaction<Catalog>, subject: string, now: Date): Promise<string | null>
}

/** A worker that has just started, or a storage that was just added, has other things to do. */
const firstMs = 15 * 60_000

/** One round: whatever is due at `now` (the catalogue's clock) is enqueued, once, however many workers make the round at the same time. Returns how many. */
export async function lookAfterUpkeep(catalog: Kysely<Catalog>, tasks: readonly UpkeepTask[], now: Date): Promise<number> {
  let enqueued = 0
  for (const task of tasks) {
    await keepUpkeepRows(catalog, task.name, await task.subjects(catalog), new Date(now.getTime() + Math.min(firstMs, task.everyMs)))
    for (;;) {
      const row = await takeDueUpkeep(catalog, task.name, now, new Date(now.getTime() + task.retryMs))
      if (row === null) break
      try {
        const operationId = await catalog.transaction().execute(async (trx) => {
          const id = await task.enqueue(trx, row.subject, now)
          await noteUpkeep(trx, row, { at: now, nextAt: new Date(now.getTime() + task.everyMs), operationId: id })
          return id
        })
        if (operationId !== null) enqueued += 1
      } catch (error) {
        log.warn('a task of upkeep waits', { task: task.name, subject: row.subject, reason: asLifeboatError(error).message })
      }
    }
  }
  return enqueued
}
