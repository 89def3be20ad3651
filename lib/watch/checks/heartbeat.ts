import { type Kysely, sql } from 'kysely'
import { readHeartbeatSettings, readHeartbeatState } from '#lib/catalog/watch-settings.ts'
import { readWatchState } from '#lib/catalog/watch-state.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { aliveSeconds } from '#lib/catalog/workers.ts'
import { formatDuration, formatUtc } from '#lib/domain/units.ts'
import type { CheckResult, CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import { heartbeatOverdueMs } from '#lib/domain/watch/heartbeat.ts'
import { seenOfInstallation } from '#lib/domain/watch/result.ts'
import { areRoundsStale } from '#lib/domain/watch/rounds.ts'

const failingMs = 10 * 60_000
/** one that was begun this short a time ago may be under way */
const underWayMs = 120_000

/** Whether the service that watches Lifeboat from outside hears of it; no row where none is set up. */
export async function lookAtHeartbeat(catalog: Kysely<Catalog>, now: Date): Promise<CheckResult[]> {
  const [settings, state] = await Promise.all([readHeartbeatSettings(catalog), readHeartbeatState(catalog)])
  if (settings.urlSealed === null) return []
  const seen = (status: CheckStatus, words: string) => [seenOfInstallation('heartbeat', { status, words })]
  const failing = state.failingSince === null ? 0 : now.getTime() - Date.parse(state.failingSince)
  if (failing > failingMs) {
    return seen('warning', `${settings.host} was not reached for ${formatDuration(failing / 1000)}. ${state.problem ?? 'It does not answer.'}`)
  }
  const senders = await readSenders(catalog, now)
  const limit = heartbeatOverdueMs(settings)
  const since = state.lastOkAt === null ? senders.setAt : new Date(state.lastOkAt)
  const isOverdue = now.getTime() - since.getTime() > limit
  // the reason is that of the last cycle which could have sent one
  if (state.withheld !== null && (senders.withKey > 0 || !isOverdue)) return seen('unknown', `None is sent now: ${state.withheld}`)
  if (isOverdue) {
    const words = `None was sent to ${settings.host} since ${formatUtc(since)}`
    if (senders.alive === 0) return seen('unknown', `${words}: no worker is alive.`)
    const underWay = state.lastTriedAt !== null && now.getTime() - Date.parse(state.lastTriedAt) < underWayMs
    if (underWay || now.getTime() - Math.max(since.getTime(), senders.since.getTime()) <= limit) {
      return seen('unknown', `${words}; a worker is there again, and the next one is due.`)
    }
    return seen('warning', `${words}${senders.withKey === 0 ? ': no worker that is alive holds a key.' : ', although a worker is alive.'}`)
  }
  if (state.lastOkAt === null) return seen('unknown', `Nothing was sent to ${settings.host} yet.`)
  return seen('ok', `${settings.host} heard of Lifeboat.`)
}

interface Senders {
  alive: number
  /** the address opens with the key alone */
  withKey: number
  /** since when one could have been sent: rounds follow each other, and a worker lives */
  since: Date
  /** when the heartbeat was set */
  setAt: Date
}

async function readSenders(catalog: Kysely<Catalog>, now: Date): Promise<Senders> {
  const [{ rows }, rounds] = await Promise.all([
    sql<{ alive: number; withKey: number; started: Date | null; setAt: Date | null }>`
      SELECT count(*)::int AS alive, count(sealing_key)::int AS "withKey", min(started_at) AS started,
        (SELECT changed_at FROM settings WHERE key = 'heartbeat') AS "setAt"
      FROM workers WHERE ended_at IS NULL AND heartbeat_at > ${now}::timestamptz - make_interval(secs => ${aliveSeconds})`.execute(catalog),
    readWatchState(catalog),
  ])
  const { alive, withKey, started, setAt } = rows[0] ?? { alive: 0, withKey: 0, started: null, setAt: null }
  const running = rounds === null || areRoundsStale(rounds.lastRoundAt, now) ? now : rounds.runningSince
  return { alive, withKey, since: new Date(Math.max(running.getTime(), (started ?? now).getTime())), setAt: setAt ?? now }
}
