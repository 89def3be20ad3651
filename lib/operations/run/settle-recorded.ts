import { type SwapRow, writeSwapFailed, writeSwapped } from '#lib/catalog/swaps.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { Connection } from '#lib/engine/postgres/connection.ts'
import { reachServer } from '#lib/engine/postgres/door.ts'
import { type Settled, settleSwap } from '#lib/engine/postgres/settle-swap.ts'
import type { Swap } from '#lib/engine/postgres/swap.ts'
import { lockTarget } from '#lib/engine/postgres/target-lock.ts'
import type { RecoverContext } from '../recover-context.ts'
import { connectionFor } from './connection-for.ts'

/**
 * Brings a recorded swap that broke off to one of its ends, and writes which. Takes the lock on the live name, so that nobody restores into it
 * meanwhile. May be called again. `openIncoming`: the incoming database let people in before. Throws where the server cannot be asked.
 */
export async function settleRecorded(context: RecoverContext, row: SwapRow, openIncoming: boolean): Promise<Settled> {
  const door = await doorOf(context, row)
  const lock = await lockTarget(door, row.live_name)
  try {
    const settled = await settleSwap(door, swapOf(row), { openLive: row.allow_connections, openIncoming })
    if (settled.outcome === 'swapped') await writeSwapped(context.catalog, row.operation_id)
    else await writeSwapFailed(context.catalog, row.operation_id)
    context.log('a swap that broke off was settled', { operation: row.operation_id, outcome: settled.outcome, live: row.live_name })
    return settled
  } finally {
    await lock.release()
  }
}

export function swapOf(row: SwapRow): Swap {
  return {
    live: { oid: row.live_oid, name: row.live_name },
    incoming: { oid: row.restored_oid, name: row.restored_name },
    keptName: row.kept_name,
  }
}

/** A way to the server of a swap, through none of its databases. Its address is the one of then: a registration may have changed since. */
export async function doorOf(
  context: Pick<RecoverContext, 'catalog' | 'keys'>,
  row: SwapRow,
  applicationName = 'lifeboat/swap',
): Promise<Connection> {
  const { connection } = await connectionFor({ ...context, applicationName }, row.database_id)
  if (connection.host !== row.host || connection.port !== row.port) {
    throw new LifeboatError(
      'target_changed',
      `The database is registered at ${connection.host}:${connection.port} now, and the swap was made on ${row.host}:${row.port}.`,
      'Nothing was touched. Register the address of then, or look at that server by hand.',
    )
  }
  return reachServer(connection, { not: [row.live_name, row.restored_name, row.kept_name] })
}
