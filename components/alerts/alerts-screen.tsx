'use client'

import { useQuery } from '@tanstack/react-query'
import { BellRing, CircleHelp } from 'lucide-react'
import { usePageTitle } from '#components/shell/page-title.ts'
import { LinkButton } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Pagination } from '#components/ui/pagination.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { TabLinks } from '#components/ui/tab-links.tsx'
import { openCount } from '#components/watch/known-now.ts'
import { useWatch, WatchLine } from '#components/watch/watch-line.tsx'
import { ApiError } from '#lib/client/api.ts'
import { alertsQuery } from '#lib/client/queries.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { Page } from '#lib/domain/views.ts'
import type { AlertState, AlertView, WatchState } from '#lib/domain/watch-views.ts'
import { AlertRow } from './alert-row.tsx'
import { alertsHref, alertsTitle, alertTabs, emptyWords, tabWords, worstFirst } from './alert-words.ts'
import { pageSizes } from './page-sizes.ts'

export interface AlertsAsked {
  state: AlertState
  cursor: string | null
  database: { id: string; name: string } | null
}

/** What needs me? */
export function AlertsScreen({ page, watch: first, asked }: { page: Page<AlertView>; watch: WatchState; asked: AlertsAsked }) {
  const { watch, stale } = useWatch(first)
  const { state, cursor, database } = asked
  const filters = { state, databaseId: database?.id ?? null, cursor, limit: pageSizes[state] }
  const { data: shown, error } = useQuery({ ...alertsQuery(filters), initialData: page })
  usePageTitle(alertsTitle(watch, stale))
  const counts = { open: openCount(watch), acknowledged: watch.acknowledged, resolved: null } satisfies Record<AlertState, number | null>
  const databaseId = database?.id ?? null
  return (
    <>
      <PageHeader
        title={database === null ? 'Alerts' : `Alerts of ${database.name}`}
        {...(database === null ? {} : { up: { href: '/alerts', label: 'Alerts' } })}
      >
        What is wrong, what it means, and the first thing to do. A check opens an alert and ends it; nobody has to close one.
      </PageHeader>
      <WatchLine initial={first} />
      <TabLinks
        label="Alerts by state"
        current={state}
        tabs={alertTabs.map((tab) => ({
          value: tab,
          href: alertsHref(tab, null, databaseId),
          label: counts[tab] === null || database !== null ? tabWords[tab] : `${tabWords[tab]} (${formatCount(counts[tab])})`,
        }))}
      />
      {error instanceof ApiError && (
        <div className="mt-3">
          <Problem alert tone="warn" title="The list may be old" id={error.problem.requestId}>
            {error.problem.title} {error.problem.remedy}
          </Problem>
        </div>
      )}
      <Panel flush className="mt-4">
        {shown.rows.length === 0 ? (
          <Empty state={state} watch={watch} stale={stale} />
        ) : (
          <>
            <ul aria-label={`${tabWords[state]} alerts`} className="m-0 list-none p-0">
              {(state === 'resolved' ? shown.rows : worstFirst(shown.rows)).map((alert) => (
                <AlertRow key={alert.id} alert={alert} />
              ))}
            </ul>
            <Pagination
              first={cursor === null ? null : alertsHref(state, null, databaseId)}
              next={shown.nextCursor === null ? null : alertsHref(state, shown.nextCursor, databaseId)}
              shown={formatCount(shown.rows.length, 'alert')}
            />
          </>
        )}
      </Panel>
    </>
  )
}

function Empty({ state, watch, stale }: { state: AlertState; watch: WatchState; stale: boolean }) {
  const { title, words, unknown } = emptyWords(state, watch, stale)
  return (
    <EmptyState
      icon={unknown ? CircleHelp : BellRing}
      title={title}
      action={
        state === 'open' && (
          <LinkButton href={stale ? '/settings?part=workers' : unknown ? '/checks?status=unknown' : '/checks'}>
            {stale ? 'Look at the workers' : unknown ? 'Look at what is unknown' : 'See every check'}
          </LinkButton>
        )
      }
    >
      {words}
    </EmptyState>
  )
}
