'use client'

import { progressWords, shareOf } from '#components/follow/progress-words.ts'
import { Link } from '#components/ui/link.tsx'
import { ProgressBar } from '#components/ui/progress-bar.tsx'
import { OperationBadge } from '#components/ui/state-badge.tsx'
import type { OperationView } from '#lib/domain/views.ts'

/** An open operation in two lines: what, how far. Its parent must be positioned: the link covers it. */
export function OperationLine({ operation }: { operation: OperationView }) {
  const { progress, state } = operation
  return (
    <>
      <span className="flex flex-wrap items-center justify-between gap-x-4 gap-y-0.5">
        <Link quiet stretched href={`/operations/${operation.id}`}>
          {operation.title}
        </Link>
        {state === 'running' ? (
          <span className="inline-block text-sm text-ink-2 first-letter:uppercase">
            {[progress.phase ?? 'starting', progressWords(progress)].join(' · ')}
          </span>
        ) : (
          <OperationBadge state={state} />
        )}
      </span>
      {state === 'running' && (
        <span className="mt-2 block">
          <ProgressBar label={operation.title} share={shareOf(progress)} />
        </span>
      )}
      {state === 'queued' && (
        <span className="text-sm text-ink-2">{operation.after ? 'Waits for the operation before it.' : 'Waits for a worker.'}</span>
      )}
    </>
  )
}
