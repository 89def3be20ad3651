import type { Kysely, Transaction } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listSchedulesToServe, type ScheduleRow, takeSchedule, updateSchedule } from '#lib/catalog/schedules.ts'
import {
  countFutureSlots,
  decideSlot,
  findDueSlot,
  findRunningSlot,
  graceMinutes,
  insertSlots,
  missSlotsBefore,
  type SlotRow,
} from '#lib/catalog/slots.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { asLifeboatError, LifeboatError } from '#lib/domain/errors.ts'
import { nextRuns } from '#lib/domain/schedules/cron.ts'
import { formatUtc } from '#lib/domain/units.ts'
import { log } from '#lib/log.ts'
import { requestBackup } from '#lib/operations/backup/request.ts'

/** Slots have rows before their moment, so that a run that nobody made is seen although every process was down. */
const aheadMs = 32 * 86_400_000
const aheadRows = 64
/** Rows for moments that went by while nobody looked, per schedule and round; the rest follows with the next round. */
const mostRows = 2_000

/**
 * One round: every schedule that owes a backup at `now` (the catalogue's clock) gets one operation for its newest slot; older ones are missed.
 * Any number of workers may do it at once: each schedule is handled under its row's lock, and a slot is decided once. Returns how many were
 * enqueued.
 */
export async function runSchedules(catalog: Kysely<Catalog>, now: Date): Promise<number> {
  let enqueued = 0
  for (const id of await listSchedulesToServe(catalog, now, new Date(now.getTime() + aheadMs / 2))) {
    try {
      if (await catalog.transaction().execute((trx) => serve(trx, id, now))) enqueued += 1
    } catch (error) {
      log.warn('a schedule could not be served', { schedule: id, reason: asLifeboatError(error).message })
    }
  }
  return enqueued
}

async function serve(trx: Transaction<Catalog>, id: string, now: Date): Promise<boolean> {
  const schedule = await takeSchedule(trx, id)
  if (schedule === null) return false
  // served only with every row up to now: the newest of half of them is not the newest
  if (!(await writeAhead(trx, schedule, now))) return false
  const newest = await findDueSlot(trx, id, now)
  if (newest === null) return false
  await missSlotsBefore(trx, newest, 'Nothing was running that could serve it, and the next one came.', now)
  return fill(trx, schedule, newest, now)
}

/** Rows up to half the horizon ahead at least, and always the next one; false: after a long outage, those up to `now` are not all there yet. */
async function writeAhead(trx: Transaction<Catalog>, schedule: ScheduleRow, now: Date): Promise<boolean> {
  const horizon = now.getTime() + aheadMs
  const room = aheadRows - (await countFutureSlots(trx, schedule.id, now))
  if (schedule.slots_through.getTime() > horizon || room <= 0) return true
  const moments: Date[] = []
  let future = 0
  let through = schedule.slots_through
  for (const at of runsAfter(schedule, schedule.slots_through)) {
    const isFuture = at > now
    if (moments.length >= mostRows || (isFuture && future > 0 && (at.getTime() > horizon || future >= room))) break
    moments.push(at)
    through = at
    if (isFuture) future += 1
  }
  await insertSlots(trx, schedule.id, moments)
  await updateSchedule(trx, schedule.id, { slots_through: through })
  return through > now
}

function* runsAfter(schedule: ScheduleRow, after: Date): Generator<Date> {
  let from = after
  for (;;) {
    for (const at of nextRuns({ cron: schedule.cron, timeZone: schedule.time_zone }, from, 50)) {
      yield at
      from = at
    }
  }
}

/** One operation for a due slot, unless the one before is still at work. What cannot be enqueued now waits until the next slot is due. */
async function fill(trx: Transaction<Catalog>, schedule: ScheduleRow, slot: SlotRow, now: Date): Promise<boolean> {
  const running = await findRunningSlot(trx, schedule.id)
  if (running !== null) {
    await decideSlot(trx, slot, { state: 'skipped', reason: `The backup of ${formatUtc(running.slot)} was still at work.`, at: now })
    return false
  }
  try {
    const { id: operationId } = await requestBackup(trx, systemActor, {
      databaseId: schedule.database_id,
      tier: schedule.tier,
      storageIds: await registeredStorages(trx, schedule.storage_ids),
      via: 'scheduler',
    })
    const late = now.getTime() - slot.slot.getTime() > graceMinutes * 60_000
    const reason = late ? (slot.reason ?? 'Nothing was running that could serve it at its time.') : null
    await decideSlot(trx, slot, { state: late ? 'late' : 'filled', reason, operationId, at: now })
    return true
  } catch (error) {
    // a refusal is told before anything is written; any other error takes the whole transaction back
    if (!(error instanceof LifeboatError)) throw error
    await decideSlot(trx, slot, { state: 'owed', reason: `It could not be enqueued: ${error.message}`, at: now })
    return false
  }
}

/** Without those that were taken off the list since: one storage less is no reason for no backup. */
async function registeredStorages(trx: Transaction<Catalog>, ids: readonly string[]): Promise<string[]> {
  const known = new Set((await listStorages(trx)).map((storage) => storage.id))
  const left = ids.filter((id) => known.has(id))
  if (left.length === 0 && ids.length > 0) {
    throw new LifeboatError('not_found', 'None of its storages is registered any more.', 'Change the schedule: choose other storages.')
  }
  return left
}
