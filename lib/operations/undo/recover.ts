import type { OperationRow } from '#lib/catalog/operations.ts'
import { getSwap, type SwapRow, writeDropped } from '#lib/catalog/swaps.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { openClient } from '#lib/engine/postgres/connection.ts'
import { databaseStates } from '#lib/engine/postgres/rename-database.ts'
import { allowConnections } from '#lib/engine/postgres/swap.ts'
import { doorOf, settleRecorded, swapOf } from '../run/settle-recorded.ts'
import { unclearSwap } from '../run/swap.ts'
import type { Recover, RecoverContext, Recovered } from '../recover-context.ts'
import { undoInput } from './definition.ts'

/** After a worker's death: swapped back or not at all, dropped or not at all. */
export const recoverUndo: Recover = async (context, operation) => {
  const input = undoInput.safeParse(operation.input)
  const swap = input.success ? await getSwap(context.catalog, input.data.swapOperationId) : null
  if (!input.success || swap === null) return null
  return input.data.act === 'drop' ? recoverDrop(context, operation, swap) : recoverSwapBack(context, operation, swap)
}

async function recoverDrop(context: RecoverContext, operation: OperationRow, swap: SwapRow): Promise<Recovered> {
  const client = await openClient(await doorOf(context, swap))
  const [kept] = await databaseStates(client, [swap.live_oid]).finally(() => client.end())
  if (kept !== undefined) return untouched(`The worker died before it dropped ${kept.name}: it is kept as before.`)
  await writeDropped(context.catalog, swap.operation_id, operation.id)
  return {
    error: new LifeboatError('interrupted', `The worker died after it had dropped ${swap.kept_name}.`, 'Nothing has to be done.'),
    result: { undo: { act: 'drop', live: swap.live_name, kept: swap.kept_name, undoUntil: null, writtenSince: null } },
  }
}

async function recoverSwapBack(context: RecoverContext, operation: OperationRow, before: SwapRow): Promise<Recovered> {
  const begun = await getSwap(context.catalog, operation.id)
  if (begun === null) await closeKept(context, before)
  if (begun?.state === 'underway') {
    const settled = await settleRecorded(context, begun, false)
    if (settled.outcome === 'unclear') return { error: unclearSwap(swapOf(begun), settled), result: null }
  }
  const now = begun === null ? null : await getSwap(context.catalog, operation.id)
  if (now?.state !== 'kept') return untouched(`The worker died before ${before.live_name} was swapped back: it is open and as it was.`)
  const undoUntil = now.undo_until?.toISOString() ?? null
  return {
    error: new LifeboatError(
      'interrupted',
      `The worker died after the swap: ${now.live_name} is the older database again, and open.`,
      `The newer one is kept as ${now.kept_name} until ${undoUntil}. Nothing has to be done.`,
    ),
    result: { undo: { act: 'swap_back', live: now.live_name, kept: now.kept_name, undoUntil, writtenSince: null } },
  }
}

/** It was open for a moment, while its counters were read. */
async function closeKept(context: RecoverContext, swap: SwapRow): Promise<void> {
  const client = await openClient(await doorOf(context, swap), { writable: true })
  try {
    const [kept] = await databaseStates(client, [swap.live_oid])
    if (kept?.name === swap.kept_name && kept.allowsConnections) await allowConnections(client, kept, false)
  } finally {
    await client.end()
  }
}

function untouched(message: string): Recovered {
  return { error: new LifeboatError('interrupted', message, 'Start it again.'), result: null }
}
