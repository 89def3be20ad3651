'use client'

import { Printer } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Refusal } from '#components/follow/refusal.tsx'
import { useStart } from '#components/follow/use-start.ts'
import { Button, LinkButton } from '#components/ui/button.tsx'
import { useNow } from '#components/ui/now.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { Select } from '#components/ui/select.tsx'
import { beginRunbook, changeRunbook } from '#lib/client/mutations.ts'
import { allows, reasonDenied, type Role } from '#lib/domain/permissions.ts'
import type { RunbookRunChange } from '#lib/domain/runbook-input.ts'
import { stepsOf } from '#lib/domain/runbooks/runbook-of.ts'
import type { Runbook, RunbookFacts } from '#lib/domain/runbooks/runbook.ts'
import { formatUtc } from '#lib/domain/units.ts'
import type { DatabaseView, OperationView, RunbookRunView } from '#lib/domain/views.ts'
import { RunPanel } from './run-panel.tsx'
import { runbookHref } from './runbook-href.ts'
import { StepItem } from './step-item.tsx'

interface Props {
  runbook: Runbook
  facts: RunbookFacts
  databases: DatabaseView[]
  /** the record that is kept, or one that ended; null: nobody follows it */
  run: RunbookRunView | null
  /** what Lifeboat did for this database since the record began, newest first */
  operations: OperationView[]
  role: Role
}

/** One runbook with the real names, step by step, to follow here or to print. */
export function RunbookPage({ runbook, facts, databases, run: initial, operations, role }: Props) {
  const router = useRouter()
  const now = useNow()
  const [run, setRun] = useState(initial)
  const { database } = facts
  const denied = allows(role, 'runbook.record') ? null : reasonDenied('runbook.record')
  const begin = useStart(
    (_key) => beginRunbook({ scenario: runbook.scenario, databaseId: database.id }),
    (begun) => router.push(runbookHref(runbook.scenario, database.id, begun.id)),
  )
  const change = useStart(
    (_key, what: RunbookRunChange) => changeRunbook(run?.id ?? '', what),
    (changed) => {
      setRun(changed)
      // an open record is found without its id; one that ended is not
      if (changed.endedAt !== null) router.replace(runbookHref(runbook.scenario, database.id, changed.id))
      router.refresh()
    },
  )
  const steps = stepsOf(runbook)

  return (
    <div className="max-w-[1040px]">
      <PageHeader
        up={{ href: '/runbooks', label: 'Runbooks' }}
        title={`${runbook.title}: ${database.name}`}
        actions={
          <div className="no-print flex flex-wrap gap-2">
            {run === null && runbook.problem === null && (
              <Button variant="primary" reason={denied} pending={begin.pending} onPress={() => void begin.start()}>
                Begin a record
              </Button>
            )}
            <Button icon={<Printer aria-hidden />} onPress={() => window.print()}>
              Print this runbook
            </Button>
          </div>
        }
      >
        {runbook.when}
      </PageHeader>
      {databases.length > 1 && run === null && (
        <div className="no-print mb-4">
          <Select
            inline
            label="Database"
            value={database.id}
            options={databases.map((one) => ({ value: one.id, label: one.name, detail: `${one.dbname} on ${one.host}:${one.port}` }))}
            onChange={(id) => router.push(runbookHref(runbook.scenario, id))}
          />
        </div>
      )}
      <div className="flex flex-col gap-4">
        <Refusal problem={begin.problem ?? change.problem} />
        {run !== null && <RunPanel run={run} total={steps.length} denied={denied} pending={change.pending} end={(what) => void change.start(what)} />}
        {runbook.problem !== null && (
          <Problem
            title={runbook.problem}
            action={
              <LinkButton size="small" href={`/databases/${database.id}`}>
                Open the database
              </LinkButton>
            }
          />
        )}
        <Panel title="What holds before anything is done">
          <ul className="m-0 flex list-disc flex-col gap-1 pl-5">
            {runbook.first.map((line) => (
              <li key={line} className="[overflow-wrap:anywhere]">
                {line}
              </li>
            ))}
          </ul>
        </Panel>
        {runbook.sections.map((section) => (
          <Panel key={section.id} title={section.title} say={section.text} flush>
            <ol className="m-0 list-none p-0">
              {section.steps.map((step) => (
                <StepItem
                  key={step.id}
                  number={steps.indexOf(step) + 1}
                  step={step}
                  run={run}
                  operations={operations}
                  denied={denied}
                  change={(what) => void change.start(what)}
                />
              ))}
            </ol>
          </Panel>
        ))}
        <p className="m-0 text-sm text-ink-2">
          Printed by the shell too: <code className="font-mono">lifeboat runbook {runbook.scenario}</code>. As of {formatUtc(new Date(now))}.
        </p>
      </div>
    </div>
  )
}
