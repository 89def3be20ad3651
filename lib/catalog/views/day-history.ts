import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { DayCounts } from '#lib/domain/day-mark.ts'
import { isMissed } from '#lib/catalog/slots.ts'
import { seenBy } from './scope.ts'

export interface DatabaseDay extends DayCounts {
  databaseId: string
  /** YYYY-MM-DD in UTC */
  day: string
  /** slots of the day plus runs that no schedule asked for; a second attempt is no run of its own */
  due: number
}

/**
 * What each database's days held: finished backups (cancelled and interrupted count as failed, CONTRACT "SQL") and slots.
 * Days without anything are absent.
 */
export async function readDays(catalog: Kysely<Catalog>, actor: Actor, days: number, databaseId: string | null): Promise<DatabaseDay[]> {
  const only = databaseId === null ? sql`true` : sql`database_id = ${databaseId}::uuid`
  // one line per database: ninety days of fifty databases as rows or as JSON took longer to carry over than to work out
  const { rows } = await sql<{ databaseId: string; days: string }>`
    with runs as (
      select database_id, created_at::date as day,
        count(*) filter (where state in ('succeeded', 'succeeded_with_findings'))::int as succeeded,
        count(*) filter (where state in ('failed', 'interrupted', 'cancelled'))::int as failed,
        count(*) filter (where requested_via <> 'scheduler' and retry_of is null)::int as unscheduled
      from operations
      where kind = 'backup' and not dry_run and state not in ('queued', 'running', 'cancelling') and database_id is not null
        and created_at >= (current_date - ${days - 1}::int) and ${only} and ${seenBy(actor, 'database_id')}
      group by 1, 2),
    owing as (
      select database_id, slot::date as day, count(*)::int as slots,
        count(*) filter (where ${isMissed})::int as missed,
        count(*) filter (where state = 'late')::int as late,
        count(*) filter (where state = 'owed' and not ${isMissed})::int as owed
      from slots join schedules on schedules.id = slots.schedule_id
      where slot <= now() and slot >= (current_date - ${days - 1}::int) and ${only} and ${seenBy(actor, 'database_id')}
      group by 1, 2)
    select coalesce(runs.database_id, owing.database_id) as "databaseId",
      string_agg(concat_ws(',', coalesce(runs.day, owing.day), coalesce(succeeded, 0), coalesce(failed, 0), coalesce(missed, 0), coalesce(late, 0),
        coalesce(owed, 0), coalesce(slots, 0) + coalesce(unscheduled, 0)), ';') as days
    from runs full join owing on owing.database_id = runs.database_id and owing.day = runs.day
    group by 1`.execute(catalog)
  return rows.flatMap(({ databaseId, days: held }) =>
    held.split(';').map((one) => {
      const [day = '', ...counts] = one.split(',')
      const [succeeded = 0, failed = 0, missed = 0, late = 0, owed = 0, due = 0] = counts.map(Number)
      return { databaseId, day, succeeded, failed, missed, late, owed, due }
    }),
  )
}

/** The last `count` days in UTC, oldest first, today included. */
export function lastDays(count: number, now: Date): string[] {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate())
  return Array.from({ length: count }, (_, index) => new Date(today - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10))
}
