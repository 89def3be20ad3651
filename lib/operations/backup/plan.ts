import type { z } from 'zod'
import { isBlocked, type Plan, nothingOverwritten } from '#lib/domain/plan.ts'
import type { Preflight } from '#lib/engine/postgres/preflight.ts'
import type { RunContext, RunResult } from '../run-context.ts'
import type { backupInput } from './definition.ts'
import type { Target } from '../run/backup/fan-out.ts'
import { keyFinding, storageFindings } from '../run/backup/storage-findings.ts'

/** The dry run of a backup: reads the database's catalogues and the storages' markers, and writes nothing anywhere. */
export async function planBackup(
  context: RunContext,
  options: { looked: Preflight; targets: readonly Target[]; input: z.output<typeof backupInput> },
): Promise<RunResult> {
  const { looked, targets } = options
  const begun = Date.now()
  const findings = [...looked.findings, ...storageFindings(targets), ...keyFinding(context)]
  const evidence = await durations(context, options.input.databaseId)
  const plan: Plan = {
    blocked: isBlocked(findings, false),
    findings,
    steps: [
      `Read ${looked.tables.length} tables of ${options.input.databaseName} in one snapshot`,
      `Compress, encrypt and store them on ${targets.map((target) => target.storageName).join(' and ')}`,
      'Write the manifest last',
      'Verify each copy by reading every stored byte back',
    ],
    estimatedSeconds: evidence.length > 0 ? median(evidence) : null,
    estimateFrom: evidence.length > 0 ? `median of the last ${evidence.length} backups` : '',
    tables: looked.tables.map((table) => ({
      schema: table.schema,
      table: table.table,
      rows: table.estimatedRows,
      rawBytes: table.bytes,
      action: 'back up',
    })),
    ...nothingOverwritten,
    bytesRead: 0,
    seconds: (Date.now() - begun) / 1000,
    target: null,
  }
  return { result: { plan }, findings }
}

async function durations(context: RunContext, databaseId: string): Promise<number[]> {
  const rows = await context.catalog
    .selectFrom('operations')
    .select(['started_at', 'finished_at'])
    .where('kind', '=', 'backup')
    .where('dry_run', '=', false)
    .where('database_id', '=', databaseId)
    .where('state', 'in', ['succeeded', 'succeeded_with_findings'])
    .orderBy('created_at', 'desc')
    .limit(10)
    .execute()
  return rows.flatMap((row) => (row.started_at && row.finished_at ? [(row.finished_at.getTime() - row.started_at.getTime()) / 1000] : []))
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
