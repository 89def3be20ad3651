import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Plan } from '#lib/domain/plan.ts'
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

function planWords(plan: Plan): string {
  const findings = plan.findings.map(
    (one) => `${one.severity.padEnd(8)} ${plain(one.message)}\n         ${plain(one.remedy)}${one.overridable ? ' (--force overrides)' : ''}`,
  )
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
  ].join('\n')
}
