'use client'

import { planOf } from '#components/follow/plan-of.ts'
import { OperationProgress } from '#components/follow/operation-progress.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { useAskedOperation } from '#lib/client/operation-stream.ts'
import { formatBytes, formatCount, formatDuration } from '#lib/domain/units.ts'

/** What a backup would do now, and what stands in its way. */
export function BackupDryRun({ id }: { id: string }) {
  const { data } = useAskedOperation(id)
  const plan = planOf(data)
  if (data === undefined) return <Skeleton className="h-16 w-full" />
  if (plan === null) {
    return (
      <div className="rounded-[10px] border border-line p-3.5">
        <OperationProgress operation={data} />
      </div>
    )
  }
  const bytes = plan.tables.reduce((sum, table) => sum + table.rawBytes, 0)
  return (
    <div role="status" className="rounded-[10px] border border-line">
      <p className="m-0 px-4 pt-3 font-semibold">
        {plan.blocked ? 'The dry run found what stops this backup' : 'The dry run found nothing that stops this backup'}
      </p>
      <p className="m-0 px-4 pb-3 text-ink-2">
        {formatCount(plan.tables.length, 'table')}, about {formatBytes(bytes)}.{' '}
        {plan.estimatedSeconds === null
          ? 'How long it takes: no evidence yet.'
          : `It takes about ${formatDuration(plan.estimatedSeconds)}${plan.estimateFrom === '' ? '' : ` (${plan.estimateFrom})`}.`}{' '}
        Nothing was written.
      </p>
      {plan.findings.length > 0 && (
        <div className="max-h-72 overflow-auto border-t border-line">
          <FindingList findings={plan.findings} />
        </div>
      )}
    </div>
  )
}
