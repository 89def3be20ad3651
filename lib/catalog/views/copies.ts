import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { CopyView } from '#lib/domain/views.ts'
import { iso } from './scope.ts'

/** The copies of several backups in one read, by backup id. Ids must already be the actor's to see. */
export async function copiesOf(catalog: Kysely<Catalog>, backupIds: string[]): Promise<Map<string, CopyView[]>> {
  const byBackup = new Map<string, CopyView[]>()
  if (backupIds.length === 0) return byBackup
  const rows = await catalog
    .selectFrom('copies')
    .innerJoin('storages', 'storages.id', 'copies.storage_id')
    .select([
      'copies.id',
      'copies.backup_id',
      'copies.state',
      'copies.stored_bytes',
      'copies.stored_at',
      'copies.verified_at',
      'copies.problem',
      'copies.retained_until',
      'copies.next_try_at',
      'storages.id as storage_id',
      'storages.name as storage_name',
      'storages.kind as storage_kind',
    ])
    .where('copies.backup_id', 'in', backupIds)
    .orderBy('storages.name')
    .execute()
  for (const row of rows) {
    const copies = byBackup.get(row.backup_id) ?? []
    copies.push({
      id: row.id,
      storage: { id: row.storage_id, name: row.storage_name, kind: row.storage_kind },
      state: row.state,
      storedBytes: row.stored_bytes,
      storedAt: iso(row.stored_at),
      verifiedAt: iso(row.verified_at),
      problem: row.problem,
      retainedUntil: iso(row.retained_until),
      nextTryAt: iso(row.next_try_at),
    })
    byBackup.set(row.backup_id, copies)
  }
  return byBackup
}
