import { type Kysely, sql } from 'kysely'
import type { CopyRow } from '#lib/catalog/copies.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readableCopyStates } from '#lib/domain/states.ts'

/**
 * Why a deletion that was begun and whose manifest is still there must not go on: nothing stands in for the copy any more, neither a verified copy
 * of the same backup elsewhere nor a newer verified backup of its database on the same storage. null: something does, or it was bad itself.
 * FAULTS.md section 2, 69.
 */
export async function whyNotGoOn(db: Kysely<Catalog>, copy: CopyRow): Promise<string | null> {
  const was = copy.tombstone?.was
  if (was === 'corrupt' || was === 'missing') return null
  const good = sql`c.verified_at IS NOT NULL AND c.state = ANY (${[...readableCopyStates]}::text[]) AND s.removed_at IS NULL`
  const { rows } = await sql<{ stands: boolean }>`
    SELECT EXISTS (
      SELECT FROM backups mine JOIN backups b ON b.database_id = mine.database_id AND b.created_at >= mine.created_at
        JOIN copies c ON c.backup_id = b.id JOIN storages s ON s.id = c.storage_id
      WHERE mine.id = ${copy.backup_id} AND c.id <> ${copy.id} AND ${good}
        AND (b.id = mine.id OR (c.storage_id = ${copy.storage_id} AND (b.suspicious IS NULL OR b.looked_verdict = 'fine')))) AS stands`.execute(db)
  if (rows[0]?.stands === true) return null
  return 'What stood in for it is damaged or gone since: it is kept.'
}
