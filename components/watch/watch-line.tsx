'use client'

import { useQuery } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { Link } from '#components/ui/link.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Time } from '#components/ui/time.tsx'
import { ApiError } from '#lib/client/api.ts'
import { watchQuery } from '#lib/client/queries.ts'
import { formatCount, formatDuration } from '#lib/domain/units.ts'
import type { WatchState } from '#lib/domain/watch-views.ts'
import { isWatchStale } from './known-now.ts'

/** The state of the watch as it is now; `stale` also when this page could not ask for too long. */
export function useWatch(initial: WatchState): { watch: WatchState; stale: boolean; error: ApiError | null } {
  const now = useNow()
  const { data, error } = useQuery({ ...watchQuery(), initialData: initial })
  return { watch: data, stale: isWatchStale(data, now), error: error instanceof ApiError ? error : null }
}

/** When anything was looked at last. It stands above all that the watch shows: where it is old, nothing below it is known to be so now. */
export function WatchLine({ initial }: { initial: WatchState }) {
  const now = useNow()
  const { watch, stale, error } = useWatch(initial)
  return (
    <div className="mb-4 flex flex-col gap-3">
      <div role="status" className="empty:hidden">
        {stale ? (
          <Problem
            tone="warn"
            title={
              watch.lastRoundAt === null
                ? 'Unknown: nothing was looked at yet'
                : `Unknown: nothing was looked at for ${formatDuration((now - Date.parse(watch.lastRoundAt)) / 1_000)}`
            }
          >
            What is shown here was so then, and what is not shown may be wrong by now. A worker makes the checks, and a console where none is alive.{' '}
            <Link href="/settings?part=workers">Look at the workers</Link>
          </Problem>
        ) : (
          <p className="m-0 flex flex-wrap items-center gap-x-1.5 gap-y-1 text-sm text-ink-2">
            <Eye aria-hidden className="size-4 shrink-0" />
            <span>
              Last looked <Time at={watch.lastRoundAt} />.
            </span>
            {watch.unknown > 0 && (
              <span>
                {watch.unknown === 1 ? 'One check is' : `${formatCount(watch.unknown, 'check')} are`} unknown.{' '}
                <Link href="/checks?status=unknown">Look at {watch.unknown === 1 ? 'it' : 'these'}</Link>
              </span>
            )}
          </p>
        )}
      </div>
      {watch.channels === 0 && (
        <Problem tone="warn" title="Nobody is told: there is no channel">
          An alert is only seen by who looks here. <Link href="/settings?part=channels">Add a channel</Link>
        </Problem>
      )}
      {watch.deadChannels.length > 0 && (
        <Problem tone="warn" title={`Messages do not go out through ${watch.deadChannels.join(', ')}`}>
          They wait and are tried again; other channels are not held up. <Link href="/settings?part=channels">Look at the channels</Link>
        </Problem>
      )}
      {error !== null && (
        <Problem alert tone="warn" title="This page could not ask" id={error.problem.requestId}>
          {error.problem.title} {error.problem.remedy}
        </Problem>
      )}
    </div>
  )
}
