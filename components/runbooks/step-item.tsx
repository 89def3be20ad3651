'use client'

import { Checkbox } from '#components/ui/checkbox.tsx'
import { LinkButton } from '#components/ui/button.tsx'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Link } from '#components/ui/link.tsx'
import { Select } from '#components/ui/select.tsx'
import { OperationBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import type { RunbookRunChange } from '#lib/domain/runbook-input.ts'
import type { RunbookStep } from '#lib/domain/runbooks/runbook.ts'
import { formatUtc } from '#lib/domain/units.ts'
import type { OperationView, RunbookRunView } from '#lib/domain/views.ts'

interface Props {
  number: number
  step: RunbookStep
  run: RunbookRunView | null
  operations: OperationView[]
  /** why this person may not record; null: may */
  denied: string | null
  change: (what: RunbookRunChange) => void
}

/** One step: what to do, what to type, where it is in the console, and whether it was done. */
export function StepItem({ number, step, run, operations, denied, change }: Props) {
  const done = run?.steps.find((one) => one.step === step.id) ?? null
  const open = run !== null && run.endedAt === null
  return (
    <li className="flex gap-3 border-t border-line px-4 py-3.5 first:border-t-0 sm:px-[18px] break-inside-avoid">
      {run === null ? (
        <span aria-hidden className="mt-0.5 hidden size-4.5 shrink-0 rounded-[5px] border border-field print:block" />
      ) : (
        <span className="shrink-0">
          <Checkbox
            label={`Done: ${step.title}`}
            checked={done !== null}
            disabled={!open || denied !== null}
            onChange={(checked) =>
              change(checked ? { change: 'done', step: step.id, note: null, operationId: null } : { change: 'undone', step: step.id })
            }
          />
        </span>
      )}
      <div className="flex min-w-0 grow flex-col gap-1.5">
        <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1.5">
          <h3 className="m-0 min-w-0 text-base font-semibold [overflow-wrap:anywhere]">
            {number}. {step.title}
          </h3>
          {step.whereInConsole !== null && (
            <span className="no-print">
              <LinkButton size="small" href={step.whereInConsole.href} label={`${step.whereInConsole.label}, for step ${number}`}>
                {step.whereInConsole.label}
              </LinkButton>
            </span>
          )}
        </div>
        {step.text.map((line) => (
          <p key={line} className="m-0 text-ink-2 [overflow-wrap:anywhere]">
            {line}
          </p>
        ))}
        {step.command !== null && <CommandBlock command={step.command} number={number} />}
        {done !== null && (
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
            <span>
              Done <Time at={done.doneAt} as="utc" /> by {done.doneBy}
            </span>
            {done.operation !== null && (
              <span className="flex flex-wrap items-center gap-2">
                <Link href={`/operations/${done.operation.id}`}>{done.operation.title}</Link>
                <OperationBadge state={done.operation.state} />
              </span>
            )}
            {done.operation === null && open && operations.length > 0 && (
              <span className="no-print">
                <Select
                  inline
                  label="Evidence"
                  placeholder="choose what Lifeboat did"
                  value={null}
                  options={operations.map((one) => ({ value: one.id, label: one.title, detail: `${one.state}, ${formatUtc(one.createdAt, true)}` }))}
                  onChange={(id) => change({ change: 'done', step: step.id, note: done.note, operationId: id })}
                />
              </span>
            )}
          </div>
        )}
      </div>
    </li>
  )
}

function CommandBlock({ command, number }: { command: string; number: number }) {
  return (
    <div className="flex items-start justify-between gap-2 rounded-md border border-line bg-panel-2 py-1 pr-1 pl-2.5">
      <pre className="m-0 min-w-0 py-1 font-mono text-[12.5px]/[1.55] whitespace-pre-wrap [overflow-wrap:anywhere]">{command}</pre>
      <span className="no-print">
        <CopyButton text={command} what={`the command of step ${number}`} />
      </span>
    </div>
  )
}
