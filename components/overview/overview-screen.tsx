'use client'

import { useQuery } from '@tanstack/react-query'
import { Database } from 'lucide-react'
import { RecoveryChart } from '#components/charts/recovery-chart.tsx'
import { SuccessChart } from '#components/charts/success-chart.tsx'
import { KeptList } from '#components/swaps/kept-list.tsx'
import { usePageTitle } from '#components/shell/page-title.ts'
import { LinkButton } from '#components/ui/button.tsx'
import { EmptyState } from '#components/ui/empty-state.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { overviewQuery, reportsQuery } from '#lib/client/queries.ts'
import { overviewVerdict } from '#lib/domain/overview-verdict.ts'
import type { Role } from '#lib/domain/permissions.ts'
import type { SwapView } from '#lib/domain/swap-view.ts'
import type { OverviewView, ReportsView } from '#lib/domain/views.ts'
import { OverviewStorages } from './overview-storages.tsx'
import { RunningNow } from './running-now.tsx'
import { SafetyTable } from './safety-table.tsx'
import { VerdictHead } from './verdict-head.tsx'

/** Are we safe? The verdict, the one next step, then the evidence. */
export function OverviewScreen({ overview, reports, kept, role }: { overview: OverviewView; reports: ReportsView; kept: SwapView[]; role: Role }) {
  const { data: view } = useQuery({ ...overviewQuery(), initialData: overview })
  const { data: month } = useQuery({ ...reportsQuery(30, null), initialData: reports, refetchInterval: 60_000 })
  const verdict = overviewVerdict(view)
  usePageTitle(verdict.trouble ?? verdict.lead)
  return (
    <>
      <VerdictHead verdict={verdict} view={view} role={role} />
      {view.databases.length === 0 ? (
        <Panel className="mt-6" flush>
          <EmptyState icon={Database} title="No database is registered" action={<LinkButton href="/databases/new">Add a database</LinkButton>}>
            Register a database by its connection. Lifeboat tests it first and says what it can and cannot back up.
          </EmptyState>
        </Panel>
      ) : (
        <>
          <Panel className="mt-6" flush>
            <SafetyTable view={view} />
          </Panel>
          <KeptList swaps={kept} />
          <div className="mt-[18px] grid gap-[18px] lg:grid-cols-[3fr_2fr]">
            <SuccessChart success={month.success} days={30} scope="all databases" />
            <RecoveryChart recoveries={month.recoveries} objective={month.objectiveSeconds} days={30} scope="all databases" />
          </div>
        </>
      )}
      <div className="mt-[18px] grid items-start gap-[18px] lg:grid-cols-[3fr_2fr]">
        <RunningNow running={view.running} recent={view.recent} />
        <OverviewStorages storages={view.storages} />
      </div>
    </>
  )
}
