import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { type DatabaseRow, getDatabase } from '#lib/catalog/databases.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { insertSchedule, lockSchedule, type ScheduleRow, updateSchedule } from '#lib/catalog/schedules.ts'
import { closeSlots, forgetFutureSlots } from '#lib/catalog/slots.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import type { NewScheduleInput, ScheduleChange } from '#lib/domain/schedule-input.ts'
import { parseCron } from '#lib/domain/schedules/cron.ts'
import { standardPlan } from '#lib/domain/schedules/standard-plan.ts'
import { storagesFor } from './storages-for.ts'

/** Returns its id. Throws `forbidden`, `not_found` (also for what the actor may not see), `usage` (cron, time zone), `refused` (copies may not lie there), `conflict` (the tier has one). */
export async function addSchedule(db: Kysely<Catalog>, actor: Actor, input: NewScheduleInput): Promise<string> {
  return within(db, actor, async (trx) => {
    const database = await seenDatabase(trx, actor, input.databaseId)
    const { cron, timeZone } = parseCron(input)
    const storageIds = await chosen(trx, database, input.storageIds)
    const row = await insertSchedule(trx, { database_id: database.id, tier: input.tier, cron, time_zone: timeZone, storage_ids: storageIds })
    if (row === null) {
      throw new LifeboatError('conflict', `${database.name} has a ${input.tier} schedule already.`, 'Change that one, or remove it first.')
    }
    await note(trx, actor, 'schedule.add', row, { database: database.name })
    return row.id
  })
}

/** Slots to come follow the new times; those that were due keep what became of them. Throws as addSchedule does. */
export async function changeSchedule(db: Kysely<Catalog>, actor: Actor, id: string, change: ScheduleChange): Promise<void> {
  if (change.cron === undefined && change.timeZone === undefined && change.storageIds === undefined) {
    throw new LifeboatError('usage', 'Nothing is to be changed.', 'Give other times, another time zone or other storages.')
  }
  await within(db, actor, async (trx) => {
    const before = await seenSchedule(trx, actor, id)
    const { cron, timeZone } = parseCron({ cron: change.cron ?? before.cron, timeZone: change.timeZone ?? before.time_zone })
    const storageIds =
      change.storageIds === undefined ? before.storage_ids : await chosen(trx, await seenDatabase(trx, actor, before.database_id), change.storageIds)
    const moved = cron !== before.cron || timeZone !== before.time_zone
    if (moved) await forgetFutureSlots(trx, id)
    await updateSchedule(trx, id, {
      cron,
      time_zone: timeZone,
      storage_ids: storageIds,
      ...(moved ? { slots_through: await catalogueNow(trx) } : {}),
    })
    await note(trx, actor, 'schedule.change', { ...before, cron, time_zone: timeZone, storage_ids: storageIds })
  })
}

/** While it is paused it owes nothing, and what it did not owe is not caught up afterwards. */
export async function pauseSchedule(db: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  await within(db, actor, async (trx) => {
    const row = await seenSchedule(trx, actor, id)
    if (row.paused_at !== null) return
    await closeSlots(trx, id, 'The schedule was paused before anything could serve it.')
    await updateSchedule(trx, id, { paused_at: await catalogueNow(trx) })
    await note(trx, actor, 'schedule.pause', row)
  })
}

export async function resumeSchedule(db: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  await within(db, actor, async (trx) => {
    const row = await seenSchedule(trx, actor, id)
    if (row.paused_at === null) return
    await updateSchedule(trx, id, { paused_at: null, slots_through: await catalogueNow(trx) })
    await note(trx, actor, 'schedule.resume', row)
  })
}

/** Its history stays; backups that it made stay by the rules of their tier. */
export async function removeSchedule(db: Kysely<Catalog>, actor: Actor, id: string): Promise<void> {
  await within(db, actor, async (trx) => {
    const row = await seenSchedule(trx, actor, id)
    await closeSlots(trx, id, 'The schedule was taken away before anything could serve it.')
    await updateSchedule(trx, id, { removed_at: await catalogueNow(trx) })
    await note(trx, actor, 'schedule.remove', row)
  })
}

/** Daily, weekly and monthly, each where the database has none yet. Returns the ids of those that were added. */
export async function applyStandardPlan(db: Kysely<Catalog>, actor: Actor, databaseId: string): Promise<string[]> {
  return within(db, actor, async (trx) => {
    const database = await seenDatabase(trx, actor, databaseId)
    const added: string[] = []
    for (const { tier, cron, timeZone } of standardPlan) {
      const row = await insertSchedule(trx, { database_id: database.id, tier, cron, time_zone: timeZone })
      if (row === null) continue
      await note(trx, actor, 'schedule.add', row, { database: database.name, plan: 'standard' })
      added.push(row.id)
    }
    return added
  })
}

async function within<T>(db: Kysely<Catalog>, actor: Actor, work: (trx: Transaction<Catalog>) => Promise<T>): Promise<T> {
  if (!allows(actor.role, 'schedule.write')) throw new LifeboatError('forbidden', reasonDenied('schedule.write'))
  return db.isTransaction ? work(db as Transaction<Catalog>) : db.transaction().execute(work)
}

async function seenDatabase(trx: Transaction<Catalog>, actor: Actor, id: string) {
  const database = isUuid(id) && maySee(actor, id) ? await getDatabase(trx, id) : null
  if (database === null || database.removed_at !== null) throw new LifeboatError('not_found', 'There is no such database.')
  return database
}

async function seenSchedule(trx: Transaction<Catalog>, actor: Actor, id: string): Promise<ScheduleRow> {
  const row = isUuid(id) ? await lockSchedule(trx, id) : null
  if (row === null || !maySee(actor, row.database_id)) throw new LifeboatError('not_found', 'There is no such schedule.')
  return row
}

function isUuid(id: string): boolean {
  return z.uuid().safeParse(id).success
}

/** As they were given, each once; none stands for every one that the database may use. */
async function chosen(trx: Transaction<Catalog>, database: DatabaseRow, ids: readonly string[]): Promise<string[]> {
  return ids.length === 0 ? [] : (await storagesFor(trx, database, ids)).map((storage) => storage.id)
}

async function note(
  trx: Transaction<Catalog>,
  actor: Actor,
  action: string,
  row: Pick<ScheduleRow, 'id' | 'tier' | 'cron' | 'time_zone' | 'storage_ids' | 'database_id'>,
  detail: Record<string, unknown> = {},
): Promise<void> {
  const { id, tier, cron, time_zone: timeZone, storage_ids: storageIds, database_id: databaseId } = row
  await appendAudit(trx, auditKey(), {
    ...auditActor(actor),
    action,
    subjectKind: 'schedule',
    subjectId: id,
    outcome: 'done',
    detail: { databaseId, tier, cron, timeZone, storageIds, ...detail },
  })
}
