'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ListChecks } from 'lucide-react'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { useRef } from 'react'
import { progressWords, shareOf, waitWords } from '#components/follow/progress-words.ts'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Link } from '#components/ui/link.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Pagination } from '#components/ui/pagination.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { ProgressBar } from '#components/ui/progress-bar.tsx'
import { Select } from '#components/ui/select.tsx'
import { operationLook, OperationBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import { ApiError, type Query, queryOf } from '#lib/client/api.ts'
import { operationsQuery } from '#lib/client/queries.ts'
import { operationKinds } from '#lib/domain/kinds.ts'
import { operationStates } from '#lib/domain/states.ts'
import { formatCount, formatDuration } from '#lib/domain/units.ts'
import type { OperationView, Page } from '#lib/domain/views.ts'
import { kindInWords, kindWords } from './kind-words.ts'

const all = 'all'
const filters = {
  kind: parseAsStringLiteral(operationKinds),
  state: parseAsStringLiteral(operationStates),
  open: parseAsStringLiteral(['true', 'false']),
  databaseId: parseAsString,
  cursor: parseAsString,
}

/** What is happening, what happened: one list of all kinds. `asked` are the filters that the server's answer belongs to. */
export function OperationsScreen({ page, asked, databases }: { page: Page<OperationView>; asked: Query; databases: { id: string; name: string }[] }) {
  const [address, setAddress] = useQueryStates(filters, { history: 'push' })
  const { current: first } = useRef({ asked, page })
  const here = queryOf(address)
  const { data, error } = useQuery({
    ...operationsQuery(address),
    ...(here ===
    queryOf({
      kind: first.asked.kind,
      state: first.asked.state,
      open: first.asked.open,
      databaseId: first.asked.databaseId,
      cursor: first.asked.cursor,
    })
      ? { initialData: first.page }
      : {}),
    placeholderData: keepPreviousData,
  })
  const shown = data ?? { rows: [], nextCursor: null }
  const running = shown.rows.filter((row) => row.state === 'running').length
  usePageTitle(running > 0 ? `${formatCount(running)} running · Operations` : 'Operations')
  const filtered = address.kind !== null || address.state !== null || address.open !== null || address.databaseId !== null
  const set = (change: Partial<typeof address>) => void setAddress({ ...change, cursor: null })
  return (
    <>
      <PageHeader title="Operations">Everything that Lifeboat does or did, newest first. Rows that run keep themselves up to date.</PageHeader>
      <div className="mb-3 flex flex-wrap items-center gap-2" role="group" aria-label="Filters">
        <Select
          inline
          label="Kind"
          value={address.kind ?? all}
          onChange={(kind) => set({ kind: kind === all ? null : kind })}
          options={[{ value: all, label: 'all' }, ...operationKinds.map((kind) => ({ value: kind, label: kindWords[kind] }))]}
        />
        <Select
          inline
          label="State"
          value={address.open === 'true' ? 'open' : (address.state ?? all)}
          onChange={(state) =>
            set(state === all ? { state: null, open: null } : state === 'open' ? { state: null, open: 'true' } : { state, open: null })
          }
          options={[
            { value: all, label: 'all' },
            { value: 'open', label: 'open now' },
            ...operationStates.map((state) => ({ value: state, label: operationLook[state].word })),
          ]}
        />
        <Select
          inline
          label="Database"
          value={address.databaseId ?? all}
          onChange={(id) => set({ databaseId: id === all ? null : id })}
          options={[{ value: all, label: 'all' }, ...databases.map((database) => ({ value: database.id, label: database.name }))]}
        />
        {filtered && (
          <Button variant="plain" onPress={() => set({ kind: null, state: null, open: null, databaseId: null })}>
            Clear the filters
          </Button>
        )}
      </div>
      {error instanceof ApiError && (
        <div className="mb-3">
          <Problem alert tone="warn" title="The list may be old" id={error.problem.requestId}>
            {error.problem.title} {error.problem.remedy}
          </Problem>
        </div>
      )}
      <Panel flush>
        {shown.rows.length === 0 ? (
          <EmptyState icon={ListChecks} title={filtered ? 'No operation matches these filters' : 'Nothing has run yet'}>
            {filtered ? 'Clear a filter to see more.' : 'Backups, verifications and restores appear here as soon as they are asked for.'}
          </EmptyState>
        ) : (
          <>
            <DataTable caption="Operations, newest first" columns={columns} rows={shown.rows} rowKey={(row) => row.id} linked />
            <Pagination
              first={address.cursor === null ? null : `/operations${queryOf({ ...address, cursor: null })}`}
              next={shown.nextCursor === null ? null : `/operations${queryOf({ ...address, cursor: shown.nextCursor })}`}
              shown={formatCount(shown.rows.length, 'operation')}
            />
          </>
        )}
      </Panel>
    </>
  )
}

const columns: Column<OperationView>[] = [
  {
    id: 'title',
    header: 'Operation',
    primary: true,
    className: 'md:w-[44%]',
    cell: (row) => (
      <>
        <Link quiet stretched href={`/operations/${row.id}`} className="[overflow-wrap:anywhere]">
          {row.title}
        </Link>
        <Below row={row} />
      </>
    ),
  },
  // the title says it too: on a card it would be a line of nothing new
  {
    id: 'kind',
    header: 'Kind',
    className: 'max-sm:hidden',
    cell: (row) => <span className="whitespace-nowrap">{kindInWords(row.kind, row.dryRun)}</span>,
  },
  { id: 'state', header: 'State', cell: (row) => <OperationBadge state={row.state} /> },
  {
    id: 'asked',
    header: 'Asked',
    cell: (row) => (
      <>
        <Time at={row.createdAt} />
        <div className="max-w-[20ch] truncate text-sm text-ink-2">by {row.requestedName}</div>
      </>
    ),
  },
  {
    id: 'took',
    header: 'Took',
    align: 'end',
    cell: (row) =>
      row.durationSeconds === null ? (
        <span className="text-ink-3">–</span>
      ) : (
        <span className="whitespace-nowrap">{formatDuration(row.durationSeconds)}</span>
      ),
  },
]

/** The line below the title: how far it is, or why it did not work. */
function Below({ row }: { row: OperationView }) {
  if (row.state === 'running') {
    return (
      <div className="mt-1 max-w-[460px]">
        <div className="mb-1 text-sm text-ink-2 first-letter:uppercase">
          {[row.progress.phase ?? 'starting', progressWords(row.progress)].join(' · ')}
        </div>
        <ProgressBar label={row.title} share={shareOf(row.progress)} />
      </div>
    )
  }
  if (row.state === 'queued') return <div className="text-sm text-ink-2">{waitWords(row)}</div>
  if (row.state === 'cancelling') return <div className="text-sm text-ink-2">Stopping and cleaning up.</div>
  const problem = row.error?.message ?? row.findings.find((finding) => finding.severity !== 'info')?.message
  return problem ? <div className="line-clamp-2 max-w-[70ch] text-sm text-ink-2 [overflow-wrap:anywhere]">{problem}</div> : null
}
