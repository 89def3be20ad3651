import type { Kysely, Selectable } from 'kysely'
import type { CheckRow } from './checks.ts'
import type { Catalog } from './schema.ts'

export type AlertRow = Selectable<Catalog['alerts']>
export type AlertEventKind = Catalog['alert_events']['kind']

/** Locked, so that an acknowledgement that comes meanwhile waits for what settling makes of them. */
export async function lockOpenAlerts(db: Kysely<Catalog>): Promise<AlertRow[]> {
  return db.selectFrom('alerts').selectAll().where('resolved_at', 'is', null).orderBy('id').forUpdate().execute()
}

/** Of open critical alerts: when each became critical last. One that is not named opened as such. */
export async function criticalSince(db: Kysely<Catalog>, alertIds: readonly string[]): Promise<Map<string, Date>> {
  if (alertIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('alert_events')
    .select((eb) => ['alert_id', eb.fn.max('at').as('at')])
    .where('alert_id', 'in', alertIds)
    .where('kind', '=', 'worsened')
    .groupBy('alert_id')
    .execute()
  return new Map(rows.map((row) => [row.alert_id, row.at]))
}

export async function insertAlert(db: Kysely<Catalog>, check: CheckRow, severity: AlertRow['severity'], now: Date): Promise<AlertRow> {
  return db
    .insertInto('alerts')
    .values({
      kind: check.kind,
      subject: check.subject,
      subject_name: check.subject_name,
      database_id: check.database_id,
      storage_id: check.storage_id,
      severity,
      words: check.words,
      detail: JSON.stringify(check.detail),
      opened_at: now,
      since: check.since,
      seen_at: check.checked_at,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function updateAlert(
  db: Kysely<Catalog>,
  id: string,
  change: Partial<
    Pick<
      AlertRow,
      | 'severity'
      | 'words'
      | 'seen_at'
      | 'calmer_since'
      | 'flaps'
      | 'resolved_at'
      | 'resolution'
      | 'acknowledged_at'
      | 'acknowledged_by'
      | 'acknowledged_name'
      | 'acknowledged_note'
      | 'silenced_until'
      | 'silenced_name'
      | 'silenced_reason'
      | 'escalated_level'
      | 'escalated_at'
    >
  > & { detail?: string },
): Promise<void> {
  await db.updateTable('alerts').set(change).where('id', '=', id).execute()
}

/** `told` false: it stands in the alert's history, and nobody is told of it. */
export async function insertAlertEvent(
  db: Kysely<Catalog>,
  event: { alertId: string; at: Date; kind: AlertEventKind; words: string; actorName?: string; told: boolean },
): Promise<void> {
  await db
    .insertInto('alert_events')
    .values({
      alert_id: event.alertId,
      at: event.at,
      kind: event.kind,
      words: event.words,
      ...(event.actorName === undefined ? {} : { actor_name: event.actorName }),
      composed_at: event.told ? null : event.at,
    })
    .execute()
}
