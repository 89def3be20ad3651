import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { type AlertRow, insertAlertEvent, updateAlert } from '#lib/catalog/alerts.ts'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { formatUtc } from '#lib/domain/units.ts'
import type { AcknowledgeInput, SilenceInput } from '#lib/domain/watch/alert-input.ts'

/** Somebody has taken it on: nobody further is called. Throws `forbidden`, `not_found` (also for what the actor may not see), `conflict` (it is over). */
export async function acknowledgeAlert(db: Kysely<Catalog>, actor: Actor, id: string, input: AcknowledgeInput): Promise<void> {
  await within(db, actor, async (trx) => {
    const alert = await openAlert(trx, actor, id)
    const at = await catalogueNow(trx)
    await updateAlert(trx, id, {
      acknowledged_at: at,
      acknowledged_by: actor.id,
      acknowledged_name: actor.name,
      acknowledged_note: input.note,
    })
    await insertAlertEvent(trx, { alertId: id, at, kind: 'acknowledged', words: input.note, actorName: actor.name, told: false })
    await note(trx, actor, 'alert.acknowledge', alert, { note: input.note })
  })
}

/** Nobody is called while it lasts; 0 minutes end it. Throws as acknowledgeAlert does. */
export async function silenceAlert(db: Kysely<Catalog>, actor: Actor, id: string, input: SilenceInput): Promise<void> {
  await within(db, actor, async (trx) => {
    const alert = await openAlert(trx, actor, id)
    const at = await catalogueNow(trx)
    const until = input.minutes === 0 ? null : new Date(at.getTime() + input.minutes * 60_000)
    if (until === null && alert.silenced_until === null) return
    await updateAlert(trx, id, {
      silenced_until: until,
      silenced_name: until === null ? null : actor.name,
      silenced_reason: until === null ? null : input.reason,
    })
    const words = until === null ? 'The silence was ended.' : `Until ${formatUtc(until)}: ${input.reason}`
    await insertAlertEvent(trx, { alertId: id, at, kind: until === null ? 'unsilenced' : 'silenced', words, actorName: actor.name, told: false })
    await note(trx, actor, 'alert.silence', alert, { minutes: input.minutes, reason: input.reason })
  })
}

async function within(db: Kysely<Catalog>, actor: Actor, work: (trx: Transaction<Catalog>) => Promise<void>): Promise<void> {
  if (!allows(actor.role, 'alert.answer')) throw new LifeboatError('forbidden', reasonDenied('alert.answer'))
  await db.transaction().execute(work)
}

async function openAlert(trx: Transaction<Catalog>, actor: Actor, id: string): Promise<AlertRow> {
  const known = z.uuid().safeParse(id).success
  const row = known ? await trx.selectFrom('alerts').selectAll().where('id', '=', id).forUpdate().executeTakeFirst() : undefined
  const seen = row !== undefined && (actor.databaseIds === null || (row.database_id !== null && maySee(actor, row.database_id)))
  if (!seen) throw new LifeboatError('not_found', 'There is no such alert.', 'It may have been removed, or you may not have access to it.')
  if (row.resolved_at !== null) throw new LifeboatError('conflict', 'This alert is over.', 'Nothing was changed.')
  return row
}

async function note(trx: Transaction<Catalog>, actor: Actor, action: string, alert: AlertRow, detail: Record<string, unknown>): Promise<void> {
  await appendAudit(trx, auditKey(), {
    ...auditActor(actor),
    action,
    subjectKind: 'alert',
    subjectId: alert.id,
    outcome: 'done',
    detail: { kind: alert.kind, subject: alert.subject_name, databaseId: alert.database_id, ...detail },
  })
}
