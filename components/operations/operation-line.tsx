'use client'

import { Link } from '#components/ui/link.tsx'
import { ProgressBar } from '#components/ui/progress-bar.tsx'
import { OperationBadge } from '#components/ui/state-badge.tsx'
import type { OperationView } from '#lib/domain/views.ts'
import { progressInWords, shareDone } from './progress-words.ts'

/** An open operation in two lines: what, how far. Its parent must be positioned: the link covers it. */
export function OperationLine({ operation }: { operation: OperationView }) {
  return (
    <>
      <span className="flex flex-wrap items-center justify-between gap-x-4 gap-y-0.5">
        <Link quiet stretched href={`/operations/${operation.id}`}>
          {operation.title}
        </Link>
        {operation.state === 'running' ? (
          <span className="text-sm text-ink-2">{progressInWords(operation.progress)}</span>
        ) : (
          <OperationBadge state={operation.state} />
        )}
      </span>
      {operation.state === 'running' && (
        <span className="mt-2 block">
          <ProgressBar label={operation.title} share={shareDone(operation.progress)} />
        </span>
      )}
      {operation.state === 'queued' && (
        <span className="text-sm text-ink-2">{operation.after ? 'Waits for the operation before it.' : 'Waits for a worker.'}</span>
      )}
    </>
  )
}
