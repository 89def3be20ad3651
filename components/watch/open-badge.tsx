'use client'

import { CircleHelp, OctagonX, TriangleAlert } from 'lucide-react'
import { Chip } from '#components/ui/chip.tsx'
import { formatCount } from '#lib/domain/units.ts'
import type { WatchState } from '#lib/domain/watch-views.ts'
import { openCount } from './known-now.ts'
import { useWatch } from './watch-line.tsx'

/** Beside `Alerts` in the navigation: how many wait for somebody. Nothing where there is none; a question mark where nobody knows. */
export function OpenBadge({ initial }: { initial: WatchState }) {
  const { watch, stale } = useWatch(initial)
  const open = openCount(watch)
  if (open === 0 && !stale) return null
  const tone = stale ? 'none' : watch.openCritical > 0 ? 'bad' : 'warn'
  return (
    <Chip tone={tone} icon={stale ? CircleHelp : watch.openCritical > 0 ? OctagonX : TriangleAlert} className="ml-auto py-0!">
      {open > 0 && <span aria-hidden>{formatCount(open)}</span>}
      <span className="sr-only">{badgeWords(open, watch.openCritical, stale)}</span>
    </Chip>
  )
}

function badgeWords(open: number, critical: number, stale: boolean): string {
  const counted = open === 0 ? '' : `${formatCount(open)} open${critical > 0 ? `, ${formatCount(critical)} critical` : ''}`
  return [counted, ...(stale ? ['unknown: nothing was looked at lately'] : [])].filter((part) => part !== '').join(', ')
}
