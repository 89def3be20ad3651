import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'

/**
 * Ids of the storages that can be worked on. An offline medium counts only while a living worker sees it, because its absence is no fault.
 * An online one always counts: that it cannot be reached has to be said, again and again.
 */
export async function presentStorages(catalog: Kysely<Catalog>): Promise<string[]> {
  const seen = new Set((await listLiveWorkers(catalog)).flatMap((worker) => worker.storage_ids))
  return (await listStorages(catalog)).filter((storage) => storage.medium === 'online' || seen.has(storage.id)).map((storage) => storage.id)
}
