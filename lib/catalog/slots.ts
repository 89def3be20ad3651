import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
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
export async function forgetFutureSlots(db: Kysely<Catalog>, scheduleId: string): Promise<void> {
  await db.deleteFrom('slots').where('schedule_id', '=', scheduleId).where('state', '=', 'owed').where('slot', '>', sql<Date>`now()`).execute()
}

/** The schedule ends or pauses: what is to come is not owed, and what was due and still waits is not caught up later: `reason` says why. */
export async function closeSlots(db: Kysely<Catalog>, scheduleId: string, reason: string): Promise<void> {
  await forgetFutureSlots(db, scheduleId)
  await db
    .updateTable('slots')
    .set({ state: 'missed', reason: sql<string>`coalesce(reason, ${reason})`, decided_at: sql<Date>`now()` })
    .where('schedule_id', '=', scheduleId)
    .where('state', '=', 'owed')
    .execute()
}

/** The newest that is due and not decided. */
export async function findDueSlot(trx: Transaction<Catalog>, scheduleId: string, now: Date): Promise<SlotRow | null> {
  const row = await trx
    .selectFrom('slots')
    .selectAll()
    .where('schedule_id', '=', scheduleId)
    .where('state', '=', 'owed')
    .where('slot', '<=', now)
    .orderBy('slot', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}

/** Those that nothing served before a newer one was due; a reason that one has already stays. */
export async function missSlotsBefore(trx: Transaction<Catalog>, newest: SlotRow, reason: string, at: Date): Promise<void> {
  await trx
    .updateTable('slots')
    .set({ state: 'missed', reason: sql<string>`coalesce(reason, ${reason})`, decided_at: at })
    .where('schedule_id', '=', newest.schedule_id)
    .where('state', '=', 'owed')
    .where('slot', '<', newest.slot)
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

/** Writes what became of a slot. `owed`: it still waits, and `reason` says why. */
export async function decideSlot(
  trx: Transaction<Catalog>,
  { schedule_id, slot }: Pick<SlotRow, 'schedule_id' | 'slot'>,
  decision: { state: SlotState; reason: string | null; operationId?: string; at: Date },
): Promise<void> {
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
