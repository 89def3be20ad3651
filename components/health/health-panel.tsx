'use client'

import { useQuery } from '@tanstack/react-query'
import { CircleHelp } from 'lucide-react'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useState } from 'react'
import { periods, type Period, periodWords } from '#components/charts/check-axis.ts'
import { CheckChart } from '#components/charts/check-chart.tsx'
import { checkHref } from '#components/checks/check-href.ts'
import { countWords, groupChecks, type KnownCheck } from '#components/checks/check-filters.ts'
import { Button } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Link } from '#components/ui/link.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Select } from '#components/ui/select.tsx'
import { Time } from '#components/ui/time.tsx'
import { statusNow } from '#components/watch/known-now.ts'
import { CheckBadge } from '#components/watch/looks.tsx'
import { useWatch } from '#components/watch/watch-line.tsx'
import { ApiError } from '#lib/client/api.ts'
import { checkHistoryQuery, checksQuery } from '#lib/client/queries.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { CheckKind } from '#lib/domain/watch/check-kinds.ts'
import type { CheckHistory, CheckView, WatchState } from '#lib/domain/watch-views.ts'

export interface DatabaseHealth {
  checks: CheckView[]
  /** null: not looked at yet */
  latency: CheckHistory | null
  connections: CheckHistory | null
  hours: Period
}

interface Props {
  database: { id: string; name: string }
  initial: DatabaseHealth
  watch: WatchState
}

/** How a database has answered, how its connections were, and what each of its checks says now. */
export function HealthPanel({ database, initial, watch: first }: Props) {
  const now = useNow()
  const [open, setOpen] = useState(false)
  const { stale } = useWatch(first)
  const [period, setPeriod] = useQueryState('hours', parseAsStringLiteral(periods.map(String)).withDefault('24'))
  const hours = periods.find((one) => String(one) === period) ?? 24
  const { data, error } = useQuery({ ...checksQuery({ databaseId: database.id }), initialData: initial.checks })
  const checks = data.map((check): KnownCheck => {
    const known = statusNow(check, now)
    return { ...check, statusNow: known.status, staleNow: known.stale }
  })
  const [group] = groupChecks(checks)
  return (
    <section aria-label="Health" className="grid min-w-0 gap-3">
      <Panel
        title="Health"
        flush
        say={
          stale ? 'Unknown: nothing was looked at lately. What stands here was so then.' : group === undefined ? undefined : countWords(group.counts)
        }
        aside={<Link href={`/checks?database=${database.id}`}>All its checks</Link>}
      >
        {error instanceof ApiError && (
          <div className="px-4 pb-3 sm:px-[18px]">
            <Problem alert tone="warn" title="This may be old" id={error.problem.requestId}>
              {error.problem.title} {error.problem.remedy}
            </Problem>
          </div>
        )}
        {group === undefined ? (
          <EmptyState icon={CircleHelp} title="Not looked at yet">
            The first look comes within a minute after a worker has started. Until then nothing is known of its health.
          </EmptyState>
        ) : (
          <ul aria-label={`Checks of ${database.name}`} className="m-0 list-none p-0">
            {(open ? group.checks : group.checks.filter((check) => check.statusNow !== 'ok')).map((check) => (
              <Line key={`${check.kind} ${check.subject}`} check={check} name={database.name} />
            ))}
            {group.counts.ok > 0 && (
              <li className="border-t border-line px-2.5 py-1.5 first:border-t-0">
                <Button size="small" variant="plain" onPress={() => setOpen(!open)}>
                  {open
                    ? 'Hide the checks that are ok'
                    : `Show the ${formatCount(group.counts.ok, 'check')} that ${group.counts.ok === 1 ? 'is' : 'are'} ok`}
                </Button>
              </li>
            )}
          </ul>
        )}
      </Panel>
      <div className="flex justify-end">
        <Select
          inline
          label="Period"
          value={String(hours)}
          onChange={(value) => void setPeriod(value === '24' ? null : value)}
          options={periods.map((one) => ({ value: String(one), label: periodWords(one) }))}
        />
      </div>
      <History
        title="Latency and reachability"
        kind="database_reachable"
        {...{ database, hours }}
        first={hours === initial.hours ? initial.latency : null}
      />
      <History
        title="Connections"
        kind="database_connections"
        {...{ database, hours }}
        first={hours === initial.hours ? initial.connections : null}
      />
    </section>
  )
}

function Line({ check, name }: { check: KnownCheck; name: string }) {
  return (
    <li className="relative grid gap-x-3 gap-y-1 border-t border-line px-4 py-2.5 first:border-t-0 hover:bg-hover sm:grid-cols-[92px_minmax(0,1fr)_auto] sm:px-[18px]">
      <span>
        <CheckBadge status={check.statusNow} />
      </span>
      <span className="min-w-0 [overflow-wrap:anywhere]">
        <Link quiet stretched href={checkHref(check)} className="font-[550]!">
          {check.title}
          {check.subjectName !== '' && check.subjectName !== name && <span className="font-normal text-ink-2">, {check.subjectName}</span>}
        </Link>
        <span className="block text-sm text-ink-2">
          {check.staleNow && 'Not looked at in time. Before that: '}
          {check.words}
        </span>
      </span>
      <span className="text-sm text-ink-2">
        <Time at={check.checkedAt} />
      </span>
    </li>
  )
}

interface HistoryProps {
  title: string
  kind: CheckKind
  database: { id: string; name: string }
  hours: Period
  first: CheckHistory | null
}

function History({ title, kind, database, hours, first }: HistoryProps) {
  const now = useNow()
  const { data, error, isPending } = useQuery({
    ...checkHistoryQuery(kind, database.id, hours),
    ...(first === null ? {} : { initialData: first }),
    retry: false,
  })
  if (data !== undefined) return <CheckChart title={title} history={data} hours={hours} now={now} />
  const never = error instanceof ApiError && error.problem.code === 'not_found'
  return (
    <Panel title={title}>
      <p role="status" className="m-0 text-ink-2">
        {isPending ? `Loading ${periodWords(hours)}.` : never ? 'Not looked at yet: nothing is known.' : 'Unknown: its history could not be read.'}
      </p>
    </Panel>
  )
}
