import { type RawBuilder, sql } from 'kysely'

/**
 * Whether a backup has a readable copy on a storage that is on the list. What lies elsewhere may still be there, but nobody looks whether it is: it
 * is no restorable point to rely on. `backupId`: how the query names it.
 */
export function hasKeptCopy(backupId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`EXISTS (
    SELECT FROM copies kept JOIN storages kept_on ON kept_on.id = kept.storage_id AND kept_on.removed_at IS NULL
    WHERE kept.backup_id = ${backupId} AND kept.state IN ('verified', 'retained', 'stored'))`
}
