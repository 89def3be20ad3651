'use client'

import { useSyncExternalStore } from 'react'
import { useNow } from '#components/ui/now.tsx'
import { formatUtc } from '#lib/domain/units.ts'

/** Now, in UTC and, once the browser has said where it is, in local time. */
export function Clock() {
  const now = useNow()
  const local = useSyncExternalStore(
    () => () => {},
    () => new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(now),
    () => null,
  )
  return (
    <span className="text-sm whitespace-nowrap text-ink-3 max-lg:hidden">
      {formatUtc(new Date(now))}
      {local && ` · ${local} here`}
    </span>
  )
}
