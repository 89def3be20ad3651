import { readChecks } from '#lib/catalog/views/checks.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { errorCodes } from '#lib/domain/errors.ts'
import type { CheckKind, CheckStatus } from '#lib/domain/watch/check-kinds.ts'
import type { CheckView } from '#lib/domain/watch-views.ts'
import { errorOf, exitCodeOf, operationJson } from './follow.ts'
import { plain, print, printError, table } from './output.ts'
import type { Session } from './session.ts'

/** What one thing was found to be: the operation that looked, and what the watch now says of it. */
export interface Looked {
  id: string
  name: string
  row: OperationRow
  checks: CheckView[]
}

const labels = { critical: 'CRITICAL', warning: 'WARNING', unknown: 'unknown', ok: 'ok' } satisfies Record<CheckStatus, string>

/** The checks of these kinds, as they stand after the look. */
export async function checksOf(session: Session, subjectId: string, kinds: readonly CheckKind[]): Promise<CheckView[]> {
  const checks = await readChecks(session.catalog, session.actor)
  return checks.filter((check) => kinds.includes(check.kind) && check.subject === subjectId)
}

/**
 * Prints what was found; exit 3 where something is wrong. With one thing looked at, its operation and its answer stand at the top of the JSON too.
 * `what`: 'databases', 'storages'.
 */
export function printLooked(what: 'databases' | 'storages', looked: readonly Looked[]): number {
  const [only] = looked
  const error = looked.length === 1 && only !== undefined ? errorOf(only.row) : null
  if (only !== undefined && error !== null) {
    printError(error, { operation: operationJson(only.row) })
    return exitCodeOf(only.row)
  }
  const all = looked.map((one) => ({
    name: one.name,
    ok: isWell(one),
    operation: operationJson(one.row),
    ...one.row.result,
    error: errorOf(one.row)?.message ?? null,
    checks: one.checks,
  }))
  const [first] = all
  const ok = looked.every(isWell)
  print({ ok, ...(all.length === 1 && first !== undefined ? first : {}), [what]: all }, () => looked.map(words).join('\n\n'))
  return ok ? 0 : errorCodes.findings.exit
}

const answering: readonly CheckKind[] = ['database_reachable', 'storage_reachable']

/** Whether it answers has to be known; what else is unknown is said, and is no finding. */
function isWell(one: Looked): boolean {
  const blocked = errorOf(one.row) !== null || one.row.findings.some((finding) => finding.severity === 'blocker')
  return !blocked && one.checks.every((check) => check.status === 'ok' || (check.status === 'unknown' && !answering.includes(check.kind)))
}

function words(one: Looked): string {
  const rows = one.checks.map((check) => [labels[check.status], check.title, check.words])
  const error = errorOf(one.row)
  const findings = one.row.findings.map((finding) => `${finding.severity}: ${plain(finding.message)} ${plain(finding.remedy)}`.trim())
  return [
    `${plain(one.name)}: ${isWell(one) ? 'nothing is known to be wrong.' : 'something is wrong.'}`,
    table(['STATUS', 'CHECK', 'WHAT WAS SEEN'], rows),
    ...findings,
    ...(error === null ? [] : [`error: ${plain(error.message)}`]),
  ].join('\n')
}
