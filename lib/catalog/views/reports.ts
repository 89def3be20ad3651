import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { ReportsView } from '#lib/domain/views.ts'
import { readDatabase } from './databases.ts'
import { lastDays, readDays } from './day-history.ts'
import { seenBy } from './scope.ts'

/** How well does it go, over the last `days` days (UTC, today included); of one database or, with null, of all that the actor sees. */
export async function readReports(catalog: Kysely<Catalog>, actor: Actor, days: number, databaseId: string | null): Promise<ReportsView> {
  if (databaseId !== null) await readDatabase(catalog, actor, databaseId)
  const [counts, recoveries, objectiveSeconds, sizes] = await Promise.all([
    readDays(catalog, actor, days, databaseId),
    readRecoveries(catalog, actor, days, databaseId),
    readObjective(catalog, actor, databaseId),
    readSizes(catalog, actor, days, databaseId),
  ])
  return {
    days,
    success: lastDays(days, new Date()).map((day) => {
      const held = counts.filter((one) => one.day === day)
      const sum = (of: (one: (typeof held)[number]) => number) => held.reduce((total, one) => total + of(one), 0)
      return {
        day,
        owed: sum((one) => one.due),
        succeeded: sum((one) => one.succeeded),
        failed: sum((one) => one.failed),
        missed: sum((one) => one.missed),
      }
    }),
    recoveries,
    objectiveSeconds,
    sizes,
  }
}

/** Durations are of the recoveries that succeeded; dry runs are none. */
async function readRecoveries(catalog: Kysely<Catalog>, actor: Actor, days: number, databaseId: string | null): Promise<ReportsView['recoveries']> {
  const only = databaseId === null ? sql`true` : sql`database_id = ${databaseId}::uuid`
  const good = sql`state in ('succeeded', 'succeeded_with_findings') and coalesce(result #>> '{restore,outcome}', 'completed') like 'completed%'`
  const seconds = sql`extract(epoch from finished_at - started_at)`
  const { rows } = await sql<ReportsView['recoveries'][number]>`
    select case when kind = 'restore' then coalesce(input ->> 'scope', 'full') else kind end as type,
      count(*)::int as count, count(*) filter (where not (${good}))::int as failed,
      avg(${seconds}) filter (where ${good})::float8 as "averageSeconds", max(${seconds}) filter (where ${good})::float8 as "longestSeconds",
      percentile_cont(0.5) within group (order by ${seconds}) filter (where ${good})::float8 as "p50Seconds",
      percentile_cont(0.95) within group (order by ${seconds}) filter (where ${good})::float8 as "p95Seconds"
    from operations
    where kind in ('restore', 'clone', 'drill') and not dry_run and state not in ('queued', 'running', 'cancelling')
      and created_at >= (current_date - ${days - 1}::int) and ${only} and ${seenBy(actor, 'database_id')}
    group by 1 order by 1`.execute(catalog)
  return rows
}

/** The strictest objective of the databases in question. */
async function readObjective(catalog: Kysely<Catalog>, actor: Actor, databaseId: string | null): Promise<number | null> {
  let query = catalog
    .selectFrom('databases')
    .select((eb) => eb.fn.min('rto_objective_seconds').as('objective'))
    .where('removed_at', 'is', null)
    .where(seenBy(actor, 'databases.id'))
  if (databaseId !== null) query = query.where('id', '=', databaseId)
  const row = await query.executeTakeFirst()
  return row?.objective ?? null
}

/** For each day, the newest backup of each database as of the end of that day, summed; days before the first backup are absent. */
async function readSizes(catalog: Kysely<Catalog>, actor: Actor, days: number, databaseId: string | null): Promise<ReportsView['sizes']> {
  const only = databaseId === null ? sql`true` : sql`databases.id = ${databaseId}::uuid`
  const { rows } = await sql<ReportsView['sizes'][number]>`
    select to_char(day, 'YYYY-MM-DD') as day, sum(newest.raw_bytes)::bigint as "rawBytes", sum(newest.stored_bytes)::bigint as "storedBytes"
    from generate_series(current_date - ${days - 1}::int, current_date, interval '1 day') as day
    cross join databases
    cross join lateral (select raw_bytes, stored_bytes from backups
      where backups.database_id = databases.id and finished_at is not null and backups.created_at < day + interval '1 day'
      order by backups.created_at desc limit 1) newest
    where databases.removed_at is null and ${only} and ${seenBy(actor, 'databases.id')}
    group by day order by day`.execute(catalog)
  return rows
}
