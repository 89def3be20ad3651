import { type Kysely, sql } from 'kysely'
import { forgetGoneChecks, forgetRemoved, recordChecks } from '#lib/catalog/checks.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readWatchState, type WatchRounds, writeWatchState } from '#lib/catalog/watch-state.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { type CheckResult, checkKinds } from '#lib/domain/watch/check-kinds.ts'
import { log } from '#lib/log.ts'
import { lookAtWatch } from './checks/watch.ts'
import { type Look, looks } from './looks.ts'
import { settleAlerts } from './settle-alerts.ts'

/** Rounds of several processes: one that ended this short a time ago needs no other. */
const restMs = 10_000
const gapMs = 180_000
/** any 64 bits that nothing else locks; who holds it makes the round */
export const roundLock = 7_310_482_115_903_771n

/**
 * One round of the watch: everything that the catalogue tells is looked at, what was seen is kept, and alerts follow. Any number of processes may
 * call it; one makes the round at a time. `now`: the catalogue's clock. Returns null where another process made, or makes, this one.
 */
export async function watchRound(
  catalog: Kysely<Catalog>,
  now: Date,
  { rest = true, all = looks }: { rest?: boolean; all?: readonly Look[] } = {},
): Promise<{ opened: number; resolved: number } | null> {
  const last = await readWatchState(catalog)
  if (rest && last !== null && now.getTime() - last.lastRoundAt.getTime() < restMs) return null
  const runningSince = startOf(last, now)
  const due = runningSince === now ? all : await dueLooks(catalog, all, now)
  const seen = await Promise.all(due.map((look) => attempt(catalog, look, now)))
  return catalog.transaction().execute(async (trx) => {
    const { rows } = await sql<{ mine: boolean }>`SELECT pg_try_advisory_xact_lock(${roundLock.toString()}::bigint) AS mine`.execute(trx)
    if (rows[0]?.mine !== true) return null
    // one that began later and has ended meanwhile saw more
    const latest = await readWatchState(trx)
    if (latest !== null && latest.lastRoundAt > now) return null
    for (const [at, results] of seen.entries()) {
      const look = due[at]
      if (results === null || look === undefined) continue
      await recordChecks(trx, now, results)
      await forgetGoneChecks(trx, look.kinds, results)
    }
    await forgetRemoved(trx)
    // last: whether the others were made in time
    await recordChecks(trx, now, await lookAtWatch(trx, { now, runningSince }))
    const changed = await settleAlerts(trx, now)
    await writeWatchState(trx, { lastRoundAt: now, runningSince })
    return changed
  })
}

/** After an outage everything is old, and that is nobody's fault but the outage's: each check has its time anew, and is made at once. */
function startOf(last: WatchRounds | null, now: Date): Date {
  return last !== null && now.getTime() - last.lastRoundAt.getTime() < gapMs ? last.runningSince : now
}

/** Those that are dear are looked at as often as their kind says, all others in every round. */
async function dueLooks(catalog: Kysely<Catalog>, all: readonly Look[], now: Date): Promise<Look[]> {
  const rare = all.filter((look) => everyMs(look) > 60_000)
  if (rare.length === 0) return [...all]
  const rows = await catalog
    .selectFrom('checks')
    .select((eb) => ['kind', eb.fn.max('checked_at').as('at')])
    .where(
      'kind',
      'in',
      rare.flatMap((look) => look.kinds),
    )
    .groupBy('kind')
    .execute()
  const at = new Map(rows.map((row) => [row.kind, row.at.getTime()]))
  const isDue = (look: Look) => look.kinds.every((kind) => now.getTime() - (at.get(kind) ?? 0) >= everyMs(look))
  return all.filter((look) => everyMs(look) <= 60_000 || isDue(look))
}

function everyMs(look: Look): number {
  return Math.min(...look.kinds.map((kind) => checkKinds[kind].everySeconds)) * 1_000
}

/** One look that cannot be made takes no other along: its results grow stale, which is unknown, and the check of the watch says so. */
async function attempt(catalog: Kysely<Catalog>, look: Look, now: Date): Promise<CheckResult[] | null> {
  try {
    return await look.look(catalog, now)
  } catch (error) {
    log.warn('a check could not be made', { checks: look.kinds.join(' '), reason: asLifeboatError(error).message })
    return null
  }
}
