import type { DayMark } from '#lib/domain/views.ts'
import { formatCount, formatDay } from '#lib/domain/units.ts'

const step = 4
const height = 24

/**
 * 90 days in one line. Each mark differs in shape, not only in colour: a full bar ran, a short one ran late, a bar with a cap failed,
 * a dashed outline never ran, a half outline is overdue, a dot owed nothing.
 */
export function DayStrip({ strip, name }: { strip: readonly DayMark[]; name: string }) {
  return (
    <svg
      role="img"
      aria-label={`${name}: ${describeStrip(strip)}`}
      viewBox={`0 0 ${Math.max(1, strip.length) * step} ${height}`}
      preserveAspectRatio="none"
      className="block h-6 w-full max-w-[360px] min-w-[180px]"
    >
      {strip.map((day, index) => (
        <Mark key={day.day} day={day} x={index * step} />
      ))}
    </svg>
  )
}

function Mark({ day, x }: { day: DayMark; x: number }) {
  const title = <title>{`${formatDay(day.day)}: ${dayInWords(day)}`}</title>
  switch (day.mark) {
    case 'succeeded':
      return (
        <rect x={x} y={4} width={2.8} height={18} rx={1} fill="var(--ok)" opacity={0.85}>
          {title}
        </rect>
      )
    case 'late':
      return (
        <rect x={x} y={11} width={2.8} height={11} rx={1} fill="var(--warn-mark)">
          {title}
        </rect>
      )
    case 'failed':
      return (
        <g fill="var(--bad)">
          {title}
          <rect x={x} y={5.5} width={2.8} height={16.5} rx={1} />
          <rect x={x} y={0.5} width={2.8} height={3} />
        </g>
      )
    case 'never_ran':
      return (
        <rect x={x + 0.4} y={4.4} width={2} height={17.2} rx={1} fill="none" stroke="var(--idle)" strokeDasharray="2 1.5" strokeWidth={0.9}>
          {title}
        </rect>
      )
    case 'overdue':
      return (
        <rect x={x + 0.4} y={12.4} width={2} height={9.2} rx={0.5} fill="none" stroke="var(--warn)" strokeWidth={0.9}>
          {title}
        </rect>
      )
    case 'idle':
      return (
        <rect x={x} y={20} width={2.8} height={2} fill="var(--line-2)">
          {title}
        </rect>
      )
  }
}

function dayInWords(day: DayMark): string {
  switch (day.mark) {
    case 'idle':
      return 'nothing was owed'
    case 'never_ran':
      return 'never ran'
    case 'overdue':
      return 'overdue'
    case 'late':
      return 'ran late'
    case 'failed':
      return `${formatCount(day.failed, 'backup')} failed`
    case 'succeeded':
      return `${formatCount(day.succeeded, 'backup')} succeeded${day.failed > 0 ? `, ${day.failed} failed` : ''}`
  }
}

/** `52 of 54 backups succeeded, 2 failed`; what the strip says to who cannot see it, and the line below it. */
export function describeStrip(strip: readonly DayMark[]): string {
  const sum = (of: (day: DayMark) => number) => strip.reduce((total, day) => total + of(day), 0)
  const succeeded = sum((day) => day.succeeded)
  const failed = sum((day) => day.failed)
  const missed = sum((day) => day.missed)
  const total = succeeded + failed + missed
  if (total === 0) return strip.some((day) => day.mark === 'overdue') ? 'a backup is overdue, none has run' : 'no backup has run or was owed'
  const late = strip.filter((day) => day.mark === 'late').length
  const first = strip.find((day) => day.mark !== 'idle')
  const since = first && first !== strip[0] ? ` since ${formatDay(first.day)}` : ''
  return [
    `${formatCount(succeeded)} of ${formatCount(total, 'backup')} succeeded${since}`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(missed > 0 ? [`${formatCount(missed)} never ran`] : []),
    ...(late > 0 ? [`${formatCount(late, 'day')} late`] : []),
  ].join(', ')
}

/** What the marks mean; once a page. */
export function StripLegend() {
  const marks: DayMark['mark'][] = ['succeeded', 'late', 'failed', 'overdue', 'never_ran', 'idle']
  return (
    <ul aria-label="What the marks mean" className="m-0 flex list-none flex-wrap gap-x-4 gap-y-1 p-0 text-xs text-ink-2">
      {marks.map((mark) => (
        <li key={mark} className="flex items-center gap-1.5">
          <svg aria-hidden width={6} height={16} viewBox={`-1 0 5 ${height}`} preserveAspectRatio="none">
            <Mark day={{ day: '2026-01-01', mark, succeeded: 1, failed: 0, missed: 0 }} x={0} />
          </svg>
          {{ succeeded: 'succeeded', late: 'late', failed: 'failed', overdue: 'overdue', never_ran: 'never ran', idle: 'nothing owed' }[mark]}
        </li>
      ))}
    </ul>
  )
}
