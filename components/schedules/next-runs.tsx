'use client'

import { useNow } from '#components/ui/now.tsx'
import { formatRelative, formatUtc, formatZoned } from '#lib/domain/units.ts'

/** The runs to come, each in the schedule's zone and in UTC. They are worked out by the same code that fires them. */
export function NextRuns({ next, timeZone }: { next: readonly string[]; timeZone: string }) {
  const now = useNow()
  return (
    <ol className="m-0 flex list-none flex-col gap-1 p-0">
      {next.map((at) => (
        <li key={at} className="flex flex-wrap items-baseline gap-x-3">
          <time dateTime={at} className="whitespace-nowrap">
            {formatZoned(at, timeZone)}
          </time>
          <span className="text-sm whitespace-nowrap text-ink-2">
            {timeZone === 'UTC' ? '' : `${formatUtc(at)} · `}
            {formatRelative(at, now)}
          </span>
        </li>
      ))}
    </ol>
  )
}
