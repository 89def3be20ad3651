import { formatCount } from './units.ts'
import type { OverviewView } from './views.ts'
import type { CheckKind, Severity } from './watch/check-kinds.ts'
import type { AlertView, WatchState } from './watch-views.ts'

/** What the verdict on the overview says of alerts and of the watch itself. */

/** The verdict says these in words of its own, from the same facts. */
const saidAlready: ReadonlySet<CheckKind> = new Set(['restorable_point', 'workers', 'recovery_key'])

/** The worst alert of this severity that nobody has taken on and nobody has silenced. */
export function unanswered(view: OverviewView, severity: Severity): { id: string; name: string; words: string } | undefined {
  const found = open(view).find((alert) => alert.severity === severity)
  return found === undefined ? undefined : { id: found.id, name: nameOf(found), words: found.words }
}

const shown = 2

/** The worst ones in words, and how many more there are. `unreachable`: the database of which that is said already. */
export function alertSentences(view: OverviewView, unreachable: string | null): string[] {
  const alerts = open(view).filter((alert) => alert.kind !== 'database_reachable' || alert.subject !== unreachable)
  const more = alerts.length - shown
  return [
    ...alerts.slice(0, shown).map((alert) => `${nameOf(alert)}: ${alert.words}`),
    ...(more > 0 ? [`${formatCount(more)} more ${more === 1 ? 'alert is' : 'alerts are'} open.`] : []),
  ]
}

export function alertTrouble(alert: { name: string } | undefined): string | null {
  return alert === undefined ? null : `Something is wrong: ${alert.name}.`
}

/** Where nobody looks, nothing is known to be well. */
export function blindness(watch: WatchState): string[] {
  if (watch.lastRoundAt === null) return ['The checks were never made: whether anything is wrong is not known.']
  return watch.stale ? ['The checks are not being made: whether anything is wrong now is not known.'] : []
}

export function blindTrouble(watch: WatchState): string | null {
  return watch.stale ? 'Whether anything is wrong now is not known.' : null
}

function open(view: OverviewView): AlertView[] {
  return view.alerts.filter((alert) => alert.state === 'open' && alert.silenced === null && !saidAlready.has(alert.kind))
}

function nameOf(alert: AlertView): string {
  return alert.subjectName === '' ? alert.title : `${alert.title}, ${alert.subjectName}`
}
