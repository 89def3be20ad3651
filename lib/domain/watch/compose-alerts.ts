import { formatUtc } from '../units.ts'
import { checkKinds, type CheckKind, type Severity } from './check-kinds.ts'
import type { MessageContent } from './message.ts'
import { remedyOf } from './remedies.ts'

export type ToldKind = 'opened' | 'worsened' | 'resolved'

/** What became of one alert, as a message tells it. */
export interface AlertNews {
  what: ToldKind
  at: Date
  alert: {
    id: string
    kind: CheckKind
    subject: string
    subject_name: string
    database_id: string | null
    storage_id: string | null
    severity: Severity
    words: string
    detail: Record<string, unknown>
    opened_at: Date
    resolved_at: Date | null
    resolution: string | null
  }
}

/** One message of one piece of news, or of several together. `news`: not empty; at most one piece per alert. */
export function composeAlerts(news: readonly [AlertNews, ...AlertNews[]]): MessageContent {
  const [first] = news
  return news.length === 1 ? composeOne(first) : composeMany(news)
}

function composeOne(news: AlertNews): MessageContent {
  const { alert } = news
  const remedy = remedyOf(alert)
  const since = { heading: 'Since', lines: [formatUtc(alert.opened_at)], href: null }
  const parts =
    news.what === 'resolved'
      ? [
          {
            heading: 'It had been open',
            lines: [`${formatUtc(alert.opened_at)} to ${formatUtc(alert.resolved_at ?? news.at)}`, alert.words],
            href: null,
          },
        ]
      : [
          since,
          { heading: 'What it means', lines: [remedy.means], href: null },
          { heading: 'What to do first', lines: [remedy.firstStep.words], href: remedy.firstStep.href },
          ...(remedy.runbook === null ? [] : [{ heading: `Runbook: ${remedy.runbook.title}`, lines: [], href: remedy.runbook.href }]),
        ]
  return {
    title: `${labelOf(news)}: ${nameOf(alert)}`,
    tone: toneOf(news),
    lead: news.what === 'resolved' ? (alert.resolution ?? '') : alert.words,
    parts,
    href: `/alerts/${alert.id}`,
    at: news.at.toISOString(),
    data: { alerts: [dataOf(news)] },
  }
}

function composeMany(news: readonly [AlertNews, ...AlertNews[]]): MessageContent {
  const count = (of: (one: AlertNews) => boolean) => news.filter(of).length
  const critical = count((one) => one.what !== 'resolved' && one.alert.severity === 'critical')
  const warning = count((one) => one.what !== 'resolved' && one.alert.severity === 'warning')
  const recovered = count((one) => one.what === 'resolved')
  const counted = [
    [critical, 'critical'],
    [warning, warning === 1 ? 'warning' : 'warnings'],
    [recovered, 'recovered'],
  ] as const
  const said = counted.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  return {
    title: `${news.length} alerts: ${said.join(', ')}`,
    tone: critical > 0 ? 'critical' : warning > 0 ? 'warning' : 'good',
    lead: 'Several things happened together. What they share may be their cause: a machine, a storage, the network.',
    parts: [...news].toSorted(worstFirst).map((one) => partOf(one)),
    href: '/alerts',
    at: news[0].at.toISOString(),
    data: { alerts: news.map(dataOf) },
  }
}

function partOf(news: AlertNews): MessageContent['parts'][number] {
  const lines = news.what === 'resolved' ? [news.alert.resolution ?? ''] : [news.alert.words, `First: ${remedyOf(news.alert).firstStep.words}`]
  return { heading: `${labelOf(news)}: ${nameOf(news.alert)}`, lines, href: `/alerts/${news.alert.id}` }
}

const rank = { critical: 0, warning: 1 } satisfies Record<Severity, number>

function worstFirst(a: AlertNews, b: AlertNews): number {
  return rankOf(a) - rankOf(b)
}

function rankOf(news: AlertNews): number {
  return news.what === 'resolved' ? 2 : rank[news.alert.severity]
}

const severityLabels = { critical: 'Critical', warning: 'Warning' } satisfies Record<Severity, string>

function labelOf({ what, alert }: AlertNews): string {
  if (what === 'resolved') return 'Recovered'
  return what === 'worsened' ? `Now ${alert.severity}` : severityLabels[alert.severity]
}

function toneOf({ what, alert }: AlertNews): MessageContent['tone'] {
  return what === 'resolved' ? 'good' : alert.severity
}

function nameOf(alert: AlertNews['alert']): string {
  const { title } = checkKinds[alert.kind]
  return alert.subject_name === '' ? title : `${title}, ${alert.subject_name}`
}

function dataOf({ what, at, alert }: AlertNews): Record<string, unknown> {
  return {
    id: alert.id,
    kind: alert.kind,
    subject: alert.subject,
    subjectName: alert.subject_name,
    severity: alert.severity,
    event: what,
    at: at.toISOString(),
    openedAt: alert.opened_at.toISOString(),
    resolvedAt: alert.resolved_at?.toISOString() ?? null,
    databaseId: alert.database_id,
    storageId: alert.storage_id,
    words: alert.words,
  }
}
