'use client'

import { OperationLine } from '#components/operations/operation-line.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { OperationBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import type { OperationView } from '#lib/domain/views.ts'

/** What runs now, and what happened last. */
export function RunningNow({ running, recent }: { running: readonly OperationView[]; recent: readonly OperationView[] }) {
  return (
    <Panel title={running.length > 0 ? 'Running now' : 'Nothing is running'} aside={<Link href="/operations">All operations</Link>} flush>
      <ul className="m-0 list-none p-0">
        {running.slice(0, 4).map((operation) => (
          <li key={operation.id} className="relative border-t border-line px-4 py-3 first:border-t-0 hover:bg-hover sm:px-[18px]">
            <OperationLine operation={operation} />
          </li>
        ))}
        {recent.slice(0, running.length > 0 ? 3 : 5).map((operation) => (
          <li
            key={operation.id}
            className="relative flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 first:border-t-0 hover:bg-hover sm:px-[18px]"
          >
            <Link quiet stretched href={`/operations/${operation.id}`} className="min-w-0 font-[550]! [overflow-wrap:anywhere]">
              {operation.title}
              {operation.kind === 'verify' && operation.database !== null && (
                <span className="font-normal text-ink-2"> of {operation.database.name}</span>
              )}
            </Link>
            <span className="flex items-center gap-3 text-sm text-ink-2">
              <Time at={operation.finishedAt ?? operation.createdAt} />
              <OperationBadge state={operation.state} />
            </span>
          </li>
        ))}
        {running.length + recent.length === 0 && <li className="px-4 pb-4 text-ink-2 sm:px-[18px]">Nothing has run yet.</li>}
      </ul>
    </Panel>
  )
}
