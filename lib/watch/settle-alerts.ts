import type { Kysely } from 'kysely'
import { type AlertRow, insertAlert, insertAlertEvent, lockOpenAlerts, updateAlert } from '#lib/catalog/alerts.ts'
import { type CheckRow, listChecks } from '#lib/catalog/checks.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { isStale } from '#lib/domain/watch/check-kinds.ts'
import { nextStep, type Step } from '#lib/domain/watch/settle.ts'

/** Opens, worsens, eases and resolves alerts from the last results of the checks, in the caller's transaction. Returns what changed. */
export async function settleAlerts(trx: Kysely<Catalog>, now: Date): Promise<{ opened: number; resolved: number }> {
  const [checks, alerts] = [await listChecks(trx), await lockOpenAlerts(trx)]
  const open = new Map(alerts.map((alert) => [`${alert.kind} ${alert.subject}`, alert]))
  const changed = { opened: 0, resolved: 0 }
  for (const check of checks) {
    const name = `${check.kind} ${check.subject}`
    const alert = open.get(name) ?? null
    open.delete(name)
    const status = isStale(check.kind, check.checked_at, now) ? null : check.status
    const step = nextStep(
      check.kind,
      status,
      alert === null ? null : { severity: alert.severity, calmerSince: alert.calmer_since, flaps: alert.flaps },
      { now, statusSince: check.since },
    )
    if (step.do === 'open') changed.opened += 1
    if (step.do === 'resolve') changed.resolved += 1
    await take(trx, step, { check, alert, now })
  }
  // what they were about is there no more: the database was taken off the list, the channel removed
  for (const alert of open.values()) {
    changed.resolved += 1
    await end(trx, alert, now, 'What it was about is there no more.')
  }
  return changed
}

async function take(trx: Kysely<Catalog>, step: Step, { check, alert, now }: { check: CheckRow; alert: AlertRow | null; now: Date }): Promise<void> {
  if (step.do === 'open') {
    const opened = await insertAlert(trx, check, step.severity, now)
    return insertAlertEvent(trx, { alertId: opened.id, at: now, kind: 'opened', words: check.words, told: true })
  }
  if (alert === null || step.do === 'nothing') return
  const said = { words: check.words, seen_at: check.checked_at, detail: JSON.stringify(check.detail) }
  switch (step.do) {
    case 'stay': {
      const unknown = check.status === 'unknown' || isStale(check.kind, check.checked_at, now)
      return updateAlert(trx, alert.id, unknown ? { calmer_since: null } : said)
    }
    case 'calm':
      // its words stay those of what was wrong, until it is known to be over
      return alert.calmer_since === null ? updateAlert(trx, alert.id, { calmer_since: step.since }) : undefined
    case 'return':
      await updateAlert(trx, alert.id, { ...said, calmer_since: null, flaps: alert.flaps + 1 })
      return noteReturn(trx, alert, check, now)
    case 'worsen':
      // who took a warning on has not taken on what it became
      await updateAlert(trx, alert.id, { ...said, severity: 'critical', calmer_since: null, ...notAcknowledged })
      return insertAlertEvent(trx, { alertId: alert.id, at: now, kind: 'worsened', words: check.words, told: true })
    case 'ease':
      // one that is well, but not for long enough, is on its way to its end: its words stay those of what was wrong
      await updateAlert(
        trx,
        alert.id,
        check.status === 'ok' ? { severity: 'warning', calmer_since: check.since } : { ...said, severity: 'warning', calmer_since: null },
      )
      return insertAlertEvent(trx, { alertId: alert.id, at: now, kind: 'eased', words: check.words, told: false })
    case 'resolve':
      return end(trx, alert, now, check.words)
  }
}

const notAcknowledged = { acknowledged_at: null, acknowledged_by: null, acknowledged_name: null, acknowledged_note: null }

/** What comes and goes every minute is a line of its history every ten. */
async function noteReturn(trx: Kysely<Catalog>, alert: AlertRow, { words }: CheckRow, now: Date): Promise<void> {
  const lately = await trx
    .selectFrom('alert_events')
    .select('id')
    .where('alert_id', '=', alert.id)
    .where('kind', '=', 'returned')
    .where('at', '>', new Date(now.getTime() - 600_000))
    .executeTakeFirst()
  if (lately === undefined) await insertAlertEvent(trx, { alertId: alert.id, at: now, kind: 'returned', words, told: false })
}

async function end(trx: Kysely<Catalog>, alert: AlertRow, now: Date, resolution: string): Promise<void> {
  await updateAlert(trx, alert.id, { resolved_at: now, resolution, calmer_since: null })
  await insertAlertEvent(trx, { alertId: alert.id, at: now, kind: 'resolved', words: resolution, told: true })
}
