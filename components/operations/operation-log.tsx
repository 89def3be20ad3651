'use client'

import { useEffect, useRef, useState } from 'react'
import { classes } from '#components/ui/classes.ts'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { Liveness } from '#lib/client/operation-stream.ts'
import type { OperationEvent } from '#lib/domain/views.ts'

const liveWords = { live: 'live', polling: 'reads every 2 s', ended: 'ended' } satisfies Record<Liveness, string>

/** As many as one read of an operation brings. */
const readAtMost = 500

/** The log's tail. It follows the end until the reader scrolls up, and again once they are back at the end. */
export function OperationLog({ events, liveness }: { events: readonly OperationEvent[]; liveness: Liveness }) {
  const box = useRef<HTMLDivElement>(null)
  const [following, setFollowing] = useState(true)
  const lines = events.filter((event) => event.kind !== 'progress')
  const last = lines.at(-1)?.id
  useEffect(() => {
    if (following && last !== undefined) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [last, following])
  return (
    <Panel
      title="Log"
      aside={
        <span className="flex items-center gap-2">
          {liveWords[liveness]}
          <CopyButton text={lines.map((event) => `${event.at} ${event.kind} ${event.message}`).join('\n')} what="the log" />
        </span>
      }
    >
      <div
        ref={box}
        role="log"
        aria-label="Log"
        aria-live="off"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => setFollowing(scrollHeight - scrollTop - clientHeight < 24)}
        className="max-h-[420px] min-h-24 overflow-auto rounded-md border border-line bg-panel-2 px-3 py-2 font-mono text-[12.5px]/[1.6]"
      >
        {lines.length === 0 && <p className="m-0 text-ink-3">{liveness === 'ended' ? 'Nothing was written.' : 'Nothing was written yet.'}</p>}
        {lines.map((event) => (
          <p key={event.id} className="m-0 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
            <time dateTime={event.at} className="text-ink-3">
              {event.at.slice(11, 19)}
            </time>
            <span
              className={classes(
                'whitespace-pre-wrap [overflow-wrap:anywhere]',
                event.kind === 'error' && 'text-bad',
                event.kind === 'warning' && 'text-warn',
                (event.kind === 'phase' || event.kind === 'state') && 'font-semibold',
              )}
            >
              {event.kind === 'error' && 'error: '}
              {event.kind === 'warning' && 'warning: '}
              {event.message}
            </span>
          </p>
        ))}
      </div>
      <p className="m-0 mt-1.5 text-xs text-ink-3">Times in UTC.{events.length >= readAtMost && ' Earlier lines are not shown.'}</p>
    </Panel>
  )
}
