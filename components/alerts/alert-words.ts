import type { AlertState, AlertView, WatchState } from '#lib/domain/watch-views.ts'
import { formatCount } from '#lib/domain/units.ts'
import { openCount } from '#components/watch/known-now.ts'

export const alertTabs = ['open', 'acknowledged', 'resolved'] as const satisfies readonly AlertState[]

export const tabWords = { open: 'Open', acknowledged: 'Acknowledged', resolved: 'Resolved' } satisfies Record<AlertState, string>

export function alertsHref(state: AlertState, cursor: string | null = null, databaseId: string | null = null): string {
  const query = new URLSearchParams()
  if (state !== 'open') query.set('state', state)
  if (databaseId !== null) query.set('databaseId', databaseId)
  if (cursor !== null) query.set('cursor', cursor)
  return query.size === 0 ? '/alerts' : `/alerts?${query}`
}

/** `Backups, cap_table`: as its messages call it. */
export function alertName(alert: Pick<AlertView, 'title' | 'subjectName'>): string {
  return alert.subjectName === '' ? alert.title : `${alert.title}, ${alert.subjectName}`
}

/** The object it is about, and where it is shown; null: Lifeboat itself. */
export function objectOf(alert: Pick<AlertView, 'database' | 'storage' | 'subjectName'>): { name: string; href: string | null } | null {
  if (alert.database !== null) return { name: alert.database.name, href: `/databases/${alert.database.id}` }
  if (alert.storage !== null) return { name: alert.storage.name, href: `/storages/${alert.storage.id}` }
  return alert.subjectName === '' ? null : { name: alert.subjectName, href: null }
}

const rank = { critical: 0, warning: 1 } satisfies Record<AlertView['severity'], number>

/** What needs somebody first: critical before warnings, and of these the one that has stood longest. */
export function worstFirst(alerts: readonly AlertView[]): AlertView[] {
  return alerts.toSorted((a, b) => rank[a.severity] - rank[b.severity] || a.openedAt.localeCompare(b.openedAt))
}

/** What an empty list says. Only a watch that looks, and that could judge everything, may say that nothing was found. */
export function emptyWords(state: AlertState, watch: WatchState, stale: boolean): { title: string; words: string; unknown: boolean } {
  if (state === 'acknowledged')
    return { title: 'Nobody has taken on an alert', words: 'An open alert that somebody acknowledges stands here until it is over.', unknown: false }
  if (state === 'resolved')
    return {
      title: 'No alert has been resolved yet',
      words: 'An alert that is over stands here with what it was and how long it lasted.',
      unknown: false,
    }
  if (stale) {
    const since = watch.lastRoundAt === null ? 'Nothing was looked at yet' : 'Nothing was looked at lately'
    return { title: 'Unknown', words: `No alert is open, and that says nothing: ${since.toLowerCase()}.`, unknown: true }
  }
  if (watch.unknown > 0) {
    return {
      title: 'No alert is open, but not everything is known',
      words: `${watch.unknown === 1 ? 'One check' : formatCount(watch.unknown, 'check')} could not be judged: what ${watch.unknown === 1 ? 'it watches' : 'they watch'} may be wrong.`,
      unknown: true,
    }
  }
  const taken =
    watch.acknowledged === 0
      ? ''
      : ` ${formatCount(watch.acknowledged, 'alert')} that somebody acknowledged ${watch.acknowledged === 1 ? 'is' : 'are'} not over.`
  return { title: 'No alert is open', words: `The last look judged every check, and found nothing that waits for somebody.${taken}`, unknown: false }
}

/** The state first, so that a tab in the background says it. */
export function alertsTitle(watch: WatchState, stale: boolean): string {
  const open = openCount(watch)
  if (stale) return open === 0 ? 'Unknown · Alerts' : `Unknown, ${formatCount(open)} open · Alerts`
  return open === 0 ? 'Alerts' : `${formatCount(open)} open · Alerts`
}
