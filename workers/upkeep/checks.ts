import { getDatabase, listDatabases } from '#lib/catalog/databases.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { requestCheck } from '#lib/operations/check/request.ts'
import type { UpkeepTask } from '../upkeep.ts'
import { hourMs, minuteMs } from './every.ts'
import { presentStorages } from './present-storages.ts'

/** Each storage is tried once an hour: whether it still takes and gives back what is stored, and how much room is left. */
export const checkStorages: UpkeepTask = {
  name: 'check_storage',
  everyMs: hourMs,
  retryMs: 15 * minuteMs,
  subjects: presentStorages,
  enqueue: async (trx, storageId) => (await requestCheck(trx, systemActor, { input: { of: 'storage', storageId }, via: 'system' })).id,
}

/** Each database is asked once an hour whether it can be reached, unless somebody just did. */
export const checkDatabases: UpkeepTask = {
  name: 'check_database',
  everyMs: hourMs,
  retryMs: 15 * minuteMs,
  subjects: async (catalog) => (await listDatabases(catalog)).filter((database) => database.username !== '').map((database) => database.id),
  async enqueue(trx, databaseId, now) {
    const checkedAt = (await getDatabase(trx, databaseId))?.checked_at ?? null
    if (checkedAt !== null && checkedAt.getTime() > now.getTime() - 30 * minuteMs) return null
    return (await requestCheck(trx, systemActor, { input: { of: 'database', databaseId }, via: 'system' })).id
  },
}
