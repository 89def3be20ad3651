import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { markOf } from '#lib/domain/day-mark.ts'
import type { DatabaseSafety, DatabaseView, OverviewView } from '#lib/domain/views.ts'
import { worstAlerts } from './alerts.ts'
import { listDatabases } from './databases.ts'
import { type DatabaseDay, lastDays, readDays } from './day-history.ts'
import { listOperations } from './operations.ts'
import { readRecoveryKey } from './recovery-key.ts'
import { seenBy } from './scope.ts'
import { hasKeptCopy } from '../kept-copy.ts'
import { listStorages } from './storages.ts'
import { readWatch } from './watch.ts'
import { listWorkers } from './workers.ts'

const stripDays = 90
const alertsShown = 10

/** A retained copy may be one that was never read. */
const wasReadBack = sql<boolean>`(copies.state = 'verified' or (copies.state = 'retained' and copies.verified_at is not null))`

const restorable = sql<boolean>`backups.finished_at is not null and backups.state in ('verified', 'retained', 'stored')
  and ${hasKeptCopy(sql`backups.id`)}`

/** Are we safe? Everything that the overview answers with, in one read. */
export async function readOverview(catalog: Kysely<Catalog>, actor: Actor): Promise<OverviewView> {
  const [databases, running, recent, storages, workers, recoveryKey, elsewhere, facts, days, watch, alerts] = await Promise.all([
    listDatabases(catalog, actor),
    listOperations(catalog, actor, { open: 'true', limit: 20 }),
    listOperations(catalog, actor, { open: 'false', limit: 10 }),
    listStorages(catalog, actor),
    listWorkers(catalog, actor),
    readRecoveryKey(catalog, actor),
    copyElsewhere(catalog, actor),
    readFacts(catalog, actor),
    readDays(catalog, actor, stripDays, null),
    readWatch(catalog, actor),
    worstAlerts(catalog, actor, alertsShown),
  ])
  const byId = new Map(facts.map((one) => [one.databaseId, one]))
  const strip = lastDays(stripDays, new Date())
  const daysOf = Map.groupBy(days, (day) => day.databaseId)
  const safeties = databases.map((database) => safetyOf(database, byId.get(database.id), { strip, days: daysOf.get(database.id) ?? [] }))
  return {
    databases: safeties.filter((one) => !one.database.isCatalogue),
    catalogue: safeties.find((one) => one.database.isCatalogue) ?? null,
    running: running.rows,
    recent: recent.rows,
    storages,
    workers,
    recoveryKeyConfirmed: recoveryKey.state === 'confirmed',
    copyElsewhere: elsewhere,
    watch,
    alerts,
  }
}

/** One database's part of the overview, for its own page. */
export async function readSafety(catalog: Kysely<Catalog>, actor: Actor, database: DatabaseView): Promise<DatabaseSafety> {
  const [facts, days] = await Promise.all([readFacts(catalog, actor), readDays(catalog, actor, stripDays, database.id)])
  return safetyOf(
    database,
    facts.find((one) => one.databaseId === database.id),
    { strip: lastDays(stripDays, new Date()), days },
  )
}

interface Facts {
  databaseId: string
  lossSeconds: number | null
  verifiedLossSeconds: number | null
  recoverySeconds: number | null
  recoveryMeasuredFrom: number
  provenAt: Date | null
  verifiedAt: Date | null
  places: string[]
  lastFailure: DatabaseSafety['lastFailure']
  running: DatabaseSafety['running']
}

/** A failure counts until a later backup succeeds. Times come from the catalogue's clock. */
async function readFacts(catalog: Kysely<Catalog>, actor: Actor): Promise<Facts[]> {
  const { rows } = await sql<Facts>`
    select databases.id as "databaseId",
      extract(epoch from now() - point.created_at)::float8 as "lossSeconds",
      extract(epoch from now() - verified.created_at)::float8 as "verifiedLossSeconds",
      recovery.seconds as "recoverySeconds", recovery.runs as "recoveryMeasuredFrom",
      marks.proven_at as "provenAt", marks.verified_at as "verifiedAt",
      coalesce((select array_agg(storages.name order by storages.name) from copies join storages on storages.id = copies.storage_id
        where copies.backup_id = point.id and storages.removed_at is null and copies.state in ('stored', 'verified', 'retained')), '{}') as places,
      failure.failure as "lastFailure", open.open as running
    from databases
    left join lateral (select backups.id, backups.created_at from backups
      where backups.database_id = databases.id and ${restorable} order by backups.created_at desc limit 1) point on true
    left join lateral (select backups.created_at from backups
      where backups.database_id = databases.id and backups.finished_at is not null and backups.state in ('verified', 'retained')
        and exists (select from copies join storages on storages.id = copies.storage_id
          where copies.backup_id = backups.id and storages.removed_at is null and ${wasReadBack})
      order by backups.created_at desc limit 1) verified on true
    left join lateral (select
        (select proven_at from backups where backups.database_id = databases.id and proven_at is not null order by proven_at desc limit 1) as proven_at,
        (select verified_at from backups where backups.database_id = databases.id and verified_at is not null order by verified_at desc limit 1) as verified_at
      ) marks on true
    left join lateral (select count(*)::int as runs,
        percentile_cont(0.5) within group (order by extract(epoch from finished_at - started_at))::float8 as seconds
      from operations where database_id = databases.id and kind = 'restore' and not dry_run
        and state in ('succeeded', 'succeeded_with_findings') and finished_at > now() - interval '1 year') recovery on true
    left join lateral (select jsonb_build_object('at', to_char(coalesce(finished_at, created_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'message', coalesce(error ->> 'message', 'The backup was ' || state || '.'), 'operationId', id) as failure
      from operations where database_id = databases.id and kind = 'backup' and not dry_run and state in ('failed', 'interrupted')
        and created_at > coalesce(point.created_at, '-infinity')
      order by created_at desc limit 1) failure on true
    left join lateral (select jsonb_build_object('id', id, 'title', title) as open
      from operations where database_id = databases.id and state in ('running', 'cancelling', 'queued') and kind <> 'check'
      order by state = 'queued', created_at limit 1) open on true
    where databases.removed_at is null and ${seenBy(actor, 'databases.id')}`.execute(catalog)
  return rows
}

/** `strip`: the days that are shown, oldest first; `days`: those of this database that held something. */
function safetyOf(database: DatabaseView, facts: Facts | undefined, { strip, days }: { strip: string[]; days: DatabaseDay[] }): DatabaseSafety {
  const byDay = new Map(days.map((one) => [one.day, one]))
  const lossSeconds = facts?.lossSeconds ?? null
  return {
    database,
    lossSeconds,
    objectiveMet: lossSeconds !== null && lossSeconds <= database.rpoObjectiveSeconds,
    verifiedLossSeconds: facts?.verifiedLossSeconds ?? null,
    recoverySeconds: facts?.recoverySeconds ?? null,
    recoveryMeasuredFrom: facts?.recoveryMeasuredFrom ?? 0,
    provenAt: facts?.provenAt?.toISOString() ?? null,
    verifiedAt: facts?.verifiedAt?.toISOString() ?? null,
    places: facts?.places ?? [],
    strip: strip.map((day) => {
      const held = byDay.get(day) ?? { succeeded: 0, failed: 0, missed: 0, late: 0, owed: 0 }
      return { day, mark: markOf(held), succeeded: held.succeeded, failed: held.failed, missed: held.missed }
    }),
    lastFailure: facts?.lastFailure ?? null,
    running: facts?.running ?? null,
  }
}

/** One database without it is enough for a no: the answer is about the loss of the whole machine. */
async function copyElsewhere(catalog: Kysely<Catalog>, actor: Actor): Promise<boolean> {
  const { rows } = await sql<{ covered: boolean | null }>`
    select bool_and(exists (select from backups
      where backups.database_id = databases.id and backups.finished_at is not null and backups.state in ('verified', 'retained')
        and backups.created_at >= now() - make_interval(secs => 2 * databases.rpo_objective_seconds)
        and exists (select from copies join storages on storages.id = copies.storage_id
          where copies.backup_id = backups.id and storages.kind <> 'local' and storages.removed_at is null and ${wasReadBack}))) as covered
    from databases where databases.removed_at is null and not databases.is_catalogue and ${seenBy(actor, 'databases.id')}`.execute(catalog)
  return rows[0]?.covered === true
}
