'use client'

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { Figure, type TwinColumn } from '#components/charts/figure.tsx'
import type { SimulationView } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatCount, formatDay } from '#lib/domain/units.ts'
import { type Bucket, bucketsOf } from './simulation-words.ts'

type Day = SimulationView['timeline'][number]

const columns: TwinColumn<Day>[] = [
  { id: 'day', header: 'Day (UTC)', csvHeader: 'day', csv: (row) => row.day, cell: (row) => <span className="whitespace-nowrap">{row.day}</span> },
  { id: 'deleted', header: 'Copies', csvHeader: 'copies', csv: (row) => row.deleted, cell: (row) => formatCount(row.deleted), align: 'end' },
  { id: 'bytes', header: 'Freed', csvHeader: 'freed_bytes', csv: (row) => row.bytes, cell: (row) => formatBytes(row.bytes), align: 'end' },
]

/** When what exists now would go, if verified backups go on coming. */
export function GoingChart({ timeline }: { timeline: readonly Day[] }) {
  const buckets = bucketsOf([...timeline])
  return (
    <Figure
      title="What goes, and when"
      aside="the backups that exist now"
      finding={finding(timeline)}
      rows={timeline}
      rowKey={(row) => row.day}
      columns={columns}
      file="lifeboat-retention"
    >
      {buckets.length === 0 ? (
        <p className="m-0 mb-3 grid h-[150px] place-items-center rounded-md border border-dashed border-line-2 text-ink-3">nothing goes by rule</p>
      ) : (
        <div className="h-[170px]">
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 170 }}>
            <BarChart data={buckets} margin={{ top: 6, right: 12, bottom: 0, left: 0 }} accessibilityLayer={false}>
              <CartesianGrid vertical={false} stroke="var(--line)" />
              <XAxis
                dataKey="label"
                tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
                axisLine={{ stroke: 'var(--line-2)' }}
                tickLine={false}
                minTickGap={28}
              />
              <YAxis allowDecimals={false} tick={{ fill: 'var(--ink-3)', fontSize: 11 }} axisLine={false} tickLine={false} width={36} />
              <Tooltip
                isAnimationActive={false}
                cursor={{ fill: 'var(--hover)' }}
                content={({ active, payload }) => {
                  const bucket = payload?.[0]?.payload as Bucket | undefined
                  if (!active || bucket === undefined) return null
                  return (
                    <div className="rounded-md border border-line-2 bg-panel px-2.5 py-1.5 text-sm shadow-float">
                      <strong>{bucket.label}</strong>
                      <div>{formatCount(bucket.deleted, 'copy goes', 'copies go')}</div>
                      <div>{formatBytes(bucket.bytes)} freed</div>
                    </div>
                  )
                }}
              />
              <Bar dataKey="deleted" fill="var(--idle)" maxBarSize={26} isAnimationActive={false} />
            </BarChart>
          </ResponsiveContainer>
        </div>
      )}
    </Figure>
  )
}

function finding(timeline: readonly Day[]): string {
  const first = timeline[0]
  const last = timeline.at(-1)
  if (first === undefined || last === undefined) return 'Nothing of what exists goes by rule.'
  const total = timeline.reduce((sum, day) => sum + day.deleted, 0)
  const copies = formatCount(total, 'copy', 'copies')
  if (first.day === last.day) return `${copies} on ${withYear(first.day)}, if verified backups go on coming.`
  return `${copies} between ${withYear(first.day)} and ${withYear(last.day)}, if verified backups go on coming.`
}

function withYear(day: string): string {
  return `${formatDay(day)} ${day.slice(0, 4)}`
}
