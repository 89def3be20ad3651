import { z } from 'zod'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { getSwap, type SwapRow } from '#lib/catalog/swaps.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { reachServer } from '#lib/engine/postgres/door.ts'
import { connectionFor } from '../../run/connection-for.ts'
import { settleRecorded, swapOf } from '../../run/settle-recorded.ts'
import { unclearSwap } from '../../run/swap.ts'
import type { RecoverContext, Recovered } from '../../recover-context.ts'
import { type FullRestore, targetDatabaseId } from '../definition.ts'
import { dropCreated } from '../recover-new.ts'
import { emptyResult } from '../report.ts'
import { type Beside, reportSwapped } from './report.ts'

/** As recordCompared wrote it, in this version; the names say what the databases are called. */
const compared = z.object({
  compared: z.looseObject({ oid: z.number(), names: z.object({ live: z.string(), restored: z.string(), kept: z.string() }) }),
})

/**
 * After a worker's death the live name lets people in: it is the old database as it was, or the restored one, whole. Before the comparison
 * ended what was created is dropped; afterwards it stays beside, under its name, unless the swap was done.
 */
export async function recoverReplace(context: RecoverContext, operation: OperationRow, input: FullRestore): Promise<Recovered | null> {
  const databaseId = targetDatabaseId(input)
  if (databaseId === null || operation.attempt_token === null) return null
  const live = input.targetDbname
  const applicationName = `lifeboat/recover/${operation.attempt_token.slice(0, 8)}`
  const { connection } = await connectionFor({ ...context, applicationName }, databaseId)
  const door = await reachServer(connection, { not: [live] })
  const dropped = await dropCreated(door, operation)
  if (dropped.length > 0) context.log('databases of a dead attempt were dropped', { operation: operation.id, dropped })
  const begun = compared.safeParse(operation.result)
  const row = await getSwap(context.catalog, operation.id)
  if (row?.state === 'underway') {
    const settled = await settleRecorded(context, row, true)
    if (settled.outcome === 'unclear') return { error: unclearSwap(swapOf(row), settled), result: restoreResult(live, 'indeterminate') }
  }
  const now = row === null ? null : await getSwap(context.catalog, operation.id)
  if (now?.state === 'kept') return swapped(now, operation)
  const beside = begun.success ? begun.data.compared : null
  return {
    error: new LifeboatError(
      'interrupted',
      `The worker died before ${live} was swapped.`,
      [
        `${live} is open and as it was.`,
        beside === null
          ? 'What the restore had created beside it was removed again.'
          : `The restored database stays beside it as ${beside.names.restored} (OID ${beside.oid}), compared: rename it by hand, or drop it.`,
        'Or start the restore again.',
      ].join(' '),
    ),
    result: { ...restoreResult(live, 'failed'), ...(beside === null ? {} : { beside: beside.names.restored }) },
  }
}

function swapped(row: SwapRow, operation: OperationRow): Recovered {
  const parsed = compared.safeParse(operation.result)
  const undoUntil = row.undo_until ?? new Date()
  const { names, ...result } = (parsed.data?.compared ?? {}) as unknown as { names: Beside['names'] } & Beside['result']
  return {
    error: new LifeboatError(
      'interrupted',
      `The worker died after the swap: ${row.live_name} is the restored database, whole, and open.`,
      `The old one is kept as ${row.kept_name} until ${undoUntil.toISOString()}. Nothing has to be done.`,
    ),
    result: parsed.success ? reportSwapped({ names, result }, undoUntil).result : restoreResult(row.live_name, 'completed'),
  }
}

function restoreResult(live: string, outcome: 'failed' | 'indeterminate' | 'completed'): Record<string, unknown> {
  return { restore: { ...emptyResult({ targetDbname: live }), outcome } }
}
