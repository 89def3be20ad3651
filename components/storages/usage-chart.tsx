'use client'

import { Area, CartesianGrid, ComposedChart, Line, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { Figure, type TwinColumn } from '#components/charts/figure.tsx'
import { byteTicks } from '#components/charts/ticks.ts'
import type { StorageDetail } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatCount, formatDay } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'

type Day = StorageDetail['usage'][number]

const columns: TwinColumn<Day>[] = [
  { id: 'day', header: 'Day (UTC)', csvHeader: 'day', csv: (row) => row.day, cell: (row) => <span className="whitespace-nowrap">{row.day}</span> },
  { id: 'used', header: 'Backups', csvHeader: 'backup_bytes', csv: (row) => row.usedBytes, cell: (row) => formatBytes(row.usedBytes), align: 'end' },
  { id: 'taken', header: 'All on it', csvHeader: 'taken_bytes', csv: takenOf, cell: (row) => formatBytes(takenOf(row)), align: 'end' },
  {
    id: 'total',
    header: 'Its size',
    csvHeader: 'total_bytes',
    csv: (row) => row.totalBytes,
    cell: (row) => formatBytes(row.totalBytes),
    align: 'end',
  },
]

/** Everything that lies on the disk, also what others wrote; null: not known, as of a bucket. */
function takenOf({ totalBytes, freeBytes }: Day): number | null {
  return totalBytes === null || freeBytes === null ? null : totalBytes - freeBytes
}

/** What a storage holds, day by day, against what it may hold. */
export function UsageChart({ storage, detail }: { storage: StorageView; detail: StorageDetail }) {
  const { usage, forecast } = detail
  const limit = forecast.limitBytes
  const top = Math.max(0, ...usage.map((day) => Math.max(day.usedBytes, takenOf(day) ?? 0)))
  // a limit far above would flatten everything below it: then it is told in words
  const drawn = limit !== null && top > 0 && limit <= top * 5 ? limit : null
  const ticks = byteTicks(Math.max(top, drawn ?? 0))
  const hasTaken = usage.some((day) => takenOf(day) !== null)
  const what = limit !== null && limit === storage.budgetBytes ? 'budget' : 'size of the disk'
  return (
    <Figure
      title="Use"
      aside={usage.length === 0 ? 'no day on record' : `${formatCount(usage.length, 'day')} on record`}
      finding={forecast.words}
      rows={[...usage].reverse()}
      rowKey={(row) => row.day}
      columns={columns}
      file={`lifeboat-use-of-${storage.name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`}
      legend={
        usage.length > 0 && (
          <ul className="m-0 mb-2 flex list-none flex-wrap gap-x-4 gap-y-1 p-0 text-xs text-ink-2">
            <Key mark="border-t-2 border-accent">backups</Key>
            {hasTaken && <Key mark="border-t-2 border-dashed border-ink-3">all that lies on the disk</Key>}
            {limit !== null &&
              (drawn === null ? (
                <li>
                  {what}: {formatBytes(limit)}, far above
                </li>
              ) : (
                <Key mark="border-t-2 border-warn-mark">
                  {what}: {formatBytes(limit)}
                </Key>
              ))}
          </ul>
        )
      }
    >
      {usage.length === 0 ? (
        <p className="m-0 mb-3 grid h-[150px] place-items-center rounded-md border border-dashed border-line-2 text-ink-3">not measured yet</p>
      ) : (
        <div className="h-[190px]">
          <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 190 }}>
            <ComposedChart
              data={usage.map((day) => ({ ...day, takenBytes: takenOf(day) }))}
              margin={{ top: 8, right: 12, bottom: 0, left: 0 }}
              accessibilityLayer={false}
            >
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
              <Tooltip isAnimationActive={false} cursor={{ stroke: 'var(--line-2)' }} content={Bubble} />
              {hasTaken && (
                <Line
                  dataKey="takenBytes"
                  type="linear"
                  stroke="var(--ink-3)"
                  strokeDasharray="4 3"
                  strokeWidth={1.5}
                  dot={usage.length < 3 ? { r: 3, fill: 'var(--panel)', stroke: 'var(--ink-3)', strokeDasharray: '0' } : false}
                  isAnimationActive={false}
                />
              )}
              <Area
                dataKey="usedBytes"
                type="linear"
                stroke="var(--accent)"
                strokeWidth={1.8}
                fill="var(--accent-soft)"
                dot={usage.length < 3 ? { r: 3, fill: 'var(--accent)', stroke: 'var(--accent)' } : false}
                isAnimationActive={false}
              />
              {drawn !== null && <ReferenceLine y={drawn} stroke="var(--warn-mark)" strokeWidth={2} />}
            </ComposedChart>
          </ResponsiveContainer>
        </div>
      )}
    </Figure>
  )
}

function Key({ mark, children }: { mark: string; children: React.ReactNode }) {
  return (
    <li className="flex items-center gap-1.5">
      <span aria-hidden className={`h-0 w-4 ${mark}`} />
      {children}
    </li>
  )
}

function Bubble({ active, payload }: { active?: boolean; payload?: readonly { payload?: unknown }[] }) {
  const day = payload?.[0]?.payload as Day | undefined
  if (!active || day === undefined) return null
  const taken = takenOf(day)
  return (
    <div className="rounded-md border border-line-2 bg-panel px-2.5 py-1.5 text-sm shadow-float">
      <strong>{formatDay(day.day)}</strong>
      <div>backups {formatBytes(day.usedBytes)}</div>
      {taken !== null && (
        <div>
          all on it {formatBytes(taken)} of {formatBytes(day.totalBytes)}
        </div>
      )}
    </div>
  )
}
