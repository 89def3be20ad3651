'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { Finding, Plan } from '#lib/domain/plan.ts'
import { formatBytes, formatCount, formatDuration } from '#lib/domain/units.ts'
import { actOf, actWords } from './acts.ts'
import { Decision, type Deciding, RowsDecision } from './plan-decisions.tsx'
import { PlanDependencies } from './plan-dependencies.tsx'
import { PlanTables } from './plan-tables.tsx'
import { RowComparisonPanel } from './row-comparison.tsx'

interface Props extends Deciding {
  plan: Plan
  /** the same from a shell; null: there are no words for it */
  command: string | null
}

/** What the dry run found: the gravest first, each with its remedy, then what depends on it, and the plan for every table. */
export function PlanReport({ plan, command, ...deciding }: Props) {
  const [tablesShown, showTables] = useState(false)
  const counted = countFindings(plan.findings)
  const act = actOf(deciding.address)
  const { noun } = actWords[act]
  return (
    <>
      <Panel
        flush
        title={plan.blocked ? `The dry run found something that stops this ${noun}` : `The dry run found nothing that stops this ${noun}`}
        aside={`read ${formatBytes(plan.bytesRead)}, wrote nothing, ${formatDuration(plan.seconds)}`}
        say={`${counted} ${estimateWords(plan)}`}
      >
        <FindingList findings={plan.findings} decide={(finding) => <Decision finding={finding} {...deciding} />} />
        <div className="flex flex-col gap-2 border-t border-line px-4 py-3 sm:px-[18px]">
          {plan.tables.length > 1 && (
            <div className="flex flex-wrap items-center gap-2">
              <Button size="small" onPress={() => showTables(!tablesShown)}>
                {tablesShown ? 'Hide the plan for the tables' : `Show the plan for all ${formatCount(plan.tables.length, 'table')}`}
              </Button>
            </div>
          )}
          {command !== null && (
            <>
              <p className="m-0 text-sm text-ink-2">The same from a shell:</p>
              <CopyLine text={command} what="the command" />
            </>
          )}
        </div>
      </Panel>
      {plan.rows !== null && <RowComparisonPanel rows={plan.rows} />}
      {plan.rows !== null && act === 'table_replace' && <RowsDecision rows={plan.rows} {...deciding} />}
      <PlanDependencies dependencies={plan.dependencies} />
      {tablesShown && <PlanTables tables={plan.tables} />}
      {plan.steps.length > 0 && (
        <Panel title={`What the ${noun} will do`} className="mt-4">
          <ol className="m-0 flex list-decimal flex-col gap-1 pl-5 text-ink-2">
            {plan.steps.map((step) => (
              <li key={step} className="[overflow-wrap:anywhere]">
                {step}
              </li>
            ))}
          </ol>
        </Panel>
      )}
    </>
  )
}

function countFindings(findings: readonly Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length
  const blockers = count('blocker')
  const warnings = count('warning')
  // the list marks them the same way: information with a remedy is no passed check
  const passed = findings.filter((one) => one.severity === 'info' && one.remedy === '').length
  const known = count('info') - passed
  const parts = [
    blockers > 0 ? `${formatCount(blockers, 'thing')} to clear first` : null,
    warnings > 0 ? formatCount(warnings, 'warning') : null,
    known > 0 ? `${formatCount(known, 'thing')} to know` : null,
    passed > 0 ? `${formatCount(passed, 'check')} passed` : null,
  ].filter((part) => part !== null)
  return parts.length === 0 ? '' : `${parts.join(', ')}.`
}

export function estimateWords(plan: Plan): string {
  if (plan.estimatedSeconds === null) return 'How long it will take: no evidence yet.'
  return `It will take about ${formatDuration(plan.estimatedSeconds)}${plan.estimateFrom === '' ? '' : ` (${plan.estimateFrom})`}.`
}
