import { getBackup } from '#lib/catalog/backups.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import type { BackupTable } from '#lib/engine/postgres/backup-table.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { replaceTable } from '#lib/engine/postgres/replace-table.ts'
import type { ReplaceHooks } from '#lib/engine/postgres/replace-types.ts'
import { restoreBeside } from '#lib/engine/postgres/restore-beside.ts'
import { connectionFor } from '../../run/connection-for.ts'
import { recordResult } from '../../run/record-result.ts'
import type { Run, RunContext } from '../../run-context.ts'
import { type TableRestore, targetDatabaseId } from '../definition.ts'
import { fetchCopy } from '../fetch.ts'
import { holdTarget, type TargetHold } from '../hold-target.ts'
import { refuseBlocked } from '../refuse-blocked.ts'
import { requireVerifiedSafety, type VerifiedSafety } from '../require-safety.ts'
import { refuseOtherTarget } from '../same-target.ts'
import { stage, type StageName, stageWatch } from '../stages.ts'
import { tryCopies } from '../try-copies.ts'
import { planTable } from './plan.ts'
import { type PreparedTable, tablesOf } from './prepare.ts'
import { reportTable, type TableOutcome, tableResult } from './report.ts'

/** Restores one table: fetch its entries, write in one transaction that compares before it commits, and say what came back. */
export const runTable: Run<TableRestore> = async (context, input) => {
  const backup = await getBackup(context.catalog, input.backupId)
  if (backup === null) throw new LifeboatError('not_found', 'This backup is not in the catalogue any more.')
  const { database, connection } = await connectionFor(context, targetDatabaseId(input) ?? backup.database_id)
  const safety = input.way === 'replace' && !context.dryRun ? await requireVerifiedSafety(context, input) : null
  context.progress({ phase: 'planning' })
  // two tables may come back beside at once; whoever overwrites has the database for himself
  const hold = holdTarget(context, input.way === 'replace' ? input.targetDbname : `${input.targetDbname} ${input.schema}.${input.table}`)
  try {
    const ready = await tryCopies(hold, backup, async (held, copy, copyFindings) => {
      const { plan, prepared } = await planTable(held, { input, backup, database, connection, copy, copyFindings, safety })
      if (context.dryRun) return { plan, prepared, tables: null }
      await hold.take(connection)
      refuseBlocked(plan)
      refuseOtherTarget(plan.target, input.fingerprint)
      const fetching = stage(
        hold.context(),
        'fetching',
        () => fetchCopy(hold.context(), copy, prepared.data),
        (result) => plan.bytesRead + result.bytesRead - copy.bytesRead,
      )
      return { plan, prepared, tables: tablesOf(prepared, await fetching) }
    })
    if (ready.tables === null) return { result: { plan: ready.plan }, findings: ready.plan.findings }
    const outcome = await carryOut(hold, { input, connection, prepared: ready.prepared, tables: ready.tables, safety })
    return reportTable({ input, plan: ready.plan, prepared: ready.prepared, outcome, safety })
  } finally {
    await hold.release()
  }
}

const stageOf = {
  building: 'pre_data',
  locking: 'pre_data',
  'looking for rows that would be left without their parent': 'pre_data',
  loading: 'data',
  indexes: 'indexes',
  'recreating keys': 'indexes',
  comparing: 'comparing',
} as const satisfies Record<string, StageName>
type Phase = keyof typeof stageOf

async function carryOut(
  hold: TargetHold,
  work: { input: TableRestore; connection: Connection; prepared: PreparedTable; tables: BackupTable[]; safety: VerifiedSafety | null },
): Promise<TableOutcome> {
  const { input, connection, prepared, tables, safety } = work
  const context = hold.context()
  await context.assertCurrent()
  const stages = stageWatch(context)
  const begun = { ...tableResult(input, prepared), safetyBackupId: safety?.backupId ?? null }
  const hooks: ReplaceHooks = {
    onTransaction: (xid) => recordResult(context, { restore: { ...begun, transactionId: xid } }),
    // a worker that was taken for dead meanwhile commits nothing
    beforeCommit: () => context.assertCurrent(),
  }
  const onProgress = ({ phase, rawBytes }: { phase: Phase; rawBytes: number }) => {
    stages.enter(stageOf[phase])
    context.progress({ phase, doneBytes: rawBytes, totalBytes: Math.max(prepared.rawBytes, rawBytes) })
  }
  try {
    const outcome = await write(context, { input, connection, prepared, tables, hooks, onProgress })
    await stages.end()
    return outcome
  } catch (error) {
    const known = asLifeboatError(error)
    const restore = { ...begun, outcome: known.code === 'indeterminate' ? 'indeterminate' : 'failed' }
    throw new LifeboatError(known.code, known.message, known.hint, { cause: error, detail: { ...known.detail, restore } })
  }
}

async function write(
  context: RunContext,
  work: {
    input: TableRestore
    connection: Connection
    prepared: PreparedTable
    tables: BackupTable[]
    hooks: ReplaceHooks
    onProgress: (progress: { phase: Phase; rawBytes: number }) => void
  },
): Promise<TableOutcome> {
  const { input, connection, hooks, onProgress } = work
  const { beside } = work.prepared
  const [backup] = work.tables
  const { stagingDir, signal } = context
  if (beside === null) {
    if (backup === undefined) throw new Error('a table that is replaced has one entry')
    const replaced = await replaceTable(connection, { backup, rows: input.rows, stagingDir, signal, onProgress }, hooks)
    return { verdict: replaced.verdict, transactionId: replaced.xid, replaced }
  }
  const made = await restoreBeside(connection, { beside, tables: work.tables, signal, onProgress }, hooks)
  return { verdict: made.verdict, transactionId: made.xid, replaced: null }
}
