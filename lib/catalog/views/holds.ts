import { type Kysely } from 'kysely'
import { type HoldRow, listHolds } from '#lib/catalog/holds.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { HoldView } from '#lib/domain/keeping-views.ts'
import { iso } from './scope.ts'

/** The holds of a backup that the actor may see, the newest first. */
export async function holdsOf(catalog: Kysely<Catalog>, backup: HoldView['backup']): Promise<HoldView[]> {
  const rows = await listHolds(catalog, backup.id)
  return rows.map((row) => viewOfHold(row, backup))
}

export function viewOfHold(row: HoldRow, backup: HoldView['backup']): HoldView {
  return {
    id: row.id,
    backup,
    kind: row.kind,
    reason: row.reason,
    placedAt: iso(row.placed_at),
    placedName: row.placed_name,
    releasedAt: iso(row.released_at),
    releasedName: row.released_name,
    releaseReason: row.release_reason,
  }
}
