'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { Finding, Plan } from '#lib/domain/plan.ts'
import { restoreCommand } from '#lib/domain/shell-commands.ts'
import { formatBytes, formatCount, formatDuration } from '#lib/domain/units.ts'
import type { DatabaseView } from '#lib/domain/views.ts'
import { PlanTables } from './plan-tables.tsx'
import type { WizardAddress } from './wizard-address.ts'

interface Props {
  plan: Plan
  address: WizardAddress
  backupName: string
  /** where it goes, if not to the source's own server */
  server: DatabaseView | null
  /** runs the dry run again with another answer */
  decide: (change: Partial<WizardAddress>) => Promise<void>
  deciding: boolean
  /** why this person may not decide; null: may */
  denied: string | null
}

/** What the dry run found: the gravest first, each with its remedy, then the plan for every table. */
export function PlanReport({ plan, address, backupName, server, decide, deciding, denied }: Props) {
  const [tablesShown, showTables] = useState(false)
  const counted = countFindings(plan.findings)
  return (
    <>
      <Panel
        flush
        title={plan.blocked ? 'The dry run found something that stops this restore' : 'The dry run found nothing that stops this restore'}
        aside={`read ${formatBytes(plan.bytesRead)}, wrote nothing, ${formatDuration(plan.seconds)}`}
        say={`${counted} ${estimateWords(plan)}`}
      >
        <FindingList
          findings={plan.findings}
          decide={(finding) => <Decision finding={finding} address={address} decide={decide} deciding={deciding} denied={denied} />}
        />
        <div className="flex flex-col gap-2 border-t border-line px-4 py-3 sm:px-[18px]">
          <div className="flex flex-wrap items-center gap-2">
            <Button size="small" onPress={() => showTables(!tablesShown)}>
              {tablesShown ? 'Hide the plan for the tables' : `Show the plan for all ${formatCount(plan.tables.length, 'table')}`}
            </Button>
          </div>
          <p className="m-0 text-sm text-ink-2">The same from a shell:</p>
          <CopyLine
            text={restoreCommand(backupName, address.name ?? '', { dryRun: true, server, roles: address.roles, force: address.force })}
            what="the command"
          />
        </div>
      </Panel>
      {tablesShown && <PlanTables tables={plan.tables} />}
      {plan.steps.length > 0 && (
        <Panel title="What the restore will do" className="mt-4">
          <ol className="m-0 flex list-decimal flex-col gap-1 pl-5 text-ink-2">
            {plan.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </Panel>
      )}
    </>
  )
}

/** Controls for the findings that a person can decide about. */
function Decision({ finding, address, decide, deciding, denied }: { finding: Finding } & Pick<Props, 'address' | 'decide' | 'deciding' | 'denied'>) {
  if (finding.severity === 'info') return null
  if (finding.code.includes('role') && address.roles === 'refuse') {
    return (
      <div className="mt-2 flex flex-wrap gap-2">
        <Button size="small" reason={denied} pending={deciding} onPress={() => void decide({ roles: 'create' })}>
          Create the roles, without a password
        </Button>
        <Button size="small" reason={denied} pending={deciding} onPress={() => void decide({ roles: 'drop_grants' })}>
          Leave out what belongs to them
        </Button>
      </div>
    )
  }
  if (finding.severity === 'blocker' && finding.overridable && !address.force) {
    return (
      <div className="mt-2">
        <Button size="small" reason={denied} pending={deciding} onPress={() => void decide({ force: true })}>
          Override this and run the dry run again
        </Button>
      </div>
    )
  }
  return null
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

function estimateWords(plan: Plan): string {
  if (plan.estimatedSeconds === null) return 'How long it will take: no evidence yet.'
  return `It will take about ${formatDuration(plan.estimatedSeconds)}${plan.estimateFrom === '' ? '' : ` (${plan.estimateFrom})`}.`
}
