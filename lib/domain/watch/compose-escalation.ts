import { formatUtc } from '../units.ts'
import { checkKinds, type CheckKind } from './check-kinds.ts'
import { type EscalationLevel, levelTitles } from './escalation.ts'
import type { MessageContent } from './message.ts'
import { remedyOf } from './remedies.ts'

export interface EscalatedAlert {
  id: string
  kind: CheckKind
  subject_name: string
  database_id: string | null
  storage_id: string | null
  detail: Record<string, unknown>
  words: string
  opened_at: Date
}

export interface Reachable {
  name: string
  email: string | null
  phone: string | null
}

/**
 * To one contact, or to a channel where a contact cannot be written to: what is wrong, since when, what to do, and who else is to be called.
 * `alerts`: not empty. `to` null: to a channel.
 */
export function composeEscalation(
  alerts: readonly [EscalatedAlert, ...EscalatedAlert[]],
  level: EscalationLevel,
  { to, others, at }: { to: string | null; others: readonly Reachable[]; at: Date },
): MessageContent {
  const [first] = alerts
  const name = nameOf(first)
  const several = alerts.length > 1
  const title = several ? `Nobody has taken on ${alerts.length} critical alerts` : `Nobody has taken this on: ${name}`
  const why =
    to === null
      ? `Call the ${levelTitles[level]} now.`
      : `You are told as ${levelTitles[level]}, because nobody has acknowledged ${several ? 'these alerts' : 'this alert'}.`
  const calls = others.map(
    (one) => `${one.name}: ${[one.phone, one.email].filter((way) => way !== null).join(', ') || 'neither phone nor mail is known'}`,
  )
  return {
    title: `Critical: ${title}`,
    tone: 'critical',
    lead: several ? why : `${first.words} ${why}`,
    parts: [
      ...alerts.map((alert) => {
        const remedy = remedyOf(alert)
        return {
          heading: nameOf(alert),
          lines: [`Since ${formatUtc(alert.opened_at)}. ${alert.words}`, remedy.means, `First: ${remedy.firstStep.words}`],
          href: `/alerts/${alert.id}`,
        }
      }),
      ...(calls.length === 0 ? [] : [{ heading: to === null ? 'Whom to call' : 'Also at this level', lines: calls, href: null }]),
      { heading: 'To stop this', lines: ['Acknowledge it: the next level is then not told.'], href: several ? '/alerts' : `/alerts/${first.id}` },
    ],
    href: several ? '/alerts' : `/alerts/${first.id}`,
    at: at.toISOString(),
    data: { level, alerts: alerts.map((alert) => ({ id: alert.id, kind: alert.kind, words: alert.words, openedAt: alert.opened_at.toISOString() })) },
  }
}

function nameOf(alert: EscalatedAlert): string {
  const { title } = checkKinds[alert.kind]
  return alert.subject_name === '' ? title : `${title}, ${alert.subject_name}`
}
