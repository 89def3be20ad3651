import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { makeGauges } from './gauges.ts'
import { measureDatabases } from './of-databases.ts'
import { measureOperations } from './of-operations.ts'
import { measureStorages } from './of-storages.ts'
import { measureWatch } from './of-the-watch.ts'

/** Everything is read from the catalogue at the time of asking, so several web processes tell the same. docs/monitoring.md lists it. */
export async function metricsText(catalog: Kysely<Catalog>): Promise<{ text: string; contentType: string }> {
  const gauges = makeGauges()
  for (const measure of [measureDatabases, measureOperations, measureStorages, measureWatch]) await measure(catalog, gauges)
  return { text: await gauges.registry.metrics(), contentType: gauges.registry.contentType }
}
