import { type Kysely, sql } from 'kysely'
import { retentionSettings } from '#lib/domain/retention/settings.ts'
import type { RetentionSettings } from '#lib/domain/retention/types.ts'
import { z } from 'zod'
import { catalogueNow } from './clock.ts'
import type { Catalog } from './schema.ts'

const settingsKey = 'retention'
const pauseKey = 'pruning_paused'

/** What nobody set, or what cannot be read, is as delivered. */
export async function readRetentionSettings(db: Kysely<Catalog>): Promise<RetentionSettings> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', settingsKey).executeTakeFirst()
  const parsed = retentionSettings.safeParse(row?.value ?? {})
  return parsed.success ? parsed.data : retentionSettings.parse({})
}

export async function writeRetentionSettings(db: Kysely<Catalog>, settings: RetentionSettings): Promise<void> {
  const value = JSON.stringify(settings)
  await db
    .insertInto('settings')
    .values({ key: settingsKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, changed_at: sql<Date>`now()` }))
    .execute()
}

/** Nothing is deleted by rule until an admin has looked. `since`: ISO 8601 */
export interface PruningPause {
  since: string
  reason: string
  operationId: string | null
}

const pause = z.object({ since: z.string(), reason: z.string(), operationId: z.string().nullable().default(null) })

/** null: deleting by rule is on. What stands there and cannot be read pauses it too. */
export async function readPruningPause(db: Kysely<Catalog>): Promise<PruningPause | null> {
  const row = await db.selectFrom('settings').select(['value', 'changed_at']).where('key', '=', pauseKey).executeTakeFirst()
  if (row === undefined) return null
  const parsed = pause.safeParse(row.value)
  return parsed.success ? parsed.data : { since: row.changed_at.toISOString(), reason: 'for a reason that cannot be read', operationId: null }
}

/** Also where it is paused already: the newest reason stands. */
export async function pausePruning(db: Kysely<Catalog>, { operationId, reason }: { operationId: string; reason: string }): Promise<void> {
  const value = JSON.stringify({ since: (await catalogueNow(db)).toISOString(), operationId, reason })
  await db
    .insertInto('settings')
    .values({ key: pauseKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, changed_at: sql<Date>`now()` }))
    .execute()
}

/** false: it was not paused. */
export async function endPruningPause(db: Kysely<Catalog>): Promise<boolean> {
  const gone = await db.deleteFrom('settings').where('key', '=', pauseKey).executeTakeFirst()
  return gone.numDeletedRows > 0n
}
