import type { Kysely } from 'kysely'
import { type AlertRow, criticalSince, insertAlertEvent, lockOpenAlerts, updateAlert } from '#lib/catalog/alerts.ts'
import { type ContactRow, listContacts } from '#lib/catalog/contacts.ts'
import { insertMessage } from '#lib/catalog/messages.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listOpenChannels } from '#lib/catalog/telling.ts'
import { readEscalation } from '#lib/catalog/watch-settings.ts'
import { composeEscalation } from '#lib/domain/watch/compose-escalation.ts'
import { type EscalationLevel, escalationLevels, levelTitles, nextEscalation } from '#lib/domain/watch/escalation.ts'
import { hears } from '#lib/domain/watch/routing.ts'

type Channels = Awaited<ReturnType<typeof listOpenChannels>>

/**
 * Tells the next level of critical alerts that nobody has taken on: contacts by mail, one mail for what is due together. Whoever cannot be written
 * to is named, with the phone number, in the channels and in the history of the alert: passed over in silence is nobody. `through`: among these channels alone, where a process cannot open all; whom it reaches by none of them is left to another process. Default: every one. Returns how many levels were due.
 */
export async function escalate(catalog: Kysely<Catalog>, now: Date, through?: readonly string[]): Promise<number> {
  return catalog.transaction().execute(async (trx) => {
    const [policy, contacts, all] = [await readEscalation(trx), await listContacts(trx), await listOpenChannels(trx)]
    const channels = through === undefined ? all : all.filter((one) => through.includes(one.id))
    const peopled = new Set(contacts.map((one) => one.level))
    if (!policy.on || peopled.size === 0) return 0
    const due = new Map<EscalationLevel, AlertRow[]>()
    const critical = (await lockOpenAlerts(trx)).filter((alert) => alert.severity === 'critical')
    const since = await criticalSince(
      trx,
      critical.map((alert) => alert.id),
    )
    for (const alert of critical) {
      const next = nextEscalation(escalating(alert, since.get(alert.id) ?? alert.opened_at), policy, peopled)
      if (next !== null && next.at <= now) due.set(next.level, [...(due.get(next.level) ?? []), alert])
    }
    for (const level of escalationLevels) {
      const [first, ...rest] = due.get(level) ?? []
      if (first === undefined) continue
      const people = contacts.filter((one) => one.level === level)
      await tellLevel(trx, [first, ...rest], { level, people, channels, all: through === undefined, now })
    }
    return due.size
  })
}

function escalating(alert: AlertRow, criticalSince: Date) {
  return {
    kind: alert.kind,
    severity: alert.severity,
    criticalSince,
    acknowledgedAt: alert.acknowledged_at,
    resolvedAt: alert.resolved_at,
    silencedUntil: alert.silenced_until,
    escalatedLevel: alert.escalated_level,
    escalatedAt: alert.escalated_at,
  }
}

interface Level {
  level: EscalationLevel
  people: readonly ContactRow[]
  channels: Channels
  /** these are all there are */
  all: boolean
  now: Date
}

async function tellLevel(trx: Kysely<Catalog>, alerts: readonly [AlertRow, ...AlertRow[]], of: Level): Promise<void> {
  const { level, people, channels, all, now } = of
  const [first] = alerts
  // one that carries mail now, before one that does not
  const post = channels
    .filter((one) => one.kind === 'email')
    .toSorted((a, b) => Number(a.failing_since !== null) - Number(b.failing_since !== null))[0]
  const written = post === undefined ? [] : people.filter((one) => one.email !== null)
  // a mail that does not go out reaches nobody: somebody is to call as well
  const works = post !== undefined && post.failing_since === null
  const toCall = people.filter((one) => !works || !written.includes(one))
  const key = `escalation:${level}:${first.id}:${first.opened_at.getTime()}`
  const about = { topic: 'escalation' as const, severity: 'critical' as const, at: now, alertIds: alerts.map((one) => one.id) }
  for (const one of written) {
    const content = composeEscalation(alerts, level, { to: one.name, others: people.filter((other) => other !== one), at: now })
    if (post !== undefined) await insertMessage(trx, { ...about, channelId: post.id, dedupeKey: `${key}:${one.id}`, recipient: one.email, content })
  }
  const told = toCall.length === 0 ? [] : await tellChannels(trx, alerts, of, toCall, key)
  if (!all && written.length === 0 && told.length === 0) return
  const whyNot = (one: ContactRow) => {
    if (post === undefined) return 'cannot be written to: there is no mail channel that works'
    return written.includes(one) ? `is written to at ${one.email}, but ${post.name} carries nothing now` : 'cannot be written to'
  }
  const words = [
    ...people.map((one) =>
      toCall.includes(one) ? `${one.name} ${whyNot(one)}; call ${one.phone ?? 'them'}.` : `${one.name} is written to at ${one.email}.`,
    ),
    ...(toCall.length > 0 && told.length === 0 ? ['No channel hears of that.'] : []),
  ]
  for (const alert of alerts) {
    await updateAlert(trx, alert.id, { escalated_level: level, escalated_at: now })
    await insertAlertEvent(trx, { alertId: alert.id, at: now, kind: 'escalated', words: `${levelTitles[level]}: ${words.join(' ')}`, told: false })
  }
}

/** Whoever hears of the alerts can pick up a phone. */
async function tellChannels(
  trx: Kysely<Catalog>,
  alerts: readonly [AlertRow, ...AlertRow[]],
  { level, channels, now }: Level,
  toCall: readonly ContactRow[],
  key: string,
): Promise<string[]> {
  const told: string[] = []
  for (const channel of channels) {
    const routed = { id: channel.id, severities: channel.severities, databaseIds: channel.database_ids, topics: channel.topics }
    const [first, ...rest] = alerts.filter((alert) =>
      hears(routed, { topic: 'alert', severity: 'critical', databaseId: alert.database_id, about: { kind: alert.kind, subject: alert.subject } }),
    )
    if (first === undefined) continue
    const content = composeEscalation([first, ...rest], level, { to: null, others: toCall, at: now })
    const alertIds = [first, ...rest].map((one) => one.id)
    await insertMessage(trx, { channelId: channel.id, dedupeKey: key, topic: 'escalation', severity: 'critical', content, at: now, alertIds })
    told.push(channel.name)
  }
  return told
}
