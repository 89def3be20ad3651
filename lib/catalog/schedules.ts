import { type Insertable, type Kysely, type Selectable, sql, type Transaction, type Updateable } from 'kysely'
import type { Catalog } from './schema.ts'
import { closeSlots } from './slots.ts'

export type ScheduleRow = Selectable<Catalog['schedules']>

/** null: the database has an open schedule of this tier already. */
export async function insertSchedule(db: Kysely<Catalog>, values: Insertable<Catalog['schedules']>): Promise<ScheduleRow | null> {
  const row = await db
    .insertInto('schedules')
    .values(values)
    .onConflict((conflict) => conflict.columns(['database_id', 'tier']).where('removed_at', 'is', null).doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Locked until the transaction ends; null: there is no such open schedule. */
export async function lockSchedule(trx: Transaction<Catalog>, id: string): Promise<ScheduleRow | null> {
  const row = await trx.selectFrom('schedules').selectAll().where('id', '=', id).where('removed_at', 'is', null).forUpdate().executeTakeFirst()
  return row ?? null
}

/** The same for whoever has others to go on with: null also when somebody else holds it at this moment. */
export async function takeSchedule(trx: Transaction<Catalog>, id: string): Promise<ScheduleRow | null> {
  const row = await trx
    .selectFrom('schedules')
    .selectAll()
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .where('paused_at', 'is', null)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  return row ?? null
}

export async function updateSchedule(trx: Kysely<Catalog>, id: string, values: Updateable<Catalog['schedules']>): Promise<void> {
  await trx
    .updateTable('schedules')
    .set({ ...values, changed_at: sql<Date>`now()` })
    .where('id', '=', id)
    .execute()
}

/** Open schedules of databases that are protected which have a slot to serve at `now`, or whose rows do not reach `ahead`. */
export async function listSchedulesToServe(db: Kysely<Catalog>, now: Date, ahead: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('schedules')
    .innerJoin('databases', 'databases.id', 'schedules.database_id')
    .select('schedules.id')
    .where('schedules.removed_at', 'is', null)
    .where('schedules.paused_at', 'is', null)
    .where('databases.removed_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('schedules.slots_through', '<', ahead),
        eb.exists(
          eb
            .selectFrom('slots')
            .select('slots.slot')
            .whereRef('slots.schedule_id', '=', 'schedules.id')
            .where('slots.state', '=', sql.lit('owed' as const))
            .where('slots.slot', '<=', now),
        ),
      ]),
    )
    .orderBy('schedules.id')
    .execute()
  return rows.map((row) => row.id)
}

/** Those of a database that is taken off the list: it owes nothing more, and comes back without them. */
export async function closeSchedules(db: Kysely<Catalog>, databaseId: string): Promise<void> {
  const rows = await db
    .updateTable('schedules')
    .set({ removed_at: sql<Date>`now()`, changed_at: sql<Date>`now()` })
    .where('database_id', '=', databaseId)
    .where('removed_at', 'is', null)
    .returning('id')
    .execute()
  for (const { id } of rows) await closeSlots(db, id, 'The database was taken off the list before anything could serve it.')
}
