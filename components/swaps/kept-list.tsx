'use client'

import { useQuery } from '@tanstack/react-query'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { swapsQuery } from '#lib/client/queries.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { SwapView } from '#lib/domain/swap-view.ts'
import { Countdown } from './kept-panel.tsx'

/** Databases that are kept for an undo, on the overview: they take up room, and the time to swap back runs out. */
export function KeptList({ swaps }: { swaps: SwapView[] }) {
  const { data } = useQuery({ ...swapsQuery({ kept: true }), initialData: swaps })
  if (data.length === 0) return null
  return (
    <Panel
      className="mt-[18px]"
      flush
      title="Kept for an undo"
      say={`${formatCount(data.length, 'replaced database')} can still be swapped back. ${data.length === 1 ? 'It takes' : 'They take'} up room on the server until then.`}
    >
      <ul className="m-0 list-none p-0">
        {data.map((swap) => (
          <li
            key={swap.operationId}
            className="relative flex flex-wrap items-baseline justify-between gap-x-4 border-t border-line px-4 py-2.5 first:border-t-0 sm:px-[18px]"
          >
            <span className="min-w-0 [overflow-wrap:anywhere]">
              <Link quiet stretched href={`/databases/${swap.databaseId}`}>
                {swap.databaseName}
              </Link>{' '}
              <span className="text-ink-2">
                as <code className="font-mono text-[12.5px]">{swap.keptName}</code> on {swap.place}
              </span>
            </span>
            <Countdown until={swap.undoUntil} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}
