import { type Kysely, sql } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { listUsage } from '#lib/catalog/storage-usage.ts'
import type { Catalog, StorageConfig } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { forecastStorage, type UsageDay } from '#lib/domain/capacity-forecast.ts'
import type { StorageForecast } from '#lib/domain/keeping-views.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { isUuid, iso, notFound, seenBy } from './scope.ts'

/** By name; removed ones are left out. `copies` counts what the actor may see. */
export async function listStorages(catalog: Kysely<Catalog>, actor: Actor): Promise<StorageView[]> {
  const rows = await selectStorages(catalog, actor).where('removed_at', 'is', null).orderBy('name').execute()
  return viewsOf(catalog, rows)
}

/** `forecast` is always worked out here. */
type Forecast = StorageView & { forecast: StorageForecast }

export async function readStorage(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<Forecast> {
  if (!isUuid(id)) throw notFound('storage')
  const row = await selectStorages(catalog, actor).where('storages.id', '=', id).where('removed_at', 'is', null).executeTakeFirst()
  const view = row === undefined ? undefined : (await viewsOf(catalog, [row]))[0]
  if (view === undefined) throw notFound('storage')
  return view
}

async function viewsOf(catalog: Kysely<Catalog>, rows: readonly Row[]): Promise<Forecast[]> {
  const usage = await listUsage(
    catalog,
    rows.map((row) => row.id),
  )
  const now = await catalogueNow(catalog)
  return rows.map((row) => viewOf(row, usage.get(row.id) ?? [], now))
}

/** Where a storage lies, in words; never a secret. */
export function placeOf(config: StorageConfig): string {
  if ('path' in config) return config.path
  const at = config.endpoint === undefined ? '' : ` at ${config.endpoint}`
  return `s3://${config.bucket}/${config.prefix}${at}`
}

function selectStorages(catalog: Kysely<Catalog>, actor: Actor) {
  return catalog.selectFrom('storages').select([
    'id',
    'name',
    'kind',
    'config',
    'budget_bytes',
    'total_bytes',
    'free_bytes',
    'used_bytes',
    'reachable',
    'checked_at',
    'problem',
    'region',
    'agreement',
    'medium',
    'lock_mode',
    'lock_days',
    sql<number>`(select coalesce(sum(readable), 0)::int from copy_counts where copy_counts.storage_id = storages.id
        and ${seenBy(actor, 'copy_counts.database_id')})`.as('copies'),
  ])
}

type Row = Awaited<ReturnType<ReturnType<typeof selectStorages>['executeTakeFirstOrThrow']>>

function viewOf(row: Row, usage: readonly UsageDay[], now: Date): Forecast {
  const { used_bytes: usedBytes, total_bytes: totalBytes, free_bytes: freeBytes, budget_bytes: budgetBytes } = row
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    place: placeOf(row.config),
    budgetBytes,
    totalBytes,
    freeBytes,
    usedBytes,
    reachable: row.reachable,
    checkedAt: iso(row.checked_at),
    problem: row.problem,
    copies: row.copies,
    region: row.region,
    agreement: row.agreement,
    medium: row.medium,
    lockMode: row.lock_mode,
    lockDays: row.lock_days,
    forecast: forecastStorage({ usage, now, usedBytes, totalBytes, freeBytes, budgetBytes }),
  }
}
