import { type Kysely, type Selectable, sql } from 'kysely'
import type { ToldKind } from '#lib/domain/watch/compose-alerts.ts'
import type { FinishedOperation } from '#lib/domain/watch/compose-operations.ts'
import type { AlertRow } from './alerts.ts'
import type { Catalog } from './schema.ts'

/** Of the outbox: which events and operations nobody was told of yet. */

export interface EventToTell {
  id: number
  kind: ToldKind
  at: Date
  alertId: string
}

/** Locked until the transaction ends; what another process tells of is passed over. */
export async function lockEventsToTell(trx: Kysely<Catalog>): Promise<EventToTell[]> {
  const { rows } = await sql<EventToTell>`
    SELECT id, kind, at, alert_id AS "alertId" FROM alert_events
    WHERE composed_at IS NULL AND kind IN ('opened', 'worsened', 'resolved') ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED`.execute(trx)
  return rows
}

export async function markEventsTold(trx: Kysely<Catalog>, ids: readonly number[], now: Date): Promise<void> {
  if (ids.length > 0) await trx.updateTable('alert_events').set({ composed_at: now }).where('id', 'in', ids).execute()
}

export async function listAlertsById(db: Kysely<Catalog>, ids: readonly string[]): Promise<AlertRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('alerts').selectAll().where('id', 'in', ids).orderBy('opened_at').orderBy('id').execute()
}

/** Channels that carry messages now. */
export async function listOpenChannels(db: Kysely<Catalog>): Promise<Selectable<Catalog['channels']>[]> {
  return db.selectFrom('channels').selectAll().where('removed_at', 'is', null).where('paused_at', 'is', null).orderBy('name').execute()
}

/** Of these alerts, those whose opening this channel was told of, or is about to be. */
export async function alertsKnownTo(db: Kysely<Catalog>, channelId: string, alertIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    SELECT DISTINCT a.id FROM messages m, unnest(m.alert_ids) AS a(id)
    WHERE m.channel_id = ${channelId} AND m.topic = 'alert' AND m.alert_ids && ${alertIds}::uuid[] AND a.id = ANY (${alertIds}::uuid[])`.execute(db)
  return new Set(rows.map((row) => row.id))
}

/** The message that gathers a storm for this channel and was not tried yet; locked. */
export async function lockStorm(trx: Kysely<Catalog>, channelId: string, now: Date): Promise<{ id: number; alertIds: string[] } | null> {
  const { rows } = await sql<{ id: number; alertIds: string[] }>`
    SELECT id, alert_ids AS "alertIds" FROM messages
    WHERE channel_id = ${channelId} AND state = 'waiting' AND tries = 0 AND next_try_at > ${now} AND dedupe_key LIKE 'storm:%'
    ORDER BY id DESC LIMIT 1 FOR UPDATE`.execute(trx)
  return rows[0] ?? null
}

/** Finished operations that nobody was told of, locked; those that are nobody's news, or older than a day, are marked here. */
export async function lockOperationsToTell(trx: Kysely<Catalog>, kinds: readonly string[], now: Date): Promise<FinishedOperation[]> {
  await sql`
    UPDATE operations SET told_at = ${now}
    WHERE told_at IS NULL AND finished_at IS NOT NULL
      AND (dry_run OR kind <> ALL (${kinds}::text[]) OR finished_at < ${now}::timestamptz - interval '1 day')`.execute(trx)
  const { rows } = await sql<FinishedOperation>`
    SELECT o.id, o.kind, o.title, o.state, o.database_id AS "databaseId", d.name AS "databaseName", o.requested_name AS "requestedName",
      o.started_at AS "startedAt", o.finished_at AS "finishedAt", o.error, o.findings
    FROM operations o LEFT JOIN databases d ON d.id = o.database_id
    WHERE o.told_at IS NULL AND o.finished_at IS NOT NULL ORDER BY o.finished_at LIMIT 200 FOR UPDATE OF o SKIP LOCKED`.execute(trx)
  return rows
}

export async function markOperationsTold(trx: Kysely<Catalog>, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length > 0) await trx.updateTable('operations').set({ told_at: now }).where('id', 'in', ids).execute()
}
