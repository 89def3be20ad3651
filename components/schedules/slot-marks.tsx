import type { SlotView } from '#lib/domain/keeping-views.ts'
import { formatUtc } from '#lib/domain/units.ts'
import { describeSlots, markOf, markOrder, markWords, type SlotMark } from './slot-mark.ts'

const step = 8
const height = 22

/** The last runs that were due, oldest first. Each mark differs in shape, not only in colour, as in the 90-day strip. */
export function SlotMarks({ slots, name }: { slots: readonly SlotView[]; name: string }) {
  if (slots.length === 0) return <span className="text-sm text-ink-3">none was due yet</span>
  const width = slots.length * step
  return (
    <svg
      role="img"
      aria-label={`${name}: ${describeSlots(slots)}`}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      className="block"
    >
      {slots.map((slot, index) => (
        <g key={slot.at} transform={`translate(${index * step} 0)`}>
          <title>{`${formatUtc(slot.at)}: ${markWords[markOf(slot)]}${slot.reason === null ? '' : `. ${slot.reason}`}`}</title>
          <rect width={step} height={height} fill="transparent" />
          <Mark mark={markOf(slot)} />
        </g>
      ))}
    </svg>
  )
}

function Mark({ mark }: { mark: SlotMark }) {
  switch (mark) {
    case 'ran':
      return <rect x={1} y={4} width={5} height={17} rx={1.5} fill="var(--ok)" opacity={0.85} />
    case 'late':
      return <rect x={1} y={11} width={5} height={10} rx={1.5} fill="var(--warn-mark)" />
    case 'running':
      return (
        <g fill="var(--run)">
          <rect x={1} y={16} width={5} height={5} rx={1.5} />
          <rect x={1} y={9} width={5} height={5} rx={1.5} opacity={0.6} />
        </g>
      )
    case 'failed':
      return (
        <g fill="var(--bad)">
          <rect x={1} y={6} width={5} height={15} rx={1.5} />
          <rect x={1} y={1} width={5} height={3} />
        </g>
      )
    case 'skipped':
      return <path d="M1.5 20.5 L5.5 5" stroke="var(--idle)" strokeWidth={1.6} fill="none" />
    case 'missed':
      return <rect x={1.6} y={4.6} width={3.8} height={15.8} rx={1.5} fill="none" stroke="var(--bad)" strokeDasharray="2.4 1.8" strokeWidth={1.2} />
    case 'due':
      return <rect x={1.6} y={12} width={3.8} height={8.4} rx={1} fill="none" stroke="var(--warn)" strokeWidth={1.2} />
  }
}

/** What the marks mean; once a page. */
export function SlotLegend() {
  return (
    <ul aria-label="What the marks mean" className="m-0 flex list-none flex-wrap gap-x-4 gap-y-1 p-0 text-xs text-ink-2">
      {markOrder.map((mark) => (
        <li key={mark} className="flex items-center gap-1.5">
          <svg aria-hidden width={7} height={height - 4} viewBox={`0 0 ${step - 1} ${height}`}>
            <Mark mark={mark} />
          </svg>
          {markWords[mark]}
        </li>
      ))}
    </ul>
  )
}
