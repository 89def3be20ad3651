import { formatDuration } from '#lib/domain/units.ts'
import { type Segment, type SegmentState, secondsOf } from './check-segments.ts'

const height = 20
const width = 1_000

export const segmentWords = {
  ok: 'well',
  warning: 'warning',
  critical: 'critical',
  unknown: 'could not be judged',
  gap: 'not looked at',
  none: 'nothing on record',
} satisfies Record<SegmentState, string>

/** A period in one line. States differ in height and pattern, not only in colour; what nobody knows is empty. */
export function StatusStrip({ segments, name, id }: { segments: readonly Segment[]; name: string; id: string }) {
  const from = segments[0]?.from ?? 0
  const to = segments.at(-1)?.to ?? 1
  const x = (at: number) => ((at - from) / Math.max(1, to - from)) * width
  return (
    <svg
      role="img"
      aria-label={`${name}: ${stripWords(segments)}`}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className="block h-5 w-full"
    >
      <Hatch id={id} />
      {segments.map((one) => (
        <Bar key={one.from} state={one.state} x={x(one.from)} width={Math.max(1.5, x(one.to) - x(one.from))} pattern={id} />
      ))}
    </svg>
  )
}

function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" fill="var(--panel)" />
        <line x1="0" y1="0" x2="0" y2="6" stroke="var(--idle)" strokeWidth="2" />
      </pattern>
    </defs>
  )
}

function Bar({ state, x, width: wide, pattern }: { state: SegmentState; x: number; width: number; pattern: string }) {
  const title = <title>{segmentWords[state]}</title>
  switch (state) {
    case 'ok':
      return (
        <rect x={x} y={6} width={wide} height={height - 6} fill="var(--ok)" opacity={0.85}>
          {title}
        </rect>
      )
    case 'warning':
      return (
        <rect x={x} y={3} width={wide} height={height - 3} fill="var(--warn-mark)">
          {title}
        </rect>
      )
    case 'critical':
      return (
        <rect x={x} y={0} width={wide} height={height} fill="var(--bad)">
          {title}
        </rect>
      )
    case 'unknown':
    case 'gap':
      return (
        <rect x={x} y={6} width={wide} height={height - 6} fill={`url(#${pattern})`}>
          {title}
        </rect>
      )
    case 'none':
      return (
        <rect x={x} y={height - 2} width={wide} height={2} fill="var(--line-2)">
          {title}
        </rect>
      )
  }
}

function stripWords(segments: readonly Segment[]): string {
  const seconds = secondsOf(segments)
  const states = (['critical', 'warning', 'unknown', 'gap', 'none', 'ok'] as const).filter((state) => seconds[state] >= 1)
  return states.length === 0 ? 'nothing on record' : states.map((state) => `${segmentWords[state]} for ${formatDuration(seconds[state])}`).join(', ')
}

/** What the bars mean: those that occur. */
export function StatusLegend({ segments, id }: { segments: readonly Segment[]; id: string }) {
  const seconds = secondsOf(segments)
  return (
    <>
      {(['ok', 'warning', 'critical', 'unknown', 'gap', 'none'] as const)
        // both are drawn alike: nobody knows
        .filter((state) => seconds[state] > 0 && !(state === 'unknown' && seconds.gap > 0))
        .map((state) => (
          <li key={state} className="flex items-center gap-1.5">
            <svg aria-hidden width={12} height={12} viewBox={`0 0 12 ${height}`} preserveAspectRatio="none">
              <Hatch id={`${id}-key`} />
              <Bar state={state} x={0} width={12} pattern={`${id}-key`} />
            </svg>
            {state === 'gap' && seconds.unknown > 0 ? `${segmentWords.gap}, or ${segmentWords.unknown}` : segmentWords[state]}
          </li>
        ))}
    </>
  )
}
