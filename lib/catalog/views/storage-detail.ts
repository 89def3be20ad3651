import { type Kysely, sql } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type DriftRow, listDrift } from '#lib/catalog/storage-drift.ts'
import { listUsage } from '#lib/catalog/storage-usage.ts'
import { getStorage } from '#lib/catalog/storages.ts'
import { verificationSettings } from '#lib/catalog/verification-settings.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { aboutDrift, type DriftDetail } from '#lib/domain/drift.ts'
import type { StorageDetail, StorageDrift } from '#lib/domain/keeping-views.ts'
import { readableCopyStates } from '#lib/domain/states.ts'
import type { StorageView } from '#lib/domain/views.ts'
import { iso, seenBy } from './scope.ts'
import { readStorage } from './storages.ts'

/** One storage with its days, its drift and what waits for it. */
export async function readStorageDetail(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<StorageView & { detail: StorageDetail }> {
  const view = await readStorage(catalog, actor, id)
  const row = await getStorage(catalog, id)
  const now = await catalogueNow(catalog)
  return {
    ...view,
    detail: {
      usage: (await listUsage(catalog, [id])).get(id) ?? [],
      forecast: view.forecast,
      // names of directories tell of databases that not everybody may see
      drift: actor.databaseIds === null ? await driftOf(catalog, id, now) : [],
      reconciledAt: await reconciledAt(catalog, id),
      bucket: row?.bucket ?? null,
      waiting: await waitingFor(catalog, actor, id),
      ...(await readBack(catalog, actor, id)),
    },
  }
}

export async function driftOf(catalog: Kysely<Catalog>, storageId: string, now: Date): Promise<StorageDrift[]> {
  const rows = await listDrift(catalog, storageId)
  const repairable = await withGoodCopy(catalog, storageId, rows)
  return rows.map((row) => {
    const detail: DriftDetail = { ...row.detail, goodCopy: repairable.has(backupOf(row) ?? '') }
    const { kind, path, objects, bytes } = row
    const about = aboutDrift({ kind, path, objects, bytes, detail }, now)
    return { kind, path, objects, bytes, foundAt: iso(row.found_at), seenAt: iso(row.seen_at), ...about }
  })
}

const backupOf = (row: DriftRow): string | null => (typeof row.detail.backupId === 'string' ? row.detail.backupId : null)

/** Of the backups in these rows those of which another storage holds a readable copy. */
async function withGoodCopy(catalog: Kysely<Catalog>, storageId: string, rows: readonly DriftRow[]): Promise<Set<string>> {
  const ids = rows.flatMap((row) => backupOf(row) ?? [])
  if (ids.length === 0) return new Set()
  const found = await catalog
    .selectFrom('copies')
    .innerJoin('storages', 'storages.id', 'copies.storage_id')
    .select('copies.backup_id')
    .where('copies.backup_id', 'in', ids)
    .where('copies.storage_id', '<>', storageId)
    .where('copies.state', 'in', readableCopyStates)
    .where('storages.removed_at', 'is', null)
    .execute()
  return new Set(found.map((one) => one.backup_id))
}

async function reconciledAt(catalog: Kysely<Catalog>, storageId: string): Promise<string | null> {
  const row = await catalog
    .selectFrom('operations')
    .select((eb) => eb.fn.max('finished_at').as('at'))
    .where('kind', '=', 'reconcile')
    .where('storage_id', '=', storageId)
    .where('dry_run', '=', false)
    .where('state', 'in', ['succeeded', 'succeeded_with_findings'])
    .where(sql<boolean>`coalesce(input #>> '{remedy,action}', 'adopt') = 'adopt'`)
    .executeTakeFirst()
  return iso(row?.at ?? null)
}

async function waitingFor(catalog: Kysely<Catalog>, actor: Actor, storageId: string): Promise<StorageDetail['waiting']> {
  const rows = await catalog
    .selectFrom('copies')
    .innerJoin('backups', 'backups.id', 'copies.backup_id')
    .innerJoin('databases', 'databases.id', 'backups.database_id')
    .select(['copies.id', 'copies.backup_id', 'copies.state', 'copies.problem', 'copies.next_try_at', 'backups.name', 'databases.name as database'])
    .where('copies.storage_id', '=', storageId)
    .where('copies.state', 'in', ['waiting', 'failed'])
    .where('backups.finished_at', 'is not', null)
    .where(seenBy(actor, 'backups.database_id'))
    .orderBy('backups.created_at', 'desc')
    .limit(200)
    .execute()
  return rows.map((row) => ({
    copyId: row.id,
    backupId: row.backup_id,
    backup: row.name,
    database: row.database,
    state: row.state,
    problem: row.problem,
    nextTryAt: iso(row.next_try_at),
  }))
}

/** How long ago the readable copies were read back; a copy that never was counts from when it was stored. */
async function readBack(catalog: Kysely<Catalog>, actor: Actor, storageId: string): Promise<Pick<StorageDetail, 'unverified' | 'oldestVerifiedAt'>> {
  const { fullDays } = await verificationSettings(catalog)
  const row = await catalog
    .selectFrom('copies')
    .innerJoin('backups', 'backups.id', 'copies.backup_id')
    .select([
      sql<number>`count(*) filter (where coalesce(copies.verified_at, copies.stored_at, 'epoch') < now() - make_interval(days => ${fullDays}))::int`.as(
        'unverified',
      ),
      sql<number>`count(*) filter (where copies.verified_at is null)::int`.as('never'),
      sql<Date | null>`min(copies.verified_at)`.as('oldest'),
    ])
    .where('copies.storage_id', '=', storageId)
    .where('copies.state', 'in', readableCopyStates)
    .where(seenBy(actor, 'backups.database_id'))
    .executeTakeFirstOrThrow()
  // one that was never read is older than every date
  return { unverified: row.unverified, oldestVerifiedAt: row.never > 0 ? null : iso(row.oldest) }
}
