import { CircleAlert, Lightbulb, type LucideIcon, Minus, TriangleAlert } from 'lucide-react'
import { classes } from '#components/ui/classes.ts'
import { Link } from '#components/ui/link.tsx'
import { formatUtc } from '#lib/domain/units.ts'
import type { LogLine } from '#lib/domain/watch-views.ts'

export const lineLooks = {
  error: { icon: CircleAlert, ink: 'text-bad', word: 'error' },
  warning: { icon: TriangleAlert, ink: 'text-warn', word: 'warning' },
  state: { icon: Minus, ink: 'font-semibold', word: 'state' },
  phase: { icon: Minus, ink: 'font-semibold', word: 'phase' },
  log: { icon: Minus, ink: '', word: 'log' },
  progress: { icon: Minus, ink: 'text-ink-2', word: 'progress' },
} satisfies Record<LogLine['kind'], { icon: LucideIcon; ink: string; word: string }>

/** A line with where it comes from; a common fault is explained beside it. */
export function LogLineRow({ line }: { line: LogLine }) {
  const { icon: Icon, ink, word } = lineLooks[line.kind]
  return (
    <li className="grid gap-x-4 gap-y-0.5 border-t border-line px-4 py-2 first:border-t-0 sm:px-[18px] lg:grid-cols-[184px_minmax(0,1fr)_minmax(140px,260px)]">
      <time dateTime={line.at} className="text-sm whitespace-nowrap text-ink-3">
        {formatUtc(line.at, true)}
      </time>
      <div className="min-w-0">
        <p className={classes('m-0 flex items-start gap-2 font-mono text-[12.5px]/[1.6]', ink)}>
          <Icon aria-hidden className="mt-1 size-3.5 shrink-0" />
          <span className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">
            <span className="sr-only">{word}: </span>
            {line.message}
          </span>
        </p>
        {line.explained !== null && (
          <div className="mt-1 flex items-start gap-2 rounded-md bg-panel-2 px-2.5 py-1.5">
            <Lightbulb aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
            <p className="m-0 max-w-[80ch] text-sm [overflow-wrap:anywhere]">
              {line.explained.what} <span className="text-ink-2">{line.explained.remedy}</span>
            </p>
          </div>
        )}
      </div>
      <span className="min-w-0 text-sm [overflow-wrap:anywhere]">
        <Link href={`/operations/${line.operation.id}`} quiet className="font-normal!">
          {line.operation.title}
        </Link>
      </span>
    </li>
  )
}
