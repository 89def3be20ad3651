import { type Selectable, sql, type Transaction } from 'kysely'
import { openOperationStates, type SlotState } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

export type SlotRow = Selectable<Catalog['slots']>

/** A backup that is enqueued within this time of its slot is on time; after it, a slot that nothing serves is a missed run. */
export const graceMinutes = 15

/** Whether a run is missed, also where every process is down and nobody could write so; the view backup_logs says the same. */
export const isMissed = sql<boolean>`(slots.state in ('missed', 'skipped')
  or (slots.state = 'owed' and slots.slot < now() - make_interval(mins => ${sql.lit(graceMinutes)})))`

/** Rows for moments to come, or that went by while nobody looked; a moment that has a row keeps it. */
export async function insertSlots(trx: Transaction<Catalog>, scheduleId: string, moments: readonly Date[]): Promise<void> {
  if (moments.length === 0) return
  await trx
    .insertInto('slots')
    .values(moments.map((slot) => ({ schedule_id: scheduleId, slot })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Slots that were not due yet are not owed any more: the schedule was changed, paused or removed. */
export async function forgetFutureSlots(trx: Transaction<Catalog>, scheduleId: string): Promise<void> {
  await trx.deleteFrom('slots').where('schedule_id', '=', scheduleId).where('state', '=', 'owed').where('slot', '>', sql<Date>`now()`).execute()
}

/** Due and not decided, oldest first. */
export async function listDueSlots(trx: Transaction<Catalog>, scheduleId: string, now: Date): Promise<SlotRow[]> {
  return trx
    .selectFrom('slots')
    .selectAll()
    .where('schedule_id', '=', scheduleId)
    .where('state', '=', 'owed')
    .where('slot', '<=', now)
    .orderBy('slot')
    .execute()
}

export async function countFutureSlots(trx: Transaction<Catalog>, scheduleId: string, now: Date): Promise<number> {
  const row = await trx
    .selectFrom('slots')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('schedule_id', '=', scheduleId)
    .where('slot', '>', now)
    .executeTakeFirstOrThrow()
  return row.count
}

/** Writes what became of slots. `owed`: it still waits, and `reason` says why. */
export async function decideSlots(
  trx: Transaction<Catalog>,
  slots: readonly Pick<SlotRow, 'schedule_id' | 'slot'>[],
  decision: { state: SlotState; reason: string | null; operationId?: string; at: Date },
): Promise<void> {
  for (const { schedule_id, slot } of slots) {
    await trx
      .updateTable('slots')
      .set({
        state: decision.state,
        reason: decision.reason,
        ...(decision.operationId === undefined ? {} : { operation_id: decision.operationId }),
        ...(decision.state === 'owed' ? {} : { decided_at: decision.at }),
      })
      .where('schedule_id', '=', schedule_id)
      .where('slot', '=', slot)
      .where('state', '=', 'owed')
      .execute()
  }
}

/** The slot of this schedule whose backup, or a second attempt at it, is still queued or at work; null: none. */
export async function findRunningSlot(trx: Transaction<Catalog>, scheduleId: string): Promise<{ slot: Date; operationId: string } | null> {
  const row = await trx
    .selectFrom('slots')
    .innerJoin('operations', (join) =>
      join.on((eb) => eb.or([eb('operations.id', '=', eb.ref('slots.operation_id')), eb('operations.retry_of', '=', eb.ref('slots.operation_id'))])),
    )
    .select(['slots.slot', 'operations.id'])
    .where('slots.schedule_id', '=', scheduleId)
    .where('operations.state', 'in', openOperationStates)
    .orderBy('slots.slot', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { slot: row.slot, operationId: row.id }
}
