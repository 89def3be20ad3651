import { Link } from '#components/ui/link.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { ProgressBar } from '#components/ui/progress-bar.tsx'
import { OperationBadge } from '#components/ui/state-badge.tsx'
import { isFinished } from '#lib/domain/states.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { progressWords, shareOf, waitWords } from './progress-words.ts'

interface Props {
  operation: OperationDetail
  /** the stream broke: the page asks instead, and says so */
  polling?: boolean
  /** lines of the log to show; 0: none */
  logLines?: number
  /** the page around it says already what it is, how it ended, and where the log is */
  headed?: boolean
}

/** State, phase, numbers, the end of the log, and the error where it failed. */
export function OperationProgress({ operation, polling = false, logLines = 0, headed }: Props) {
  const { id, state, title, progress, events, error } = operation
  const open = !isFinished(state)
  const worst = operation.findings.find((one) => one.severity === 'blocker')
  return (
    <div className="flex flex-col gap-2">
      {!headed && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <OperationBadge state={state} />
          <span role="status" className="inline-block min-w-0 font-[550] [overflow-wrap:anywhere] first-letter:uppercase">
            {open
              ? state === 'queued'
                ? operation.after
                  ? 'Waiting for the operation before it'
                  : 'Waiting for a worker'
                : (progress.phase ?? 'Starting')
              : title}
          </span>
          <Link href={`/operations/${id}`} className="ml-auto text-sm" label={`Whole log of ${title}`}>
            Whole log
          </Link>
        </div>
      )}
      {open && (
        <>
          <ProgressBar label={title} share={state === 'queued' ? 0 : shareOf(progress)} />
          <p className="m-0 text-sm text-ink-2">
            {state === 'queued' ? waitWords(operation) : state === 'cancelling' ? 'Stopping and cleaning up.' : progressWords(progress)}
            {polling && ' · asking every 2 s'}
          </p>
          {progress.current !== undefined && progress.current !== '' && (
            <p className="m-0 truncate font-mono text-xs text-ink-3">{progress.current}</p>
          )}
        </>
      )}
      {logLines > 0 && events.length > 0 && (
        <ol aria-label="End of the log, times in UTC" className="m-0 list-none rounded-md border border-line bg-panel-2 p-2.5 font-mono text-xs">
          {events.slice(-logLines).map((event) => (
            <li
              key={event.id}
              className={`[overflow-wrap:anywhere] ${event.kind === 'error' ? 'text-bad' : event.kind === 'warning' ? 'text-warn' : 'text-ink-2'}`}
            >
              <span title="UTC">{event.at.slice(11, 19)}</span> {event.message}
            </li>
          ))}
        </ol>
      )}
      {worst !== undefined && !open && error === null && <p className="m-0 text-sm text-bad [overflow-wrap:anywhere]">{worst.message}</p>}
      {error !== null && !open && (
        <Problem title={error.message} id={id} tone={state === 'cancelled' ? 'warn' : 'bad'} alert>
          {error.hint}
        </Problem>
      )}
    </div>
  )
}
