'use client'

import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { ReportsView } from '#lib/domain/views.ts'
import { formatBytes, formatDay, formatShare } from '#lib/domain/units.ts'
import { Figure, type TwinColumn } from './figure.tsx'
import { byteTicks } from './ticks.ts'

type Day = ReportsView['sizes'][number]

const columns: TwinColumn<Day>[] = [
  { id: 'day', header: 'Day (UTC)', csvHeader: 'day', csv: (row) => row.day, cell: (row) => <span className="whitespace-nowrap">{row.day}</span> },
  { id: 'raw', header: 'Data', csvHeader: 'raw_bytes', csv: (row) => row.rawBytes, cell: (row) => formatBytes(row.rawBytes), align: 'end' },
  {
    id: 'stored',
    header: 'Stored',
    csvHeader: 'stored_bytes',
    csv: (row) => row.storedBytes,
    cell: (row) => formatBytes(row.storedBytes),
    align: 'end',
  },
]

/** The newest backup of each database as of each day, summed: the data itself, and what it takes when sealed. */
export function SizeChart({ sizes, days, scope }: { sizes: readonly Day[]; days: number; scope: string }) {
  const ticks = byteTicks(Math.max(0, ...sizes.map((day) => day.rawBytes)))
  return (
    <Figure
      title="Size of the newest backups"
      aside={`${days} days · ${scope}`}
      finding={describeSizes(sizes, days)}
      rows={[...sizes].reverse()}
      rowKey={(row) => row.day}
      columns={columns}
      file={`lifeboat-sizes-${days}-days`}
      legend={
        sizes.length === 0 ? undefined : (
          <ul className="m-0 mb-2 flex list-none flex-wrap gap-4 p-0 text-xs text-ink-2">
            <li className="flex items-center gap-1.5">
              <span aria-hidden className="h-0 w-4 border-t-2 border-dashed border-ink-3" />
              data
            </li>
            <li className="flex items-center gap-1.5">
              <span aria-hidden className="h-0 w-4 border-t-2 border-accent" />
              stored, compressed and sealed
            </li>
          </ul>
        )
      }
    >
      {sizes.length === 0 ? (
        <p className="m-0 mb-3 grid h-[150px] place-items-center rounded-md border border-dashed border-line-2 text-ink-3">no backup yet</p>
      ) : (
        <div className="h-[180px]">
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 180 }}>
            <AreaChart data={[...sizes]} margin={{ top: 6, right: 12, bottom: 0, left: 0 }} accessibilityLayer={false}>
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
                domain={[0, ticks.at(-1) ?? 1]}
                ticks={ticks}
                tickFormatter={(value: number) => formatBytes(value)}
                tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
                axisLine={false}
                tickLine={false}
                width={62}
              />
              <Tooltip
                isAnimationActive={false}
                cursor={{ stroke: 'var(--line-2)' }}
                content={({ active, payload }) => {
                  if (!active || !payload[0]) return null
                  const day = payload[0].payload as Day
                  return (
                    <div className="rounded-md border border-line-2 bg-panel px-2.5 py-1.5 text-sm shadow-float">
                      <strong>{formatDay(day.day)}</strong>
                      <div>data {formatBytes(day.rawBytes)}</div>
                      <div>stored {formatBytes(day.storedBytes)}</div>
                    </div>
                  )
                }}
              />
              <Area
                dataKey="rawBytes"
                type="linear"
                stroke="var(--ink-3)"
                strokeDasharray="4 3"
                strokeWidth={1.5}
                fill="none"
                dot={sizes.length < 3 ? { r: 3, fill: 'var(--panel)', stroke: 'var(--ink-3)', strokeDasharray: '0' } : false}
                isAnimationActive={false}
              />
              <Area
                dataKey="storedBytes"
                type="linear"
                stroke="var(--accent)"
                strokeWidth={1.8}
                fill="var(--accent-soft)"
                dot={sizes.length < 3 ? { r: 3, fill: 'var(--accent)', stroke: 'var(--accent)' } : false}
                isAnimationActive={false}
              />
            </AreaChart>
          </ResponsiveContainer>
        </div>
      )}
    </Figure>
  )
}

function describeSizes(sizes: readonly Day[], days: number): string {
  const first = sizes[0]
  const last = sizes.at(-1)
  if (!first || !last) return `No backup has finished, so there is no size.`
  const stored = `${formatBytes(last.rawBytes)} of data take ${formatBytes(last.storedBytes)} when stored.`
  if (sizes.length < 2 || first.rawBytes === 0) return stored
  const change = (last.rawBytes - first.rawBytes) / first.rawBytes
  if (Math.abs(change) < 0.005) return `${stored} The data has kept its size since ${formatDay(first.day)}.`
  return `${stored} The data has ${change > 0 ? 'grown' : 'shrunk'} by ${formatShare(Math.abs(change))} in ${Math.min(days, sizes.length)} days.`
}
