'use client'

import { useQuery } from '@tanstack/react-query'
import { ScrollText, SearchX } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Pagination } from '#components/ui/pagination.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { ApiError } from '#lib/client/api.ts'
import { logsQuery } from '#lib/client/queries.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { Page } from '#lib/domain/views.ts'
import type { LogLine } from '#lib/domain/watch-views.ts'
import { type LogAsked, logPeriodWords, logQueryOf, logsHref } from './log-address.ts'
import { LogFilterBar } from './log-filter-bar.tsx'
import { LogLineRow } from './log-line.tsx'

interface Props {
  /** the page that was asked for, or why it could not be read in time */
  found: Page<LogLine> | { problem: string; hint: string }
  asked: LogAsked
  databases: { id: string; name: string }[]
}

/** What every operation wrote, newest first. The first page follows what is written. */
export function LogsScreen({ found, asked, databases }: Props) {
  const router = useRouter()
  // the field begins anew with what the address says, also after Back
  const filters = (
    <LogFilterBar key={asked.q ?? ''} asked={asked} databases={databases} onAsk={(next) => router.push(logsHref(next), { scroll: false })} />
  )
  if ('problem' in found) {
    return (
      <>
        {filters}
        <Problem alert tone="warn" title={found.problem}>
          {found.hint}
        </Problem>
      </>
    )
  }
  return (
    <>
      {filters}
      <Lines page={found} asked={asked} />
    </>
  )
}

function Lines({ page, asked }: { page: Page<LogLine>; asked: LogAsked }) {
  const { data: shown, error } = useQuery({ ...logsQuery(logQueryOf(asked)), initialData: page })
  const filtered = asked.q !== null || asked.kind !== null || asked.databaseId !== null || asked.operationId !== null
  return (
    <>
      {error instanceof ApiError && (
        <div className="mb-3">
          <Problem alert tone="warn" title="The lines may be old" id={error.problem.requestId}>
            {error.problem.title} {error.problem.remedy}
          </Problem>
        </div>
      )}
      <Panel flush>
        {shown.rows.length === 0 ? (
          <EmptyState icon={filtered ? SearchX : ScrollText} title={filtered ? 'No line matches' : 'Nothing was written'}>
            {filtered
              ? `Searched: ${logPeriodWords[asked.since]}. Take a longer time, or clear a filter.`
              : `In ${logPeriodWords[asked.since]} no operation ran.`}
          </EmptyState>
        ) : (
          <>
            <ol aria-label="Lines, newest first" className="m-0 list-none p-0">
              {shown.rows.map((line) => (
                <LogLineRow key={line.id} line={line} />
              ))}
            </ol>
            <Pagination
              first={asked.cursor === null ? null : logsHref({ ...asked, cursor: null })}
              next={shown.nextCursor === null ? null : logsHref({ ...asked, cursor: shown.nextCursor })}
              shown={formatCount(shown.rows.length, 'line')}
            />
          </>
        )}
      </Panel>
    </>
  )
}
