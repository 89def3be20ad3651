'use client'

import { useId } from 'react'
import { Area, CartesianGrid, ComposedChart, ReferenceArea, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { checkLook, CheckBadge } from '#components/watch/looks.tsx'
import { formatUtc } from '#lib/domain/units.ts'
import { checkValueWords } from '#lib/domain/watch/value-words.ts'
import type { CheckHistory } from '#lib/domain/watch-views.ts'
import { type Segment, segmentsOf } from './check-segments.ts'
import { drawnPoints, periodTicks, periodWords, tickWords, valueTicks } from './check-axis.ts'
import { describeCheck } from './describe-check.ts'
import { Figure, type TwinColumn } from './figure.tsx'
import { StatusLegend, StatusStrip } from './status-strip.tsx'

type Point = CheckHistory['points'][number]

interface Props {
  title: string
  history: CheckHistory
  hours: number
  /** the end of the period, in milliseconds */
  now: number
}

const axis = 62
const edge = 12

/** What a check saw over a time: its number, with gaps where there is none, above a strip of how it stood. */
export function CheckChart({ title, history, hours, now }: Props) {
  const id = useId().replaceAll(/[^A-Za-z0-9]/g, '')
  const from = now - hours * 3_600_000
  const segments = segmentsOf(history, from, now)
  const measured = history.unit !== null && history.points.some((point) => point.value !== null)
  return (
    <Figure
      title={title}
      aside={`${periodWords(hours)} · UTC`}
      finding={describeCheck(history, from, now)}
      rows={history.points.toReversed()}
      rowKey={(row) => row.at}
      columns={columnsFor(history.unit)}
      file={`lifeboat-${history.kind}-${history.subjectName.replaceAll(/[^A-Za-z0-9._-]/g, '_')}-${hours}-hours`}
      legend={
        <ul className="m-0 mb-2 flex list-none flex-wrap gap-x-4 gap-y-1 p-0 text-xs text-ink-2">
          <StatusLegend segments={segments} id={id} />
        </ul>
      }
    >
      {measured && <ValueChart history={history} segments={segments} from={from} now={now} hours={hours} pattern={`${id}-gap`} />}
      <div style={measured ? { paddingLeft: axis, paddingRight: edge } : { paddingLeft: 6, paddingRight: 6 }} className="pb-2">
        <StatusStrip segments={segments} name={title} id={id} />
        {!measured && (
          <div className="mt-1 flex justify-between text-[11px] text-ink-3">
            <span>{tickWords(from, hours)}</span>
            <span>now</span>
          </div>
        )}
      </div>
    </Figure>
  )
}

function ValueChart(props: { history: CheckHistory; segments: readonly Segment[]; from: number; now: number; hours: number; pattern: string }) {
  const { history, segments, from, now, hours, pattern } = props
  const { unit } = history
  const data = drawnPoints(history, now)
  const ticks = valueTicks(Math.max(0, ...history.points.map((point) => point.value ?? 0)), unit)
  const alone = history.points.length < 3
  return (
    <div className="h-[170px]">
      <ResponsiveContainer width="100%" height="100%" initialDimension={{ width: 640, height: 170 }}>
        <ComposedChart data={data} margin={{ top: 8, right: edge, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <defs>
            <pattern id={pattern} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line x1="0" y1="0" x2="0" y2="6" stroke="var(--line-2)" strokeWidth="2" />
            </pattern>
          </defs>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          {segments
            .filter((one) => one.state === 'gap' || one.state === 'unknown')
            .map((one) => (
              <ReferenceArea key={one.from} x1={one.from} x2={one.to} fill={`url(#${pattern})`} fillOpacity={1} stroke="none" />
            ))}
          {segments
            .filter((one) => one.state === 'critical')
            .map((one) => (
              <ReferenceArea key={one.from} x1={one.from} x2={one.to} fill="var(--bad-soft)" fillOpacity={1} stroke="none" />
            ))}
          <XAxis
            dataKey="t"
            type="number"
            domain={[from, now]}
            ticks={periodTicks(from, now, hours)}
            tickFormatter={(value: number) => tickWords(value, hours)}
            tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
            axisLine={{ stroke: 'var(--line-2)' }}
            tickLine={false}
            minTickGap={24}
            allowDataOverflow
          />
          <YAxis
            domain={[0, ticks.at(-1) ?? 1]}
            ticks={ticks}
            tickFormatter={(value: number) => checkValueWords(value, unit)}
            tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
            axisLine={false}
            tickLine={false}
            width={axis}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--line-2)' }}
            content={({ active, payload }) => {
              const point = payload?.[0]?.payload as { point: Point | null } | undefined
              return active && point?.point ? <Bubble point={point.point} unit={unit} /> : null
            }}
          />
          <Area
            dataKey="value"
            type="linear"
            connectNulls={false}
            stroke="var(--accent)"
            strokeWidth={1.6}
            fill="var(--accent-soft)"
            dot={alone ? { r: 3, fill: 'var(--accent)', stroke: 'var(--accent)' } : false}
            isAnimationActive={false}
          />
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  )
}

function Bubble({ point, unit }: { point: Point; unit: CheckHistory['unit'] }) {
  return (
    <div className="max-w-80 rounded-md border border-line-2 bg-panel px-2.5 py-1.5 text-sm shadow-float">
      <strong>{formatUtc(point.at, true)}</strong>
      <div>
        {checkLook[point.status].word}
        {point.value !== null && `, ${checkValueWords(point.value, unit)}`}
      </div>
      <div className="text-ink-2 [overflow-wrap:anywhere]">{point.words}</div>
    </div>
  )
}

function columnsFor(unit: CheckHistory['unit']): TwinColumn<Point>[] {
  return [
    {
      id: 'at',
      header: 'When (UTC)',
      csvHeader: 'at',
      csv: (row) => row.at,
      cell: (row) => <span className="whitespace-nowrap">{formatUtc(row.at, true)}</span>,
    },
    { id: 'status', header: 'Result', csvHeader: 'status', csv: (row) => row.status, cell: (row) => <CheckBadge status={row.status} /> },
    ...(unit === null
      ? []
      : [
          {
            id: 'value',
            header: 'Value',
            csvHeader: `value_${unit}`,
            csv: (row: Point) => row.value,
            cell: (row: Point) => (row.value === null ? <span className="text-ink-3">none</span> : checkValueWords(row.value, unit)),
            align: 'end' as const,
          },
        ]),
    {
      id: 'words',
      header: 'What it saw',
      csvHeader: 'words',
      csv: (row) => row.words,
      cell: (row) => <span className="[overflow-wrap:anywhere]">{row.words}</span>,
    },
  ]
}
