'use client'

import { useEffect, useRef } from 'react'
import { Link } from '#components/ui/link.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { ProgressBar } from '#components/ui/progress-bar.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { OperationBadge } from '#components/ui/state-badge.tsx'
import { useOperation } from '#lib/client/operation-stream.ts'
import { isFinished } from '#lib/domain/states.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { progressWords, shareOf } from './progress-words.ts'

interface Props {
  id: string
  initial?: OperationDetail | undefined
  /** called once, when the operation has ended */
  onEnd?: (operation: OperationDetail) => void
  /** lines of the log to show; 0: none */
  logLines?: number
}

/** One operation, live, inside another page: state, phase, numbers, the end of its log, and its error where it failed. */
export function LiveOperation({ id, initial, onEnd, logLines = 0 }: Props) {
  const { data, liveness, error } = useOperation(id, initial)
  const told = useRef(false)
  useEffect(() => {
    if (data === undefined || told.current || !isFinished(data.state)) return
    told.current = true
    onEnd?.(data)
  }, [data, onEnd])

  if (data === undefined) {
    return error ? <Problem title={error.message} id={id} /> : <Skeleton className="h-12 w-full" />
  }
  const open = !isFinished(data.state)
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <OperationBadge state={data.state} />
        <span role="status" className="min-w-0 font-[550] [overflow-wrap:anywhere]">
          {open ? (data.state === 'queued' ? 'Waiting for a worker' : (data.progress.phase ?? 'Starting')) : data.title}
        </span>
        <Link href={`/operations/${id}`} className="ml-auto text-sm">
          Whole log
        </Link>
      </div>
      {open && (
        <>
          <ProgressBar label={data.title} share={shareOf(data.progress)} />
          <p className="m-0 text-sm text-ink-2">
            {data.state === 'queued' ? 'It starts as soon as a worker is free.' : progressWords(data.progress)}
            {liveness === 'polling' && ' · asking every 2 s'}
          </p>
          {data.progress.current !== undefined && data.progress.current !== '' && (
            <p className="m-0 truncate font-mono text-xs text-ink-3">{data.progress.current}</p>
          )}
        </>
      )}
      {logLines > 0 && data.events.length > 0 && (
        <ol
          aria-label="End of the log"
          className="m-0 max-h-48 list-none overflow-auto rounded-md border border-line bg-panel-2 p-2.5 font-mono text-xs"
        >
          {data.events.slice(-logLines).map((event) => (
            <li
              key={event.id}
              className={`[overflow-wrap:anywhere] ${event.kind === 'error' ? 'text-bad' : event.kind === 'warning' ? 'text-warn' : 'text-ink-2'}`}
            >
              {event.at.slice(11, 19)} {event.message}
            </li>
          ))}
        </ol>
      )}
      {data.error !== null && !open && (
        <Problem title={data.error.message} id={data.id} tone={data.state === 'cancelled' ? 'warn' : 'bad'} alert>
          {data.error.hint}
        </Problem>
      )}
    </div>
  )
}
