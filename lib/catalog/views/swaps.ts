import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { SwapView } from '#lib/domain/swap-view.ts'
import { iso, seenBy } from './scope.ts'

/** Newest first, at most 200; those whose database is kept come before all others. */
export async function listSwaps(
  catalog: Kysely<Catalog>,
  actor: Actor,
  filter: { databaseId?: string | undefined; kept?: boolean } = {},
): Promise<SwapView[]> {
  const rows = await catalog
    .selectFrom('swaps as s')
    .innerJoin('databases as d', 'd.id', 's.database_id')
    .innerJoin('operations as o', 'o.id', 's.operation_id')
    .leftJoin('backups as b', 'b.id', 'o.backup_id')
    .selectAll('s')
    .select(['d.name as database_name', 'o.kind as kind', 'b.name as backup_name', 'o.requested_name as requested_name'])
    .where(seenBy(actor, 's.database_id'))
    .$if(filter.databaseId !== undefined, (query) => query.where('s.database_id', '=', filter.databaseId ?? ''))
    .$if(filter.kept === true, (query) => query.where('s.state', '=', 'kept'))
    .orderBy((order) => order.case().when('s.state', '=', 'kept').then(0).else(1).end())
    .orderBy('o.created_at', 'desc')
    .limit(200)
    .execute()
  return rows.map((row) => ({
    operationId: row.operation_id,
    kind: row.kind === 'undo' ? 'undo' : 'restore',
    databaseId: row.database_id,
    databaseName: row.database_name,
    place: `${row.host}:${row.port}`,
    liveName: row.live_name,
    keptName: row.kept_name,
    backupName: row.backup_name,
    state: row.state,
    swappedAt: iso(row.swapped_at),
    undoUntil: iso(row.undo_until),
    endedAt: iso(row.ended_at),
    endedBy: row.ended_by,
    requestedName: row.requested_name,
  }))
}
