'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { parseAsNumberLiteral, parseAsString, useQueryStates } from 'nuqs'
import { useRef } from 'react'
import { RecoveryChart } from '#components/charts/recovery-chart.tsx'
import { SizeChart } from '#components/charts/size-chart.tsx'
import { SuccessChart } from '#components/charts/success-chart.tsx'
import { usePageTitle } from '#components/shell/page-title.ts'
import { Button } from '#components/ui/button.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Select } from '#components/ui/select.tsx'
import { ApiError } from '#lib/client/api.ts'
import { reportsQuery } from '#lib/client/queries.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { ReportsView } from '#lib/domain/views.ts'

export const periods = [7, 30, 90] as const
const all = 'all'

/** How well does it go? Period and database are in the address. */
export function ReportsScreen({
  reports,
  databaseId,
  databases,
}: {
  reports: ReportsView
  databaseId: string | null
  databases: { id: string; name: string }[]
}) {
  const [address, setAddress] = useQueryStates(
    { days: parseAsNumberLiteral(periods).withDefault(30), databaseId: parseAsString },
    { history: 'push' },
  )
  const { current: first } = useRef({ days: reports.days, databaseId, reports })
  const { data, error } = useQuery({
    ...reportsQuery(address.days, address.databaseId),
    ...(first.days === address.days && first.databaseId === address.databaseId ? { initialData: first.reports } : {}),
    placeholderData: keepPreviousData,
  })
  const view = data ?? reports
  const scope = databases.find((database) => database.id === address.databaseId)?.name ?? 'all databases'
  usePageTitle(`Reports, ${view.days} days, ${scope}`)
  return (
    <>
      <PageHeader title="Reports">How well backing up and recovering go. Days are in UTC; dry runs are not counted.</PageHeader>
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <div role="group" aria-label="Period" className="flex gap-1">
          {periods.map((days) => (
            <Button key={days} variant={address.days === days ? 'primary' : 'secondary'} onPress={() => void setAddress({ days })}>
              {formatCount(days, 'day')}
              {address.days === days && <span className="sr-only">, shown</span>}
            </Button>
          ))}
        </div>
        <Select
          inline
          label="Database"
          value={address.databaseId ?? all}
          onChange={(id) => void setAddress({ databaseId: id === all ? null : id })}
          options={[{ value: all, label: 'all' }, ...databases.map((database) => ({ value: database.id, label: database.name }))]}
        />
      </div>
      {error instanceof ApiError && (
        <div className="mb-4">
          <Problem alert tone="warn" title="The report could not be read" id={error.problem.requestId}>
            {error.problem.title} {error.problem.remedy}
          </Problem>
        </div>
      )}
      <div className="grid gap-[18px] lg:grid-cols-[3fr_2fr]">
        <SuccessChart success={view.success} days={view.days} scope={scope} />
        <RecoveryChart recoveries={view.recoveries} objective={view.objectiveSeconds} days={view.days} scope={scope} />
        <div className="lg:col-span-2">
          <SizeChart sizes={view.sizes} days={view.days} scope={scope} />
        </div>
      </div>
    </>
  )
}
