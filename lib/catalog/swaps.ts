import { type Kysely, type Selectable, sql } from 'kysely'
import { openOperationStates, type SwapStep } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

export type SwapRow = Selectable<Catalog['swaps']>

export interface NewSwap {
  operationId: string
  databaseId: string
  host: string
  port: number
  systemIdentifier: string | null
  live: { oid: number; name: string }
  incoming: { oid: number; name: string }
  keptName: string
  /** of the live database before the swap */
  openLive: boolean
  baseline: Record<string, unknown>
  undoHours: number
}

/** Step `prepared`: nothing was done yet. Null where the attempt is not the current one any more; then nothing may be done either. */
export async function insertSwap(db: Kysely<Catalog>, swap: NewSwap, token: string): Promise<SwapRow | null> {
  const inserted = await sql<SwapRow>`
    INSERT INTO swaps (operation_id, database_id, host, port, system_identifier, live_name, live_oid, restored_name, restored_oid, kept_name,
      step, state, allow_connections, baseline, undo_until)
    SELECT ${swap.operationId}, ${swap.databaseId}, ${swap.host}, ${swap.port}, ${swap.systemIdentifier}, ${swap.live.name}, ${swap.live.oid},
      ${swap.incoming.name}, ${swap.incoming.oid}, ${swap.keptName}, 'prepared', 'underway', ${swap.openLive}, ${JSON.stringify(swap.baseline)}::jsonb,
      now() + make_interval(hours => ${swap.undoHours})
    WHERE EXISTS (SELECT FROM operations WHERE id = ${swap.operationId} AND attempt_token = ${token} AND state IN ('running', 'cancelling'))
    RETURNING *`.execute(db)
  return inserted.rows[0] ?? null
}

/** Before the step is done; false: the attempt is not the current one any more, and the step may not be done. */
export async function writeSwapStep(db: Kysely<Catalog>, operationId: string, token: string, step: SwapStep): Promise<boolean> {
  const written = await sql`
    UPDATE swaps SET step = ${step} WHERE operation_id = ${operationId} AND state = 'underway'
      AND EXISTS (SELECT FROM operations WHERE id = ${operationId} AND attempt_token = ${token} AND state IN ('running', 'cancelling'))`.execute(db)
  return written.numAffectedRows === 1n
}

/**
 * The databases have changed places. A swap that this one took back (the same two, the other way round) is over. Null where somebody else has
 * written it meanwhile.
 */
export async function writeSwapped(db: Kysely<Catalog>, operationId: string): Promise<SwapRow | null> {
  return db.transaction().execute(async (trx) => {
    const swapped = await trx
      .updateTable('swaps')
      .set({ step: 'opened', state: 'kept', swapped_at: sql<Date>`now()` })
      .where('operation_id', '=', operationId)
      .where('state', '=', 'underway')
      .returningAll()
      .executeTakeFirst()
    if (swapped === undefined) return null
    await trx
      .updateTable('swaps')
      .set({ state: 'swapped_back', ended_at: sql<Date>`now()`, ended_by: operationId })
      .where('state', '=', 'kept')
      .where('host', '=', swapped.host)
      .where('port', '=', swapped.port)
      .where('live_oid', '=', swapped.restored_oid)
      .where('restored_oid', '=', swapped.live_oid)
      .where('operation_id', '!=', operationId)
      .execute()
    return swapped
  })
}

/** Nothing was renamed, or nobody knows; the operation's error says which. */
export async function writeSwapFailed(db: Kysely<Catalog>, operationId: string): Promise<void> {
  await db
    .updateTable('swaps')
    .set({ state: 'failed', ended_at: sql<Date>`now()` })
    .where('operation_id', '=', operationId)
    .where('state', '=', 'underway')
    .execute()
}

/** false: it was not kept any more. */
export async function writeDropped(db: Kysely<Catalog>, operationId: string, endedBy: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('swaps')
    .set({ state: 'dropped', ended_at: sql<Date>`now()`, ended_by: endedBy })
    .where('operation_id', '=', operationId)
    .where('state', '=', 'kept')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function getSwap(db: Kysely<Catalog>, operationId: string): Promise<SwapRow | null> {
  return (await db.selectFrom('swaps').selectAll().where('operation_id', '=', operationId).executeTakeFirst()) ?? null
}

/** Broken off, and no operation is at work on it: the server or the catalogue was away when it ended. */
export async function listAbandonedSwaps(db: Kysely<Catalog>): Promise<SwapRow[]> {
  return db
    .selectFrom('swaps as s')
    .innerJoin('operations as o', 'o.id', 's.operation_id')
    .selectAll('s')
    .where('s.state', '=', 'underway')
    .where('o.state', 'not in', openOperationStates)
    .execute()
}

/** Kept databases whose undo period is over. */
export async function listDueSwaps(db: Kysely<Catalog>): Promise<SwapRow[]> {
  return db.selectFrom('swaps').selectAll().where('state', '=', 'kept').where('undo_until', '<', sql<Date>`now()`).orderBy('undo_until').execute()
}
