import { type Kysely, sql } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readWatchState } from '#lib/catalog/watch-state.ts'
import { checkStatuses, isCheckKind, isStale } from '#lib/domain/watch/check-kinds.ts'
import type { Gauges } from './gauges.ts'

/** Checks, alerts and channels. A check that was not made in time is unknown, as it is on every screen. */
export async function measureWatch(catalog: Kysely<Catalog>, { gauge }: Gauges): Promise<void> {
  const [now, rounds] = [await catalogueNow(catalog), await readWatchState(catalog)]
  const round = gauge('watch_round_timestamp_seconds', 'When the checks were last made; absent: never')
  if (rounds !== null) round.set(rounds.lastRoundAt.getTime() / 1_000)

  const status = gauge('check_status', '1 for the status that the check has now, 0 for the others', ['kind', 'subject', 'status'])
  const value = gauge('check_value', 'The number that a check was judged by; its unit stands with the kind', ['kind', 'subject'])
  for (const check of await catalog.selectFrom('checks').selectAll().orderBy('kind').orderBy('subject').execute()) {
    if (!isCheckKind(check.kind)) continue
    const stale = isStale(check.kind, check.checked_at, now)
    const labels = { kind: check.kind, subject: check.subject_name }
    for (const one of checkStatuses) status.set({ ...labels, status: one }, one === (stale ? 'unknown' : check.status) ? 1 : 0)
    if (check.value !== null && !stale) value.set(labels, check.value)
  }

  const alerts = gauge('alerts_open', 'Open alerts', ['severity', 'acknowledged'])
  const { rows } = await sql<{ severity: string; acknowledged: boolean; n: number }>`
    SELECT s.severity, a.acknowledged, count(alerts.id)::int AS n
    FROM unnest(array['critical', 'warning']) AS s(severity) CROSS JOIN unnest(array[true, false]) AS a(acknowledged)
    LEFT JOIN alerts ON alerts.resolved_at IS NULL AND alerts.severity = s.severity AND (alerts.acknowledged_at IS NOT NULL) = a.acknowledged
    GROUP BY 1, 2`.execute(catalog)
  for (const row of rows) alerts.set({ severity: row.severity, acknowledged: String(row.acknowledged) }, row.n)

  const works = gauge('channel_works', '1: its last message arrived, 0: it did not; absent: none went by it yet, or it is paused', ['channel'])
  const waiting = gauge('channel_messages_waiting', 'Messages that wait for a channel', ['channel'])
  const channels = await sql<{ name: string; failing: boolean; tried: boolean; paused: boolean; n: number }>`
    SELECT c.name, c.failing_since IS NOT NULL AS failing, c.last_tried_at IS NOT NULL AS tried, c.paused_at IS NOT NULL AS paused,
      (SELECT count(*)::int FROM messages m WHERE m.channel_id = c.id AND m.state = 'waiting') AS n
    FROM channels c WHERE c.removed_at IS NULL ORDER BY c.name`.execute(catalog)
  for (const row of channels.rows) {
    if (row.tried && !row.paused) works.set({ channel: row.name }, row.failing ? 0 : 1)
    waiting.set({ channel: row.name }, row.n)
  }
}
