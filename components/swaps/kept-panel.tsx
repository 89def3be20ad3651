'use client'

import { useQuery } from '@tanstack/react-query'
import { useNow } from '#components/ui/now.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import { swapsQuery } from '#lib/client/queries.ts'
import type { Role } from '#lib/domain/permissions.ts'
import type { SwapState } from '#lib/domain/states.ts'
import { formatDuration } from '#lib/domain/units.ts'
import type { SwapView } from '#lib/domain/swap-view.ts'
import { KeptActions } from './kept-actions.tsx'

/** The swap of one operation: what it put aside, until when, and how to take it back. */
export function KeptOfOperation({ operationId, role }: { operationId: string; role: Role }) {
  const { data } = useQuery({ ...swapsQuery({}), refetchOnMount: 'always' })
  const swap = data?.find((one) => one.operationId === operationId)
  return swap === undefined ? null : <KeptPanel swap={swap} role={role} />
}

/** Everything that is kept of one database's swaps. */
export function KeptOfDatabase({ databaseId, swaps, role }: { databaseId: string; swaps: SwapView[]; role: Role }) {
  const { data } = useQuery({ ...swapsQuery({ databaseId, kept: true }), initialData: swaps })
  return (
    <>
      {data.map((swap) => (
        <KeptPanel key={swap.operationId} swap={swap} role={role} />
      ))}
    </>
  )
}

const over = {
  underway: 'The swap is under way.',
  kept: '',
  swapped_back: 'It was swapped back.',
  dropped: 'The kept database was dropped: this cannot be undone any more.',
  failed: 'Nothing was swapped, so nothing is kept.',
} satisfies Record<SwapState, string>

/** A database that gave its name to a restored one: a countdown, what was written since, swap back, and dropping it as a step of its own. */
export function KeptPanel({ swap, role }: { swap: SwapView; role: Role }) {
  if (swap.state !== 'kept') {
    return (
      <Panel title={`${swap.keptName}, the old ${swap.liveName}`}>
        <p className="m-0">
          {over[swap.state]} {swap.endedBy !== null && <Link href={`/operations/${swap.endedBy}`}>Open the operation that did it</Link>}
        </p>
      </Panel>
    )
  }
  return (
    <Panel
      title={swap.kind === 'undo' ? `The newer ${swap.liveName} is kept` : `The old ${swap.liveName} is kept`}
      aside={<Countdown until={swap.undoUntil} />}
      say={
        <>
          As <code className="font-mono">{swap.keptName}</code> on {swap.place}, closed to everyone. It takes up room there until it is dropped
          {swap.undoUntil !== null && (
            <>
              , at the latest <Time at={swap.undoUntil} as="utc" />
            </>
          )}
          .
        </>
      }
    >
      <p className="m-0 mb-3 text-ink-2">
        Put aside <Time at={swap.swappedAt} />, asked for by {swap.requestedName}
        {swap.backupName !== null && ` with ${swap.backupName}`}. <Link href={`/operations/${swap.operationId}`}>Open that operation</Link>
      </p>
      <KeptActions swap={swap} role={role} />
    </Panel>
  )
}

export function Countdown({ until }: { until: string | null }) {
  const now = useNow()
  if (until === null) return null
  const seconds = Math.max(0, Math.round((new Date(until).getTime() - now) / 60_000) * 60)
  return (
    <span className="font-semibold whitespace-nowrap text-warn">
      {seconds === 0 ? 'undo period over' : `${formatDuration(seconds)} left to undo`}
    </span>
  )
}
