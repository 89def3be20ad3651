import type { Finding } from '#lib/domain/plan.ts'
import type { RestoreOutcome } from '#lib/domain/states.ts'
import type { RunResult } from '../run-context.ts'
import type { Loss, TableResult } from './compare.ts'
import type { FullRestore } from './definition.ts'
import type { PlannedRestore } from './make-plan.ts'

export interface Compared {
  tables: TableResult[]
  losses: Loss[]
  findings: Finding[]
}

/** CONTRACT.md, `restore-*`: stored in operations.result under `restore`. */
export interface RestoreResult {
  target: string
  outcome: RestoreOutcome
  tables: number
  rows: number
  losses: Loss[]
  /** ISO 8601; null: nothing was overwritten that could be swapped back */
  undoUntil: string | null
}

const leftOut = 'owners and privileges'

export function emptyResult(input: { targetDbname: string }): RestoreResult {
  return { target: input.targetDbname, outcome: 'indeterminate', tables: 0, rows: 0, losses: [], undoUntil: null }
}

/** What came back, what did not and why, from the comparison. */
export function report(
  input: FullRestore,
  planned: PlannedRestore,
  compared: Compared,
): RunResult & { result: { restore: RestoreResult; tables: TableResult[] } } {
  const losses = [...compared.losses]
  if (input.missingRoles === 'drop_grants') losses.push({ object: leftOut, cause: 'Left out, as the confirmed plan said.' })
  const { missingTablespaces = [] } = planned.target ?? {}
  if (missingTablespaces.length > 0) {
    losses.push({
      object: `tablespaces ${missingTablespaces.join(', ')}`,
      cause: 'What lay there lies in the default tablespace, as the confirmed plan said.',
    })
  }
  const outcome: RestoreOutcome = losses.length > 0 ? 'completed_with_losses' : 'completed'
  const findings: Finding[] = [...planned.plan.findings.filter((finding) => finding.code.startsWith('copy_')), ...compared.findings]
  for (const loss of losses) {
    findings.push({
      severity: 'warning',
      code: 'loss',
      message: `${loss.object}: ${loss.cause}`,
      remedy:
        loss.object === leftOut
          ? 'Everything belongs to the role that connected. Set owners and privileges before you use the database.'
          : 'The restored database is kept. Restore again, or from another copy, and compare.',
      overridable: false,
    })
  }
  return {
    findings,
    result: {
      restore: {
        ...emptyResult(input),
        target: `${planned.plan.target?.host}:${planned.plan.target?.port}/${input.targetDbname}`,
        outcome,
        tables: compared.tables.length,
        rows: compared.tables.reduce((sum, table) => sum + table.rows, 0),
        losses,
      },
      tables: compared.tables,
    },
  }
}
