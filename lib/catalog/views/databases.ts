import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { DatabaseView } from '#lib/domain/views.ts'
import { hasKeptCopy } from '../kept-copy.ts'
import { isUuid, iso, notFound, seenBy } from './scope.ts'

/** By name; removed ones are left out. */
export async function listDatabases(catalog: Kysely<Catalog>, actor: Actor): Promise<DatabaseView[]> {
  const rows = await selectDatabases(catalog).where('removed_at', 'is', null).where(seenBy(actor, 'databases.id')).orderBy('name').execute()
  return rows.map(viewOf)
}

export async function readDatabase(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<DatabaseView> {
  if (!isUuid(id)) throw notFound('database')
  const row = await selectDatabases(catalog)
    .where('databases.id', '=', id)
    .where('removed_at', 'is', null)
    .where(seenBy(actor, 'databases.id'))
    .executeTakeFirst()
  if (row === undefined) throw notFound('database')
  return viewOf(row)
}

function selectDatabases(catalog: Kysely<Catalog>) {
  return catalog
    .selectFrom('databases')
    .select([
      'id',
      'name',
      'host',
      'port',
      'dbname',
      'username',
      'ssl_mode',
      'is_sample',
      'reachable',
      'checked_at',
      'problem',
      'server_version',
      'tls_version',
      'size_bytes',
      'rpo_objective_seconds',
      'rto_objective_seconds',
      'tags',
      'allowed_regions',
      'is_catalogue',
    ])
    .select([
      sql<number>`(select count(*)::int from schedules where schedules.database_id = databases.id and schedules.removed_at is null)`.as(
        'schedule_count',
      ),
      sql<Date | null>`(select backups.created_at from backups where backups.database_id = databases.id and backups.finished_at is not null
        and backups.state in ('verified', 'retained', 'stored') and ${hasKeptCopy(sql`backups.id`)} order by backups.created_at desc limit 1)`.as(
        'newest',
      ),
      sql<number>`coalesce((select restorable from backup_counts where backup_counts.database_id = databases.id), 0)`.as('backup_count'),
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof selectDatabases>['executeTakeFirstOrThrow']>>

function viewOf(row: Row): DatabaseView {
  return {
    id: row.id,
    name: row.name,
    host: row.host,
    port: row.port,
    dbname: row.dbname,
    username: row.username,
    sslMode: row.ssl_mode,
    isSample: row.is_sample,
    reachable: row.reachable,
    checkedAt: iso(row.checked_at),
    problem: row.problem,
    serverVersion: row.server_version,
    tlsVersion: row.tls_version,
    sizeBytes: row.size_bytes,
    rpoObjectiveSeconds: row.rpo_objective_seconds,
    rtoObjectiveSeconds: row.rto_objective_seconds,
    newestRestorableAt: iso(row.newest),
    backupCount: row.backup_count,
    tags: row.tags,
    allowedRegions: row.allowed_regions,
    isCatalogue: row.is_catalogue,
    scheduleCount: row.schedule_count,
  }
}
