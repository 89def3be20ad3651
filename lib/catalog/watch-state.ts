import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { isAhead } from '#lib/domain/watch/clock-ahead.ts'
import type { Catalog } from './schema.ts'

const settingsKey = 'watch_state'
/** beyond every pause after which rounds count as interrupted */
const longAgoMs = 3_600_000
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

/**
 * Where the last round lies ahead of the clock, it counts as one of long ago, so that the next one is made at once. Of several processes one gets
 * to hear when it was by the clock as it then went; null: it lies not ahead, or another process took it back.
 */
export async function takeBackRounds(trx: Kysely<Catalog>, now: Date): Promise<Date | null> {
  const row = await trx.selectFrom('settings').select('value').where('key', '=', settingsKey).forUpdate().executeTakeFirst()
  const rounds = stored.safeParse(row?.value)
  if (!rounds.success) return null
  const lastRoundAt = new Date(rounds.data.lastRoundAt)
  if (!isAhead(lastRoundAt, now)) return null
  const longAgo = new Date(now.getTime() - longAgoMs)
  await writeWatchState(trx, { lastRoundAt: longAgo, runningSince: longAgo })
  return lastRoundAt
}
