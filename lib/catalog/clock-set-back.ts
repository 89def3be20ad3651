import { type Kysely, sql } from 'kysely'
import { formatDuration } from '#lib/domain/units.ts'
import { isAhead } from '#lib/domain/watch/clock-ahead.ts'
import { leaseSeconds } from './attempts.ts'
import { catalogueNow } from './clock.ts'
import { claimSeconds } from './messages.ts'
import type { Catalog } from './schema.ts'
import { readHeartbeatState, writeHeartbeatState } from './watch-settings.ts'
import { readWatchState, takeBackRounds } from './watch-state.ts'

/**
 * When the catalogue's clock was set back, everything that was written by the faster one seems to have just happened, or to be due long after it
 * is: looks would be passed over as older than what stands, the dead would seem alive, messages would wait. Times that lie ahead are brought to
 * now, next times come earlier by as much, and what was seen says that it is unknown until it is seen anew. One process does it, the others find
 * it done. Returns by how many seconds; null: it was not set back. Decision 034.
 */
export async function followClock(catalog: Kysely<Catalog>, now: Date): Promise<number | null> {
  const rounds = await readWatchState(catalog)
  if (rounds === null || !isAhead(rounds.lastRoundAt, now)) return null
  // a process that was held up after it had asked for the time is late, and the clock is right
  if (!isAhead(rounds.lastRoundAt, await catalogueNow(catalog))) return null
  return catalog.transaction().execute(async (trx) => {
    const lastRoundAt = await takeBackRounds(trx, now)
    if (lastRoundAt === null) return null
    const seconds = (lastRoundAt.getTime() - now.getTime()) / 1_000
    await forgetWhatWasSeen(trx, now, seconds)
    await bringNextTimesForward(trx, now, seconds)
    await bringPastTimesBack(trx, now)
    return seconds
  })
}

async function forgetWhatWasSeen(trx: Kysely<Catalog>, now: Date, seconds: number): Promise<void> {
  await sql`DELETE FROM check_results WHERE at > ${now}`.execute(trx)
  const words = `The clock of the catalogue was set back by ${formatDuration(seconds)}: since then this was not looked at.`
  await sql`
    WITH unknown AS (
      UPDATE checks SET status = 'unknown', words = ${words}, value = NULL, detail = '{}', since = ${now}, checked_at = ${now}, recorded_at = ${now}
      WHERE checked_at > ${now} RETURNING *
    )
    INSERT INTO check_results (kind, subject, at, status, words) SELECT kind, subject, ${now}, status, words FROM unknown`.execute(trx)
  await sql`UPDATE checks SET since = least(since, ${now}), recorded_at = least(recorded_at, ${now}) WHERE greatest(since, recorded_at) > ${now}`.execute(
    trx,
  )
}

/** A time that was set by the right clock comes too early by it, which costs one look or one try more. */
async function bringNextTimesForward(trx: Kysely<Catalog>, now: Date, seconds: number): Promise<void> {
  const sooner = (column: string) => sql`greatest(${now}::timestamptz, ${sql.ref(column)} - make_interval(secs => ${seconds}))`
  // what these asked is unknown now
  await sql`UPDATE probes SET next_at = ${now} WHERE next_at > ${now}`.execute(trx)
  await sql`UPDATE upkeep SET next_at = ${sooner('next_at')} WHERE next_at > ${now}`.execute(trx)
  await sql`UPDATE copies SET next_try_at = ${sooner('next_try_at')} WHERE next_try_at > ${now}`.execute(trx)
  await sql`UPDATE messages SET next_try_at = ${sooner('next_try_at')} WHERE state = 'waiting' AND next_try_at > ${now}`.execute(trx)
  const claimed = sql`${now}::timestamptz + make_interval(secs => ${claimSeconds})`
  await sql`UPDATE messages SET claimed_until = ${claimed} WHERE state = 'waiting' AND claimed_until > ${claimed}`.execute(trx)
  // whoever lives renews it before it ends
  const leased = sql`${now}::timestamptz + make_interval(secs => ${leaseSeconds})`
  await sql`UPDATE operations SET lease_until = ${leased} WHERE lease_until > ${leased}`.execute(trx)
}

async function bringPastTimesBack(trx: Kysely<Catalog>, now: Date): Promise<void> {
  for (const table of ['workers', 'webs']) {
    await sql`
      UPDATE ${sql.table(table)} SET heartbeat_at = least(heartbeat_at, ${now}), ended_at = least(ended_at, ${now})
      WHERE greatest(heartbeat_at, ended_at) > ${now}`.execute(trx)
  }
  await sql`
    UPDATE alerts SET opened_at = least(opened_at, ${now}), since = least(since, ${now}), seen_at = least(seen_at, ${now}),
      calmer_since = least(calmer_since, ${now}), escalated_at = least(escalated_at, ${now})
    WHERE resolved_at IS NULL AND greatest(opened_at, since, seen_at, calmer_since, escalated_at) > ${now}`.execute(trx)
  await sql`UPDATE messages SET created_at = ${now} WHERE state = 'waiting' AND created_at > ${now}`.execute(trx)
  await sql`UPDATE channels SET failing_since = ${now} WHERE failing_since > ${now}`.execute(trx)
  const beat = await readHeartbeatState(trx)
  const past = (at: string | null) => (at !== null && new Date(at) > now ? now.toISOString() : at)
  const after = { ...beat, lastTriedAt: past(beat.lastTriedAt), lastOkAt: past(beat.lastOkAt), failingSince: past(beat.failingSince) }
  if (JSON.stringify(after) !== JSON.stringify(beat)) await writeHeartbeatState(trx, after)
}
