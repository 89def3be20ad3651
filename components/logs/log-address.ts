import { logKinds, type LogKind } from '#lib/domain/log-filters.ts'

/** How far back the search goes, in `?since=`. */
export const logPeriods = ['1h', '24h', '7d', '30d', 'all'] as const
export type LogPeriod = (typeof logPeriods)[number]

export const logPeriodWords = {
  '1h': 'the last hour',
  '24h': 'the last 24 h',
  '7d': 'the last 7 days',
  '30d': 'the last 30 days',
  all: 'all that is kept',
} satisfies Record<LogPeriod, string>

export const logKindWords = {
  trouble: 'errors and warnings',
  error: 'errors',
  warning: 'warnings',
  state: 'states',
  phase: 'phases',
  log: 'lines of tools',
  progress: 'progress',
} satisfies Record<LogKind, string>

export interface LogAsked {
  q: string | null
  kind: LogKind | null
  databaseId: string | null
  operationId: string | null
  since: LogPeriod
  cursor: string | null
}

/** What cannot be read is left out, so that an old link still shows lines. */
export function readLogAddress(params: Record<string, string | string[] | undefined>): LogAsked {
  const text = (name: string, shape: RegExp) => {
    const value = params[name]
    return typeof value === 'string' && shape.test(value) ? value : null
  }
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
  return {
    q: text('q', /^.{1,200}$/s),
    kind: logKinds.find((kind) => kind === params.kind) ?? null,
    databaseId: text('databaseId', uuid),
    operationId: text('operationId', uuid),
    since: logPeriods.find((period) => period === params.since) ?? '7d',
    cursor: text('cursor', /^[A-Za-z0-9_-]{1,200}$/),
  }
}

/** As GET /logs takes them; a period of all is none. */
export function logQueryOf(asked: LogAsked) {
  const set = Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== null && pair[1] !== 'all')
  return Object.fromEntries(set)
}

export function logsHref(asked: LogAsked): string {
  const set = Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== null && !(pair[0] === 'since' && pair[1] === '7d'))
  return set.length === 0 ? '/logs' : `/logs?${new URLSearchParams(set)}`
}
