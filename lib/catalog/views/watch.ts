import { type Kysely, sql } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readHeartbeatSettings, readHeartbeatState } from '#lib/catalog/watch-settings.ts'
import { readWatchState } from '#lib/catalog/watch-state.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { isStale } from '#lib/domain/watch/check-kinds.ts'
import { areRoundsStale } from '#lib/domain/watch/rounds.ts'
import type { HeartbeatView, WatchState } from '#lib/domain/watch-views.ts'
import { iso, seenBy } from './scope.ts'

/** When Lifeboat last looked at all, and what is open. People who see some databases only are told of these. */
export async function readWatch(catalog: Kysely<Catalog>, actor: Actor): Promise<WatchState> {
  const all = actor.databaseIds === null
  const [now, rounds, open, checks, channels, heartbeat] = await Promise.all([
    catalogueNow(catalog),
    readWatchState(catalog),
    catalog
      .selectFrom('alerts')
      .select([
        sql<number>`count(*) FILTER (WHERE severity = 'critical' AND acknowledged_at IS NULL)::int`.as('critical'),
        sql<number>`count(*) FILTER (WHERE severity = 'warning' AND acknowledged_at IS NULL)::int`.as('warning'),
        sql<number>`count(*) FILTER (WHERE acknowledged_at IS NOT NULL)::int`.as('acknowledged'),
      ])
      .where('resolved_at', 'is', null)
      .where(seenBy(actor, 'alerts.database_id'))
      .executeTakeFirstOrThrow(),
    catalog.selectFrom('checks').select(['kind', 'status', 'checked_at']).where(seenBy(actor, 'checks.database_id')).execute(),
    catalog
      .selectFrom('channels')
      .select(['name', 'failing_since'])
      .where('removed_at', 'is', null)
      .where('paused_at', 'is', null)
      .orderBy('name')
      .execute(),
    all ? readHeartbeat(catalog, actor) : null,
  ])
  return {
    lastRoundAt: iso(rounds?.lastRoundAt ?? null),
    stale: areRoundsStale(rounds?.lastRoundAt ?? null, now),
    openCritical: open.critical,
    openWarning: open.warning,
    acknowledged: open.acknowledged,
    unknown: checks.filter((one) => one.status === 'unknown' || isStale(one.kind, one.checked_at, now)).length,
    channels: channels.length,
    deadChannels: all ? channels.filter((one) => one.failing_since !== null).map((one) => one.name) : [],
    heartbeat,
  }
}

const withheldForAReason = 'None is sent now, on purpose. Whoever sees every database is told why.'

/**
 * null: no service is told of Lifeboat. Why none is sent is said in the words of a check of everything, which name databases: people who see some
 * only are told that none is sent.
 */
export async function readHeartbeat(catalog: Kysely<Catalog>, actor: Actor): Promise<HeartbeatView | null> {
  const [settings, state] = await Promise.all([readHeartbeatSettings(catalog), readHeartbeatState(catalog)])
  if (settings.urlSealed === null) return null
  const { host, everySeconds, privateAllowed, silentWhileCritical } = settings
  const withheld = state.withheld === null || actor.databaseIds === null ? state.withheld : withheldForAReason
  return { host, everySeconds, privateAllowed, silentWhileCritical, ...state, withheld }
}
