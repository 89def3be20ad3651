'use client'

import { useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { CheckChart } from '#components/charts/check-chart.tsx'
import { type Period, periods, periodWords } from '#components/charts/check-axis.ts'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Facts } from '#components/ui/facts.tsx'
import { Link } from '#components/ui/link.tsx'
import { useNow } from '#components/ui/now.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Time } from '#components/ui/time.tsx'
import { statusNow } from '#components/watch/known-now.ts'
import { checkLook, CheckBadge } from '#components/watch/looks.tsx'
import { WatchLine } from '#components/watch/watch-line.tsx'
import { ApiError } from '#lib/client/api.ts'
import { checkHistoryQuery, checksQuery } from '#lib/client/queries.ts'
import { formatDuration } from '#lib/domain/units.ts'
import { checkValueWords } from '#lib/domain/watch/value-words.ts'
import type { CheckHistory, CheckView, WatchState } from '#lib/domain/watch-views.ts'
import { PeriodLinks } from './period-links.tsx'

interface Props {
  check: CheckView
  history: CheckHistory
  hours: Period
  watch: WatchState
}

/** One check: what it sees now, and what it saw. */
export function CheckScreen({ check: first, history: drawn, hours: asked, watch }: Props) {
  const now = useNow()
  const [period] = useQueryState('hours', parseAsStringLiteral(periods.map(String)).withDefault('24'))
  const hours = periods.find((one) => String(one) === period) ?? 24
  const { data: checks, error } = useQuery({ ...checksQuery(), initialData: [first] })
  const check = checks.find((one) => one.kind === first.kind && one.subject === first.subject) ?? first
  const { data: history } = useQuery({
    ...checkHistoryQuery(first.kind, first.subject, hours),
    ...(hours === asked ? { initialData: drawn } : {}),
  })
  const known = statusNow(check, now)
  const name = check.subjectName === '' ? check.title : `${check.title}, ${check.subjectName}`
  usePageTitle(`${checkLook[known.status].word}: ${name}`)
  return (
    <>
      <PageHeader title={name} up={{ href: '/checks', label: 'Checks' }} badge={<CheckBadge status={known.status} />}>
        <span className="inline-block first-letter:uppercase">{check.question}</span>
      </PageHeader>
      <WatchLine initial={watch} />
      {error instanceof ApiError && (
        <div className="mb-4">
          <Problem alert tone="warn" title="This may be old" id={error.problem.requestId}>
            {error.problem.title} {error.problem.remedy}
          </Problem>
        </div>
      )}
      <div className="grid items-start gap-4 xl:grid-cols-[5fr_3fr]">
        <div className="grid min-w-0 gap-3">
          <PeriodLinks current={hours} href={(one) => hrefOf(check, one)} />
          {history === undefined ? (
            <Panel>
              <p role="status" className="m-0 text-ink-2">
                Loading {periodWords(hours)}.
              </p>
            </Panel>
          ) : (
            <CheckChart title="What it saw" history={history} hours={hours} now={now} />
          )}
        </div>
        <Panel title="Last result">
          {known.stale && (
            <p className="m-0 mb-2 text-ink-2">It was not looked at in time. How it is now is unknown; what stands here is what was seen last.</p>
          )}
          <p className="m-0 mb-3 [overflow-wrap:anywhere]">{check.words}</p>
          <Facts
            items={[
              check.unit === null || check.value === null ? null : { term: 'Value', value: checkValueWords(check.value, check.unit) },
              { term: 'Last looked', value: <Time at={check.checkedAt} /> },
              { term: 'Looked at', value: `every ${formatDuration(check.everySeconds)}` },
              { term: 'So since', value: <Time at={check.since} as="utc" /> },
              check.database === null
                ? null
                : { term: 'Database', value: <Link href={`/databases/${check.database.id}`}>{check.database.name}</Link> },
              check.storage === null ? null : { term: 'Storage', value: <Link href={`/storages/${check.storage.id}`}>{check.storage.name}</Link> },
              {
                term: 'Alert',
                value: check.alertId === null ? 'none is open' : <Link href={`/alerts/${check.alertId}`}>its open alert</Link>,
              },
            ]}
          />
        </Panel>
      </div>
    </>
  )
}

function hrefOf(check: Pick<CheckView, 'kind' | 'subject'>, hours: Period): string {
  const query = new URLSearchParams({
    ...(check.subject === '' ? {} : { subject: check.subject }),
    ...(hours === 24 ? {} : { hours: String(hours) }),
  })
  return `/checks/${encodeURIComponent(check.kind)}${query.size === 0 ? '' : `?${query}`}`
}
