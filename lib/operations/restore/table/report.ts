import { z } from 'zod'
import type { Finding, Plan } from '#lib/domain/plan.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { ReplaceResult } from '#lib/engine/postgres/replace-types.ts'
import type { RunResult } from '../../run-context.ts'
import type { Loss, TableResult } from '../compare.ts'
import type { TableRestore } from '../definition.ts'
import { emptyResult, type RestoreResult } from '../report.ts'
import type { VerifiedSafety } from '../require-safety.ts'
import type { PreparedTable } from './prepare.ts'

export interface TableOutcome {
  verdict: ReplaceResult['verdict']
  transactionId: string
  /** null: it came beside */
  replaced: ReplaceResult | null
}
/** In operations.result under `restore`, beside what every restore has. */
export interface TableRestoreResult extends RestoreResult {
  /** of the table that was written; a table beside has a name of its own */
  table: { schema: string; name: string }
  /** replace: rows that were written, and those of the table before; null: beside */
  rowsWritten: { inserted: number; updated: number; skipped: number; before: number | null } | null
  safetyBackupId: string | null
  /** of the one transaction that writes; null: it had not begun */
  transactionId: string | null
}

export function tableResult(input: TableRestore, prepared: PreparedTable): TableRestoreResult {
  return {
    ...emptyResult(input),
    table: { schema: input.schema, name: prepared.beside?.name ?? input.table },
    rowsWritten: null,
    safetyBackupId: null,
    transactionId: null,
  }
}

export const begunTable = z.object({ restore: z.looseObject({ transactionId: z.string() }) })

export function reportTable(options: {
  input: TableRestore
  plan: Plan
  prepared: PreparedTable
  outcome: TableOutcome
  safety: VerifiedSafety | null
}): RunResult {
  const { input, plan, prepared, outcome, safety } = options
  const { replaced } = outcome
  const losses: Loss[] = (prepared.beside?.leftOut ?? []).filter((one) => one.loss).map(({ object, what }) => ({ object, cause: what }))
  if (replaced !== null && replaced.skipped > 0) {
    const cause = `Another unique key of the live table refused ${replaced.skipped === 1 ? 'it' : 'them'}: left as they are live.`
    losses.push({ object: formatCount(replaced.skipped, 'row'), cause })
  }
  const rows = replaced === null || input.rows === 'all' ? prepared.rows : replaced.inserted + replaced.updated
  const table: TableResult = { schema: input.schema, table: input.table, rows, verdict: outcome.verdict === 'same' ? 'same' : 'same_rows' }
  const restore: TableRestoreResult = {
    ...tableResult(input, prepared),
    target: `${plan.target?.host}:${plan.target?.port}/${input.targetDbname}`,
    outcome: losses.length > 0 ? 'completed_with_losses' : 'completed',
    tables: 1,
    rows,
    losses,
    rowsWritten:
      replaced === null ? null : { inserted: replaced.inserted, updated: replaced.updated, skipped: replaced.skipped, before: replaced.emptied },
    safetyBackupId: safety?.backupId ?? null,
    transactionId: outcome.transactionId,
  }
  const findings: Finding[] = plan.findings.filter((finding) => finding.code.startsWith('copy_'))
  for (const loss of losses) {
    const remedy = safety === null ? 'Build it by hand where you need it.' : `The safety backup ${safety.name} holds the database as it was before.`
    findings.push({ severity: 'warning', code: 'loss', message: `${loss.object}: ${loss.cause}`, remedy, overridable: false })
  }
  // where only some rows were brought back the table is not that of the backup, and nothing is said of it as a whole
  return { findings, result: { restore, tables: outcome.verdict === 'rows' ? [] : [table] } }
}
