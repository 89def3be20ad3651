'use client'

import { Button, TooltipTrigger } from 'react-aria-components'
import { formatDay, formatLocal, formatRelative, formatUtc } from '#lib/domain/units.ts'
import { useNow } from './now.tsx'
import { TooltipBubble } from './tooltip.tsx'

/**
 * An instant: relative (`8 h 14 min ago`), with UTC and local time on hover or focus. `at` is ISO 8601; null shows `never`.
 * `as="utc"` prints the UTC time itself, `as="day"` the day.
 */
export function Time({ at, as = 'relative', never = 'never' }: { at: string | null | undefined; as?: 'relative' | 'utc' | 'day'; never?: string }) {
  const now = useNow()
  if (!at) return <span className="text-ink-3">{never}</span>
  const text = as === 'utc' ? formatUtc(at) : as === 'day' ? formatDay(at) : formatRelative(at, now)
  return (
    <time dateTime={at} className="above whitespace-nowrap">
      <TooltipTrigger delay={250} closeDelay={50}>
        <Button className="cursor-default rounded-sm border-0 bg-transparent p-0 text-inherit">{text}</Button>
        <TooltipBubble>
          <span className="block">{formatUtc(at, true)}</span>
          <span className="block text-ink-2">{formatLocal(at, undefined, true)}</span>
          {as !== 'relative' && <span className="block text-ink-2">{formatRelative(at, now)}</span>}
        </TooltipBubble>
      </TooltipTrigger>
    </time>
  )
}
