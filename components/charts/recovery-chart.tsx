'use client'

import { Bar, BarChart, CartesianGrid, LabelList, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { ReportsView } from '#lib/domain/views.ts'
import { formatCount, formatDuration } from '#lib/domain/units.ts'
import { describeRecoveries, recoveryType } from './describe.ts'
import { Figure, type TwinColumn } from './figure.tsx'
import { durationTicks } from './ticks.ts'

type Recovery = ReportsView['recoveries'][number]

const seconds = (value: number | null) => (value === null ? 'unmeasured' : formatDuration(value))
const columns: TwinColumn<Recovery>[] = [
  { id: 'type', header: 'Type', csvHeader: 'type', csv: (row) => row.type, cell: (row) => recoveryType(row.type) },
  { id: 'count', header: 'Runs', csvHeader: 'runs', csv: (row) => row.count, cell: (row) => formatCount(row.count), align: 'end' },
  { id: 'failed', header: 'Failed', csvHeader: 'failed', csv: (row) => row.failed, cell: (row) => formatCount(row.failed), align: 'end' },
  {
    id: 'average',
    header: 'Average',
    csvHeader: 'average_seconds',
    csv: (row) => row.averageSeconds,
    cell: (row) => seconds(row.averageSeconds),
    align: 'end',
  },
  {
    id: 'longest',
    header: 'Longest',
    csvHeader: 'longest_seconds',
    csv: (row) => row.longestSeconds,
    cell: (row) => seconds(row.longestSeconds),
    align: 'end',
  },
  { id: 'p50', header: 'Half within', csvHeader: 'p50_seconds', csv: (row) => row.p50Seconds, cell: (row) => seconds(row.p50Seconds), align: 'end' },
  { id: 'p95', header: '95 % within', csvHeader: 'p95_seconds', csv: (row) => row.p95Seconds, cell: (row) => seconds(row.p95Seconds), align: 'end' },
]

/** How long recoveries took, by type: average and longest, with the objective as a line. */
export function RecoveryChart({
  recoveries,
  objective,
  days,
  scope,
}: {
  recoveries: readonly Recovery[]
  objective: number | null
  days: number
  scope: string
}) {
  const data = recoveries
    .filter((one) => one.averageSeconds !== null)
    .map((one) => ({ ...one, name: recoveryType(one.type), average: one.averageSeconds ?? 0, longest: one.longestSeconds ?? 0 }))
  const ticks = durationTicks(Math.max(objective ?? 0, ...data.map((one) => one.longest)))
  return (
    <Figure
      title="Time to recover"
      aside={`${days} days · ${scope}`}
      finding={describeRecoveries([...recoveries], objective, days)}
      rows={recoveries}
      rowKey={(row) => row.type}
      columns={columns}
      file={`lifeboat-recoveries-${days}-days`}
      legend={
        data.length > 0 ? (
          <ul className="m-0 mb-2 flex list-none flex-wrap gap-4 p-0 text-xs text-ink-2">
            <li className="flex items-center gap-1.5">
              <span aria-hidden className="size-2.5 bg-accent" />
              average
            </li>
            <li className="flex items-center gap-1.5">
              <span aria-hidden className="size-2.5 border border-accent" />
              longest
            </li>
            {objective !== null && (
              <li className="flex items-center gap-1.5">
                <span aria-hidden className="h-0 w-4 border-t-2 border-dashed border-bad" />
                objective {formatDuration(objective)}
              </li>
            )}
          </ul>
        ) : undefined
      }
    >
      {data.length === 0 ? (
        <p className="m-0 mb-3 grid h-[150px] place-items-center rounded-md border border-dashed border-line-2 text-ink-3">unmeasured</p>
      ) : (
        <div style={{ height: 46 + data.length * 72 }}>
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 420, height: 46 + data.length * 72 }}>
            <BarChart
              data={data}
              layout="vertical"
              margin={{ top: 4, right: 58, bottom: 0, left: 0 }}
              barGap={2}
              barCategoryGap="24%"
              accessibilityLayer={false}
            >
              <CartesianGrid horizontal={false} stroke="var(--line)" />
              <XAxis
                type="number"
                domain={[0, ticks.at(-1) ?? 1]}
                ticks={ticks}
                tickFormatter={(value: number) => formatDuration(value)}
                tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
                axisLine={{ stroke: 'var(--line-2)' }}
                tickLine={false}
                minTickGap={8}
              />
              <YAxis type="category" dataKey="name" tick={{ fill: 'var(--ink)', fontSize: 12.5 }} axisLine={false} tickLine={false} width={92} />
              <Tooltip
                cursor={{ fill: 'var(--hover)' }}
                isAnimationActive={false}
                content={({ active, payload }) => (active && payload[0] ? <Bubble recovery={payload[0].payload as Recovery} /> : null)}
              />
              <Bar dataKey="average" barSize={16} fill="var(--accent)" radius={[0, 2, 2, 0]} isAnimationActive={false}>
                <LabelList dataKey="average" position="right" formatter={labelOf} fill="var(--ink-2)" fontSize={11} />
              </Bar>
              <Bar dataKey="longest" barSize={16} fill="transparent" stroke="var(--accent)" radius={[0, 2, 2, 0]} isAnimationActive={false}>
                <LabelList dataKey="longest" position="right" formatter={labelOf} fill="var(--ink-2)" fontSize={11} />
              </Bar>
              {objective !== null && <ReferenceLine x={objective} stroke="var(--bad)" strokeDasharray="4 3" strokeWidth={1.5} />}
            </BarChart>
          </ResponsiveContainer>
        </div>
      )}
    </Figure>
  )
}

/** Beside the bar: a short one has no room for it. */
function labelOf(value: unknown): string {
  return typeof value === 'number' && value > 0 ? formatDuration(value) : ''
}

function Bubble({ recovery }: { recovery: Recovery }) {
  return (
    <div className="rounded-md border border-line-2 bg-panel px-2.5 py-1.5 text-sm shadow-float">
      <strong>{recoveryType(recovery.type)}</strong>
      <div>average {seconds(recovery.averageSeconds)}</div>
      <div>longest {seconds(recovery.longestSeconds)}</div>
      <div className="text-ink-2">{formatCount(recovery.count, 'run')}</div>
    </div>
  )
}
