import { getBackup } from '#lib/catalog/backups.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { reachServer } from '#lib/engine/postgres/door.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { readCounters } from '#lib/engine/postgres/written-since.ts'
import { connectionFor } from '../../run/connection-for.ts'
import { performSwap } from '../../run/swap.ts'
import type { Run, RunContext, RunResult } from '../../run-context.ts'
import { type FullRestore, targetDatabaseId } from '../definition.ts'
import { holdTarget } from '../hold-target.ts'
import { planAndFetch } from '../plan-and-fetch.ts'
import { emptyResult, report } from '../report.ts'
import { requireVerifiedSafety } from '../require-safety.ts'
import { restoreDatabase } from '../restore-database.ts'
import { stage } from '../stages.ts'
import { keepLiveProperties } from './live-properties.ts'
import { type PlannedReplace, planReplace, swapNames } from './plan.ts'
import { type Beside, recordCompared, reportBeside, reportSwapped } from './report.ts'

/** Restores beside a live database, compares, and only then lets the two change places. The live one is not touched before. */
export const runReplace: Run<FullRestore> = async (context, input) => {
  const backup = await getBackup(context.catalog, input.backupId)
  if (backup === null) throw new LifeboatError('not_found', 'This backup is not in the catalogue any more.')
  const safety = context.dryRun ? null : await requireVerifiedSafety(context, input)
  const databaseId = targetDatabaseId(input) ?? backup.database_id
  const { connection } = await connectionFor(context, databaseId)
  context.progress({ phase: 'planning' })
  // no session of ours may be in the database that is renamed
  const door = await reachServer(connection, { not: [input.targetDbname], signal: context.signal })
  const names = await swapNames(door, input.targetDbname, context.signal)
  const beside = { ...input, targetDbname: names.restored }
  const hold = holdTarget(context, names.live)
  let replace: PlannedReplace | null = null
  try {
    const { planned, fetched } = await planAndFetch(hold, {
      input: beside,
      backup,
      connection: door,
      amend: async (made, copy) => {
        replace = await planReplace(context, { input, names, door, made, copy, safety })
        return replace.planned
      },
    })
    if (fetched === null) return { result: { plan: planned.plan }, findings: planned.plan.findings }
    const { facts } = replace as unknown as PlannedReplace
    if (facts.live === null) throw new Error('a plan without a live database is blocked')
    const { live } = facts
    const held = hold.context()
    const restored = await restoreDatabase(held, { input: beside, planned, fetched }, async (made): Promise<Beside> => {
      const kept = await keepLiveProperties(held, { name: names.restored, connection: made.connection, door, live, backup: made.globals })
      const compared = {
        ...made.compared,
        losses: [...made.compared.losses, ...kept.losses],
        findings: [...made.compared.findings, ...kept.findings],
      }
      return { oid: made.oid, connection: made.connection, names, result: report(beside, planned, compared) }
    })
    failPoint('restore.compared')
    const whole = restored.result.result.restore.losses.length === 0
    if (!whole && !input.force) return reportBeside(restored)
    return await swap(held, restored, {
      databaseId,
      door,
      host: connection.host,
      port: connection.port,
      systemIdentifier: planned.target?.systemIdentifier ?? null,
      live: { oid: live.oid, name: names.live },
      openLive: live.allowsConnections,
      undoHours: input.undoHours,
    })
  } finally {
    await hold.release()
  }
}

type Order = Omit<Parameters<typeof performSwap>[2], 'incoming' | 'keptName' | 'baseline' | 'openIncoming'> & {
  door: Parameters<typeof performSwap>[1]
}

/** What was restored and compared is never dropped again: where the swap cannot be done it stays beside, under its name. */
async function swap(context: RunContext, restored: Beside, { door, ...order }: Order): Promise<RunResult> {
  const { names, oid } = restored
  try {
    const baseline = await readCounters(restored.connection, context.signal)
    await recordCompared(context, restored)
    const { undoUntil } = await stage(context, 'swapping', () =>
      performSwap(context, door, { ...order, baseline, incoming: { oid, name: names.restored }, keptName: names.kept, openIncoming: true }),
    )
    return reportSwapped(restored, undoUntil)
  } catch (error) {
    const known = asLifeboatError(error)
    const unclear = known.code === 'indeterminate'
    const hint = unclear
      ? known.hint
      : `${known.hint} The restored database stays beside it as ${names.restored} (OID ${oid}), whole: rename it by hand, or drop it.`
    throw new LifeboatError(known.code, known.message, hint.trim(), {
      cause: error,
      detail: {
        ...known.detail,
        restore: { ...emptyResult({ targetDbname: names.live }), outcome: unclear ? 'indeterminate' : 'failed' },
        beside: names.restored,
      },
    })
  }
}
