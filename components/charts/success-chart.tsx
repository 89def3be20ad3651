'use client'

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { ReportsView } from '#lib/domain/views.ts'
import { formatCount, formatDay, formatShare } from '#lib/domain/units.ts'
import { describeSuccess } from './describe.ts'
import { Figure, type TwinColumn } from './figure.tsx'

type Day = ReportsView['success'][number]

const columns: TwinColumn<Day>[] = [
  { id: 'day', header: 'Day (UTC)', csvHeader: 'day', csv: (row) => row.day, cell: (row) => <span className="whitespace-nowrap">{row.day}</span> },
  { id: 'owed', header: 'Owed', csvHeader: 'owed', csv: (row) => row.owed, cell: (row) => formatCount(row.owed), align: 'end' },
  { id: 'ok', header: 'Succeeded', csvHeader: 'succeeded', csv: (row) => row.succeeded, cell: (row) => formatCount(row.succeeded), align: 'end' },
  { id: 'failed', header: 'Failed', csvHeader: 'failed', csv: (row) => row.failed, cell: (row) => formatCount(row.failed), align: 'end' },
  { id: 'missed', header: 'Never ran', csvHeader: 'never_ran', csv: (row) => row.missed, cell: (row) => formatCount(row.missed), align: 'end' },
  {
    id: 'rate',
    header: 'Rate',
    csvHeader: 'success_rate',
    csv: (row) => (row.owed === 0 ? null : row.succeeded / row.owed),
    cell: (row) => (row.owed === 0 ? 'nothing owed' : formatShare(row.succeeded / row.owed)),
    align: 'end',
  },
]

/** Backups that succeeded, by day, against those that were owed. A day that owed nothing has no bar; it is not 100 %. */
export function SuccessChart({ success, days, scope }: { success: readonly Day[]; days: number; scope: string }) {
  const data = success.map((day) => ({
    ...day,
    ok: share(day.succeeded, day.owed),
    bad: share(day.failed, day.owed),
    never: share(Math.max(0, day.owed - day.succeeded - day.failed), day.owed),
  }))
  const owed = success.some((day) => day.owed > 0)
  return (
    <Figure
      title="Backups that succeeded, of those owed"
      aside={`${days} days · ${scope}`}
      finding={describeSuccess([...success], days)}
      rows={[...success].reverse()}
      rowKey={(row) => row.day}
      columns={columns}
      file={`lifeboat-success-${days}-days`}
      legend={owed ? <Legend /> : undefined}
    >
      {!owed ? (
        <p className="m-0 mb-3 grid h-[150px] place-items-center rounded-md border border-dashed border-line-2 text-ink-3">nothing owed yet</p>
      ) : (
        <div className="h-[190px]">
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 190 }}>
            <BarChart
              data={data}
              margin={{ top: 4, right: 18, bottom: 0, left: 0 }}
              barCategoryGap={days > 40 ? 1 : '22%'}
              accessibilityLayer={false}
            >
              <defs>
                <pattern id="never-ran" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                  <rect width="5" height="5" fill="var(--panel)" />
                  <line x1="0" y1="0" x2="0" y2="5" stroke="var(--idle)" strokeWidth="2" />
                </pattern>
              </defs>
              <CartesianGrid vertical={false} stroke="var(--line)" />
              <XAxis
                dataKey="day"
                tickFormatter={formatDay}
                tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
                axisLine={{ stroke: 'var(--line-2)' }}
                tickLine={false}
                minTickGap={28}
              />
              <YAxis
                domain={[0, 1]}
                ticks={[0, 0.25, 0.5, 0.75, 1]}
                tickFormatter={(value: number) => `${Math.round(value * 100)} %`}
                tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
                axisLine={false}
                tickLine={false}
                width={46}
              />
              <Tooltip
                cursor={{ fill: 'var(--hover)' }}
                isAnimationActive={false}
                content={({ active, payload }) => (active && payload[0] ? <Bubble day={payload[0].payload as Day} /> : null)}
              />
              <Bar dataKey="ok" stackId="day" fill="var(--ok)" fillOpacity={0.85} isAnimationActive={false} />
              <Bar dataKey="bad" stackId="day" fill="var(--bad)" isAnimationActive={false} />
              <Bar dataKey="never" stackId="day" fill="url(#never-ran)" stroke="var(--idle)" isAnimationActive={false} />
            </BarChart>
          </ResponsiveContainer>
        </div>
      )}
    </Figure>
  )
}

/** A day with more runs than owed (retries that failed first) still fits into the bar. */
function share(part: number, owed: number): number {
  return owed === 0 ? 0 : Math.min(1, part / owed)
}

function Bubble({ day }: { day: Day }) {
  return (
    <div className="rounded-md border border-line-2 bg-panel px-2.5 py-1.5 text-sm shadow-float">
      <strong>{formatDay(day.day)}</strong>
      <div>{day.owed === 0 ? 'Nothing was owed' : `${formatCount(day.succeeded)} of ${formatCount(day.owed)} succeeded`}</div>
      {day.failed > 0 && <div className="text-bad">{formatCount(day.failed)} failed</div>}
      {day.missed > 0 && <div className="text-ink-2">{formatCount(day.missed)} never ran</div>}
    </div>
  )
}

function Legend() {
  return (
    <ul className="m-0 mb-2 flex list-none flex-wrap gap-4 p-0 text-xs text-ink-2">
      <li className="flex items-center gap-1.5">
        <span aria-hidden className="size-2.5 bg-ok" />
        succeeded
      </li>
      <li className="flex items-center gap-1.5">
        <span aria-hidden className="size-2.5 bg-bad" />
        failed
      </li>
      <li className="flex items-center gap-1.5">
        <svg aria-hidden width="10" height="10">
          <rect x="0.5" y="0.5" width="9" height="9" fill="none" stroke="var(--idle)" />
          <path d="M0 10 10 0M-3 6 6-3M4 13 13 4" stroke="var(--idle)" strokeWidth="1.6" />
        </svg>
        never ran
      </li>
    </ul>
  )
}
