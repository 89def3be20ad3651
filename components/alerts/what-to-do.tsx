import { BookOpen } from 'lucide-react'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { LinkButton } from '#components/ui/button.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { AlertDetail } from '#lib/domain/watch-views.ts'

/** In order; each with the place in the console and the same from a shell. */
export function WhatToDo({ alert }: { alert: Pick<AlertDetail, 'steps' | 'runbook'> }) {
  return (
    <Panel title="What to do">
      <ol aria-label="Steps" className="m-0 grid list-none gap-3 p-0">
        {alert.steps.map((step, at) => (
          // the steps of an alert never change their order
          // oxlint-disable-next-line no-array-index-key
          <li key={at} className="grid grid-cols-[24px_minmax(0,1fr)] gap-2.5">
            <span aria-hidden className="grid size-6 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent">
              {at + 1}
            </span>
            <div className="min-w-0 [overflow-wrap:anywhere]">
              <p className="m-0 max-w-[75ch]">
                {step.words} {step.href !== null && <Link href={step.href}>{at === 0 ? 'Begin here' : 'Open'}</Link>}
              </p>
              {step.command !== null && (
                <p className="m-0 mt-1 flex items-center gap-1 text-ink-2">
                  <code className="min-w-0 font-mono text-xs break-all">{step.command}</code>
                  <CopyButton text={step.command} what="the command" />
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
      {alert.runbook !== null && (
        <div className="mt-4 flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line pt-3.5">
          <LinkButton href={alert.runbook.href} icon={<BookOpen aria-hidden />}>
            Runbook: {alert.runbook.title}
          </LinkButton>
          <span className="text-sm text-ink-2">Where it comes to a recovery, this leads through it.</span>
        </div>
      )}
    </Panel>
  )
}
