import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { watchRound } from '#lib/watch/round.ts'

/** A worker's round of the watch: look, settle the alerts, and what follows from them. */
export async function watch(catalog: Kysely<Catalog>): Promise<void> {
  await watchRound(catalog, await catalogueNow(catalog))
}
