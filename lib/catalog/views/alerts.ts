import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { criticalSince } from '#lib/catalog/alerts.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { listContacts } from '#lib/catalog/contacts.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readEscalation } from '#lib/catalog/watch-settings.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { Page } from '#lib/domain/views.ts'
import { checkKinds } from '#lib/domain/watch/check-kinds.ts'
import { nextEscalation } from '#lib/domain/watch/escalation.ts'
import { remedyOf } from '#lib/domain/watch/remedies.ts'
import type { AlertDetail, AlertView } from '#lib/domain/watch-views.ts'
import { afterCursor, cursorTime, pageOf } from './cursor.ts'
import { isUuid, iso, notFound, seenBy } from './scope.ts'

export const alertFilters = z.object({
  /** default: all of them */
  state: z.enum(['open', 'acknowledged', 'resolved']).optional(),
  databaseId: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
})
export type AlertFilters = z.input<typeof alertFilters>

/** Newest first. `acknowledged`: somebody took it on, and it is open still. */
export async function listAlerts(catalog: Kysely<Catalog>, actor: Actor, filters: AlertFilters = {}): Promise<Page<AlertView>> {
  const { limit, cursor, state, databaseId } = alertFilters.parse(filters)
  let query = selectAlerts(catalog)
    .where(seenBy(actor, 'alerts.database_id'))
    .where(afterCursor(cursor, 'alerts', 'opened_at'))
  if (databaseId !== undefined) query = query.where('alerts.database_id', '=', databaseId)
  if (state === 'open') query = query.where('alerts.resolved_at', 'is', null).where('alerts.acknowledged_at', 'is', null)
  if (state === 'acknowledged') query = query.where('alerts.resolved_at', 'is', null).where('alerts.acknowledged_at', 'is not', null)
  if (state === 'resolved') query = query.where('alerts.resolved_at', 'is not', null)
  const [rows, now] = await Promise.all([
    query
      .orderBy('alerts.opened_at', 'desc')
      .orderBy('alerts.id', 'desc')
      .limit(limit + 1)
      .execute(),
    catalogueNow(catalog),
  ])
  return pageOf(rows, limit, (row) => viewOf(row, now))
}

/** Open alerts, worst first: those that nobody has taken on, critical before warning, oldest first. */
export async function worstAlerts(catalog: Kysely<Catalog>, actor: Actor, limit: number): Promise<AlertView[]> {
  const [rows, now] = await Promise.all([
    selectAlerts(catalog)
      .where('alerts.resolved_at', 'is', null)
      .where(seenBy(actor, 'alerts.database_id'))
      .orderBy(sql`alerts.acknowledged_at IS NOT NULL`)
      .orderBy(sql`alerts.severity = 'warning'`)
      .orderBy('alerts.opened_at')
      .orderBy('alerts.id')
      .limit(limit)
      .execute(),
    catalogueNow(catalog),
  ])
  return rows.map((row) => viewOf(row, now))
}

/** what comes and goes for weeks has thousands */
const eventsShown = 200

/** With its newest history and how much of it is older, who was told, and who comes next. */
export async function readAlert(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<AlertDetail> {
  if (!isUuid(id)) throw notFound('alert')
  const row = await selectAlerts(catalog).where('alerts.id', '=', id).where(seenBy(actor, 'alerts.database_id')).executeTakeFirst()
  if (row === undefined) throw notFound('alert')
  const [events, { count }, told, next, now] = await Promise.all([
    catalog.selectFrom('alert_events').selectAll().where('alert_id', '=', id).orderBy('id', 'desc').limit(eventsShown).execute(),
    catalog
      .selectFrom('alert_events')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('alert_id', '=', id)
      .executeTakeFirstOrThrow(),
    catalog
      .selectFrom('messages')
      .innerJoin('channels', 'channels.id', 'messages.channel_id')
      .select([
        'channels.name',
        'messages.recipient',
        'messages.topic',
        'messages.created_at',
        'messages.sent_at',
        'messages.state',
        'messages.answer',
      ])
      .where(sql<boolean>`messages.alert_ids @> array[${id}]::uuid[]`)
      .orderBy('messages.id')
      .execute(),
    escalationOf(catalog, row),
    catalogueNow(catalog),
  ])
  const { steps, runbook } = remedyOf(row)
  return {
    ...viewOf(row, now),
    steps,
    runbook,
    olderEvents: Math.max(0, count - events.length),
    events: events.toReversed().map((one) => ({ at: iso(one.at), kind: one.kind, words: one.words, name: one.actor_name })),
    told: told.map((one) => ({
      channel: one.name,
      recipient: one.recipient,
      topic: one.topic,
      at: iso(one.sent_at ?? one.created_at),
      state: one.state,
      answer: one.answer,
    })),
    nextEscalation: next,
  }
}

async function escalationOf(catalog: Kysely<Catalog>, row: Row): Promise<AlertDetail['nextEscalation']> {
  const [policy, contacts, since] = await Promise.all([readEscalation(catalog), listContacts(catalog), criticalSince(catalog, [row.id])])
  const next = nextEscalation(
    {
      kind: row.kind,
      severity: row.severity,
      criticalSince: since.get(row.id) ?? row.opened_at,
      acknowledgedAt: row.acknowledged_at,
      resolvedAt: row.resolved_at,
      silencedUntil: row.silenced_until,
      escalatedLevel: row.escalated_level,
      escalatedAt: row.escalated_at,
    },
    policy,
    new Set(contacts.map((one) => one.level)),
  )
  if (next === null) return null
  return { level: next.level, at: iso(next.at), names: contacts.filter((one) => one.level === next.level).map((one) => one.name) }
}

function selectAlerts(catalog: Kysely<Catalog>) {
  return catalog
    .selectFrom('alerts')
    .leftJoin('databases', 'databases.id', 'alerts.database_id')
    .leftJoin('storages', 'storages.id', 'alerts.storage_id')
    .selectAll('alerts')
    .select(['databases.name as database_name', 'storages.name as storage_name', cursorTime('alerts.opened_at').as('cursor_at')])
}

type Row = Awaited<ReturnType<ReturnType<typeof selectAlerts>['executeTakeFirstOrThrow']>>

function viewOf(row: Row, now: Date): AlertView {
  const { means, firstStep } = remedyOf(row)
  const silenced = row.silenced_until !== null && row.silenced_until > now
  return {
    id: row.id,
    kind: row.kind,
    title: checkKinds[row.kind].title,
    subject: row.subject,
    subjectName: row.subject_name,
    database: row.database_id === null ? null : { id: row.database_id, name: row.database_name ?? row.subject_name },
    storage: row.storage_id === null ? null : { id: row.storage_id, name: row.storage_name ?? row.subject_name },
    severity: row.severity,
    state: row.resolved_at !== null ? 'resolved' : row.acknowledged_at === null ? 'open' : 'acknowledged',
    words: row.words,
    means,
    firstStep,
    openedAt: iso(row.opened_at),
    since: iso(row.since),
    seenAt: iso(row.seen_at),
    resolvedAt: iso(row.resolved_at),
    resolution: row.resolution,
    flaps: row.flaps,
    acknowledged:
      row.acknowledged_at === null ? null : { at: iso(row.acknowledged_at), name: row.acknowledged_name ?? '', note: row.acknowledged_note ?? '' },
    silenced:
      silenced && row.silenced_until !== null
        ? { until: iso(row.silenced_until), name: row.silenced_name ?? '', reason: row.silenced_reason ?? '' }
        : null,
    escalated: row.escalated_level === null || row.escalated_at === null ? null : { level: row.escalated_level, at: iso(row.escalated_at) },
  }
}
