import { type Kysely, sql } from 'kysely'
import type { UsageDay } from '#lib/domain/capacity-forecast.ts'
import { growthDays } from '#lib/domain/capacity-forecast.ts'
import type { Catalog } from './schema.ts'

/** Writes down what is known of a storage's room today (UTC, the catalogue's clock); the last word of a day counts. */
export async function noteUsage(db: Kysely<Catalog>, storageId: string): Promise<void> {
  await sql`
    INSERT INTO storage_usage (storage_id, day, used_bytes, total_bytes, free_bytes)
    SELECT id, (now() AT TIME ZONE 'UTC')::date, coalesce(used_bytes, 0), total_bytes, free_bytes FROM storages WHERE id = ${storageId}
    ON CONFLICT (storage_id, day) DO UPDATE
      SET used_bytes = excluded.used_bytes, total_bytes = excluded.total_bytes, free_bytes = excluded.free_bytes`.execute(db)
}

/** The last ninety days of these storages, by id, oldest first. */
export async function listUsage(db: Kysely<Catalog>, storageIds: readonly string[]): Promise<Map<string, UsageDay[]>> {
  const byStorage = new Map<string, UsageDay[]>()
  if (storageIds.length === 0) return byStorage
  const rows = await db
    .selectFrom('storage_usage')
    .select(['storage_id', 'used_bytes', 'total_bytes', 'free_bytes', sql<string>`day::text`.as('day')])
    .where('storage_id', 'in', storageIds)
    .where(sql<boolean>`day > (now() AT TIME ZONE 'UTC')::date - ${sql.lit(growthDays)}`)
    .orderBy('day')
    .execute()
  for (const row of rows) {
    const days = byStorage.get(row.storage_id) ?? []
    days.push({ day: row.day, usedBytes: row.used_bytes, totalBytes: row.total_bytes, freeBytes: row.free_bytes })
    byStorage.set(row.storage_id, days)
  }
  return byStorage
}
