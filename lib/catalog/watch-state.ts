import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Catalog } from './schema.ts'

const settingsKey = 'watch_state'
const stored = z.object({ lastRoundAt: z.iso.datetime(), runningSince: z.iso.datetime() })

export interface WatchRounds {
  /** when the last round ended */
  lastRoundAt: Date
  /** rounds have followed each other without a gap since then */
  runningSince: Date
}

/** null: there never was one. */
export async function readWatchState(db: Kysely<Catalog>): Promise<WatchRounds | null> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', settingsKey).executeTakeFirst()
  const parsed = stored.safeParse(row?.value)
  return parsed.success ? { lastRoundAt: new Date(parsed.data.lastRoundAt), runningSince: new Date(parsed.data.runningSince) } : null
}

export async function writeWatchState(db: Kysely<Catalog>, rounds: WatchRounds): Promise<void> {
  const value = JSON.stringify({ lastRoundAt: rounds.lastRoundAt.toISOString(), runningSince: rounds.runningSince.toISOString() })
  await db
    .insertInto('settings')
    .values({ key: settingsKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value, changed_at: sql<Date>`now()` }))
    .execute()
}
