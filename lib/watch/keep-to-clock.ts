import type { Kysely } from 'kysely'
import { followClock } from '#lib/catalog/clock-set-back.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { log } from '#lib/log.ts'

/** First in every round: what the clock says decides everything after it. */
export async function keepToClock(catalog: Kysely<Catalog>, now: Date): Promise<void> {
  const seconds = await followClock(catalog, now)
  if (seconds !== null) log.warn('the clock of the catalogue was set back: everything is looked at anew', { seconds: Math.round(seconds) })
}
