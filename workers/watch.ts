import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { watchRound } from '#lib/watch/round.ts'
import { tellNews } from '#lib/watch/tell.ts'

/** A worker's round of the watch: look, settle the alerts, and put what follows from them into the outbox. */
export async function watch(catalog: Kysely<Catalog>): Promise<void> {
  const now = await catalogueNow(catalog)
  await watchRound(catalog, now)
  await tellNews(catalog, now)
}
