import { getSwap, type SwapRow, writeDropped } from '#lib/catalog/swaps.ts'
import { derivedName } from '#lib/domain/derived-name.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { stamp } from '#lib/domain/names.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { openClient } from '#lib/engine/postgres/connection.ts'
import { dropClosedDatabase } from '#lib/engine/postgres/drop-closed.ts'
import { allowConnections } from '#lib/engine/postgres/swap.ts'
import { lockTarget } from '#lib/engine/postgres/target-lock.ts'
import { type Counters, readCounters } from '#lib/engine/postgres/written-since.ts'
import { failPoint } from '#lib/engine/process/failpoint.ts'
import { freeNames } from '../run/free-names.ts'
import { doorOf } from '../run/settle-recorded.ts'
import { performSwap } from '../run/swap.ts'
import type { Run, RunContext, RunResult } from '../run-context.ts'
import type { UndoInput } from './definition.ts'
import { type PlannedUndo, planUndo } from './plan.ts'

/** Swaps a kept database back, or drops it. A dry run shows what would be, and what was written since the swap. */
export const runUndo: Run<UndoInput> = async (context, input) => {
  const swap = await getSwap(context.catalog, input.swapOperationId)
  if (swap?.state !== 'kept') throw new LifeboatError('refused', 'Nothing of this swap is kept any more.', 'Nothing was touched.')
  context.progress({ phase: 'planning' })
  const door = await doorOf(context, swap, context.applicationName)
  const { keptName } = await freeNames(door, (at) => ({ keptName: derivedName(swap.live_name, `_kept_${stamp(at)}`) }), context.signal)
  const lock = context.dryRun ? null : await lockTarget(door, swap.live_name)
  try {
    const held = lock === null ? context : { ...context, signal: AbortSignal.any([context.signal, lock.lost]) }
    const planned = await planUndo(held, { input, swap, door, keptName })
    if (context.dryRun) return { result: { plan: planned.plan, writtenSince: planned.written }, findings: planned.plan.findings }
    refuseBlocked(planned)
    return input.act === 'drop' ? await drop(held, swap, door) : await swapBack(held, { input, swap, door, keptName, planned })
  } finally {
    await lock?.release()
  }
}

function refuseBlocked({ plan }: PlannedUndo): void {
  if (!plan.blocked) return
  const first = plan.findings.find((finding) => finding.severity === 'blocker')
  throw new LifeboatError('blocked', first?.message ?? 'The plan is blocked.', `${first?.remedy ?? ''} Nothing was touched.`.trim(), {
    detail: { plan },
  })
}

async function swapBack(
  context: RunContext,
  options: { input: UndoInput; swap: SwapRow; door: Connection; keptName: string; planned: PlannedUndo },
): Promise<RunResult> {
  const { input, swap, door, keptName, planned } = options
  const baseline = await countersOfKept(context, door, swap)
  const { undoUntil } = await performSwap(context, door, {
    databaseId: swap.database_id,
    host: swap.host,
    port: swap.port,
    systemIdentifier: swap.system_identifier,
    live: { oid: swap.restored_oid, name: swap.live_name },
    incoming: { oid: swap.live_oid, name: swap.kept_name },
    keptName,
    openLive: planned.facts.live?.allowsConnections ?? true,
    openIncoming: false,
    baseline,
    undoHours: input.undoHours,
  })
  const until = undoUntil.toISOString()
  return {
    // what the plan warned of has happened: it is in the database that is kept now
    findings: planned.plan.findings.filter((one) => one.code.startsWith('written_')),
    result: { undo: { act: 'swap_back', live: swap.live_name, kept: keptName, undoUntil: until, writtenSince: planned.written } },
  }
}

/**
 * The counters of the kept database, from which its next swap back tells what was written. It is open under its kept name while they are read;
 * the swap closes it again.
 */
async function countersOfKept(context: RunContext, door: Connection, swap: SwapRow): Promise<Counters> {
  const kept = { oid: swap.live_oid, name: swap.kept_name }
  const client = await openClient(door, { writable: true, signal: context.signal })
  try {
    await allowConnections(client, kept, true)
    failPoint('undo.kept_open')
    return await readCounters({ ...door, dbname: kept.name }, context.signal)
  } finally {
    await allowConnections(client, kept, false).catch(() => undefined)
    await client.end()
  }
}

async function drop(context: RunContext, swap: SwapRow, door: Connection): Promise<RunResult> {
  context.progress({ phase: 'dropping' })
  await context.assertCurrent()
  failPoint('undo.dropping')
  await dropClosedDatabase(door, { oid: swap.live_oid, name: swap.kept_name }, context.signal)
  failPoint('undo.dropped')
  await writeDropped(context.catalog, swap.operation_id, context.operationId)
  context.log(`Dropped ${swap.kept_name}.`)
  return { findings: [], result: { undo: { act: 'drop', live: swap.live_name, kept: swap.kept_name, undoUntil: null, writtenSince: null } } }
}
