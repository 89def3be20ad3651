import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { CheckResult } from '#lib/domain/watch/check-kinds.ts'
import { countIs, seenOfDatabase } from '#lib/domain/watch/result.ts'

/** Backups that nobody looked at yet although something about them is odd: they count for nothing until somebody does. */
export async function lookAtSuspicion(catalog: Kysely<Catalog>, _now: Date): Promise<CheckResult[]> {
  const { rows } = await sql<{ id: string; name: string; count: number; backupId: string | null; why: string | null }>`
    SELECT d.id, d.name, coalesce(odd.count, 0) AS count, odd."backupId", odd.why
    FROM databases d LEFT JOIN (
      SELECT b.database_id, count(*)::int AS count, (array_agg(b.id ORDER BY b.created_at DESC))[1] AS "backupId",
        (array_agg(b.suspicious ORDER BY b.created_at DESC))[1] AS why
      FROM backups b WHERE b.suspicious IS NOT NULL AND b.looked_at IS NULL AND b.finished_at IS NOT NULL AND b.state <> 'deleted'
      GROUP BY b.database_id) odd ON odd.database_id = d.id
    WHERE d.removed_at IS NULL ORDER BY d.name`.execute(catalog)
  return rows.map(({ count, backupId, why, ...database }) =>
    count === 0
      ? seenOfDatabase('suspicious', database, { status: 'ok', words: 'No backup waits for somebody to look at it.', value: 0 })
      : seenOfDatabase('suspicious', database, {
          status: 'warning',
          words: `${countIs(count, 'backup waits', 'backups wait')} for somebody to look: ${(why ?? 'something is odd').replace(/[.\s]+$/, '')}.`,
          value: count,
          detail: { backupId },
        }),
  )
}
