'use client'

import { useQuery } from '@tanstack/react-query'
import { CircleCheck, OctagonX } from 'lucide-react'
import { Link } from '#components/ui/link.tsx'
import { useNow } from '#components/ui/now.tsx'
import type { WorkerView } from '#lib/domain/views.ts'
import { formatCount, formatRelative } from '#lib/domain/units.ts'
import { workersQuery } from '#lib/client/queries.ts'

/** The foot of the navigation: with no live worker nothing runs, and nobody may have to guess that. */
export function WorkerLiveness({ workers: first }: { workers: WorkerView[] }) {
  const now = useNow()
  const { data: workers } = useQuery({ ...workersQuery(), initialData: first })
  const alive = workers.filter((worker) => worker.alive)
  const newest = workers
    .map((worker) => worker.heartbeatAt)
    .sort()
    .at(-1)
  return (
    <div role="status" className="text-xs text-ink-3">
      {alive.length > 0 ? (
        <span className="flex items-start gap-1.5">
          <CircleCheck aria-hidden className="mt-px size-3.5 shrink-0 text-ok" />
          <span>
            {alive.length === 1 ? 'Worker alive' : `${formatCount(alive.length, 'worker')} alive`}
            {newest && `, ${formatRelative(newest, Math.max(now, Date.parse(newest)))}`}
          </span>
        </span>
      ) : (
        <span className="flex items-start gap-1.5 text-bad">
          <OctagonX aria-hidden className="mt-px size-3.5 shrink-0" />
          <span>
            No worker alive. What is queued waits. <Link href="/settings?part=workers">Look</Link>
          </span>
        </span>
      )}
    </div>
  )
}
