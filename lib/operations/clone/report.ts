import type { Finding } from '#lib/domain/plan.ts'
import type { RestoreOutcome } from '#lib/domain/states.ts'
import { emptyResult } from '../restore/report.ts'
import type { RunResult } from '../run-context.ts'
import type { ComparedClone } from './compare.ts'
import type { CloneInput } from './definition.ts'
import type { PlannedClone } from './plan.ts'

const leftOut = 'owners and privileges'

/** What came over, what did not and why: as a restore says it (CONTRACT.md, `restore-*`). */
export function report(input: CloneInput, { plan }: Pick<PlannedClone, 'plan'>, compared: ComparedClone): RunResult {
  const losses = [...compared.losses]
  if (input.missingRoles === 'drop_grants') losses.push({ object: leftOut, cause: 'Left out, as the confirmed plan said.' })
  const outcome: RestoreOutcome = losses.length > 0 ? 'completed_with_losses' : 'completed'
  const findings: Finding[] = losses.map(({ object, cause }) => ({
    severity: 'warning',
    code: 'loss',
    message: `${object}: ${cause}`,
    remedy:
      object === leftOut
        ? 'Everything belongs to the role that connected. Set owners and privileges before you use the database.'
        : 'The clone is kept, and the source was only read. Clone again under another name, and compare.',
    overridable: false,
  }))
  return {
    findings: [...compared.findings, ...findings],
    result: {
      restore: {
        ...emptyResult(input),
        target: `${plan.target?.host}:${plan.target?.port}/${input.targetDbname}`,
        outcome,
        tables: compared.tables.length,
        rows: compared.tables.reduce((sum, table) => sum + table.rows, 0),
        losses,
      },
      tables: compared.tables,
    },
  }
}
