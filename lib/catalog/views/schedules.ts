import { type Kysely, sql } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { isMissed } from '#lib/catalog/slots.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { SchedulePreview, ScheduleView, SlotView } from '#lib/domain/keeping-views.ts'
import { type Cron, cronWords, nextRuns, parseCron } from '#lib/domain/schedules/cron.ts'
import type { SlotState } from '#lib/domain/states.ts'
import { isUuid, iso, notFound, seenBy } from './scope.ts'

const nextShown = 5
const lastShown = 14

/** Open schedules by database, then daily, weekly, monthly. */
export async function listSchedules(
  catalog: Kysely<Catalog>,
  actor: Actor,
  by: { databaseId?: string | undefined; id?: string } = {},
): Promise<ScheduleView[]> {
  let query = catalog
    .selectFrom('schedules')
    .innerJoin('databases', 'databases.id', 'schedules.database_id')
    .selectAll('schedules')
    .select('databases.name as database_name')
    .where('schedules.removed_at', 'is', null)
    .where('databases.removed_at', 'is', null)
    .where(seenBy(actor, 'schedules.database_id'))
  if (by.databaseId !== undefined) query = query.where('schedules.database_id', '=', by.databaseId)
  if (by.id !== undefined) query = query.where('schedules.id', '=', by.id)
  const [rows, storages, now] = await Promise.all([
    query.orderBy('databases.name').orderBy(sql`array_position(array['daily', 'weekly', 'monthly'], schedules.tier)`).execute(),
    catalog.selectFrom('storages').select(['id', 'name']).where('removed_at', 'is', null).execute(),
    catalogueNow(catalog),
  ])
  const names = new Map(storages.map((one) => [one.id, one.name]))
  const last = await lastSlots(
    catalog,
    rows.map((row) => row.id),
  )
  return rows.map((row) => {
    const when = { cron: row.cron, timeZone: row.time_zone }
    return {
      id: row.id,
      database: { id: row.database_id, name: row.database_name },
      tier: row.tier,
      ...when,
      words: cronWords(when),
      storages: row.storage_ids.flatMap((id) => (names.has(id) ? [{ id, name: names.get(id) ?? '' }] : [])),
      pausedAt: iso(row.paused_at),
      createdAt: iso(row.created_at),
      next: row.paused_at === null ? nextRuns(when, now, nextShown).map((at) => iso(at)) : [],
      last: last.get(row.id) ?? [],
    }
  })
}

export async function readSchedule(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<ScheduleView> {
  const found = isUuid(id) ? (await listSchedules(catalog, actor, { id }))[0] : undefined
  if (found === undefined) throw notFound('schedule')
  return found
}

/** Throws `usage` with what is wrong with the expression or the zone. */
export async function previewSchedule(catalog: Kysely<Catalog>, typed: Cron): Promise<SchedulePreview> {
  const when = parseCron(typed)
  return { words: cronWords(when), timeZone: when.timeZone, next: nextRuns(when, await catalogueNow(catalog), nextShown).map((at) => iso(at)) }
}

async function lastSlots(catalog: Kysely<Catalog>, ids: string[]): Promise<Map<string, SlotView[]>> {
  const { rows } = await sql<{
    schedule_id: string
    slot: Date
    state: SlotState
    missed: boolean
    reason: string | null
    operation_id: string | null
    operation_state: string | null
  }>`
    select slots.schedule_id, slots.slot, slots.state, ${isMissed} as missed, slots.reason, slots.operation_id, operations.state as operation_state
    from unnest(${ids}::uuid[]) as schedule(id)
    cross join lateral (select * from slots where slots.schedule_id = schedule.id and slots.slot <= now() order by slots.slot desc limit ${lastShown}) slots
    left join operations on operations.id = slots.operation_id
    order by slots.slot`.execute(catalog)
  const bySchedule = new Map<string, SlotView[]>()
  for (const row of rows) {
    const held = bySchedule.get(row.schedule_id) ?? []
    held.push({
      at: iso(row.slot),
      state: row.state,
      missed: row.missed,
      reason: row.reason,
      operation: row.operation_id === null ? null : { id: row.operation_id, state: row.operation_state ?? '' },
    })
    bySchedule.set(row.schedule_id, held)
  }
  return bySchedule
}
