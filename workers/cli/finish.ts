import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Finding, Plan } from '#lib/domain/plan.ts'
import type { Severity } from '#lib/domain/states.ts'
import { errorOf, exitCodeOf, operationJson } from './follow.ts'
import { plain, print, printError, size, table, talk } from './output.ts'

/** Prints a finished operation with what its kind returned; returns the exit code. `human` says the result in words. */
export function printFinished(row: OperationRow, human: (result: Record<string, unknown>) => string, beside: Record<string, unknown> = {}): number {
  const error = errorOf(row)
  if (error !== null) {
    printError(error, { operation: operationJson(row) })
    return exitCodeOf(row)
  }
  const result = row.result ?? {}
  print({ operation: operationJson(row), ...result, ...beside }, () => {
    const words = 'plan' in result ? planWords(result.plan as Plan) : human(result)
    return words
  })
  for (const finding of 'plan' in result ? [] : row.findings) talk(`${finding.severity}: ${plain(finding.message)} ${plain(finding.remedy)}`.trim())
  return exitCodeOf(row)
}

const urgency = { blocker: 0, warning: 1, info: 2 } satisfies Record<Severity, number>

function findingWords({ severity, message, remedy, overridable }: Finding): string {
  const override = severity === 'blocker' && overridable ? ' (--force overrides this)' : ''
  const what = `${(severity === 'info' ? 'ok' : severity).padEnd(8)} ${plain(message)}${override}`
  return remedy === '' ? what : `${what}\n         ${plain(remedy)}`
}

/** A plan as text: what stands in the way first. */
export function planWords(plan: Plan): string {
  const findings = [...plan.findings].sort((a, b) => urgency[a.severity] - urgency[b.severity]).map(findingWords)
  const tables = plan.tables.map((one) => [`${one.schema}.${one.table}`, String(one.rows), size(one.rawBytes), one.action])
  const time = plan.estimatedSeconds === null ? 'unknown: nothing was measured yet' : `${Math.round(plan.estimatedSeconds)} s (${plan.estimateFrom})`
  return [
    plan.blocked ? 'Blocked: nothing would be done.' : 'Nothing stands in the way.',
    ...findings,
    '',
    ...plan.steps.map((step, index) => `${index + 1}. ${plain(step)}`),
    `Estimated time: ${time}`,
    '',
    table(['TABLE', 'ROWS', 'SIZE', 'ACTION'], tables),
    ...(plan.rows === null
      ? []
      : [
          '',
          `Rows: ${plan.rows.onlyBackup} only in the backup, ${plan.rows.onlyLive} only live, ${plan.rows.different} different, ${plan.rows.same} the same`,
        ]),
    ...(plan.dependencies.length === 0
      ? []
      : [
          '',
          table(
            ['CONCERNED AS WELL', 'WHAT HAPPENS'],
            plan.dependencies.map((one) => [one.object, one.what]),
          ),
        ]),
  ].join('\n')
}
