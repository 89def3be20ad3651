import { type Kysely, sql } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import { listCopies } from '#lib/catalog/copies.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { getStorage } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { formatDuration } from '#lib/domain/units.ts'

export interface VerifiedSafety {
  backupId: string
  name: string
  /** of its snapshot: what was written since is in no backup */
  takenAt: Date
  /** where a verified copy lies */
  storages: string[]
}

/** Longer than any queue; what waited for a worker, or for a second person, since yesterday is asked for again. */
const oldestMs = 24 * 3600_000

/**
 * The safety backup that a restore which overwrites was enqueued behind: of this database, whole, and with a copy that was read back.
 * Called before the first write. Throws `refused`: then nothing was touched.
 */
export async function requireVerifiedSafety(
  context: { catalog: Kysely<Catalog> },
  input: { safety: { operationId: string } | null; serverDatabaseId: string | null; sourceDatabaseId: string | null },
): Promise<VerifiedSafety> {
  if (input.safety === null) throw refused('No safety backup was taken.')
  const backup = await backupOf(context.catalog, input.safety.operationId)
  if (backup === null) throw refused('The safety backup was not stored.')
  if (backup.database_id !== (input.serverDatabaseId ?? input.sourceDatabaseId)) throw refused('The safety backup is one of another database.')
  const age = (await catalogueNow(context.catalog)).getTime() - backup.created_at.getTime()
  if (age > oldestMs)
    throw refused(`The safety backup ${backup.name} is ${formatDuration(age / 1000)} old: it knows nothing of what was written since.`)
  const verified = (await listCopies(context.catalog, backup.id)).filter((copy) => copy.state === 'verified')
  if (verified.length === 0) throw refused(`No copy of the safety backup ${backup.name} was read back whole.`)
  const storages = await Promise.all(verified.map((copy) => getStorage(context.catalog, copy.storage_id)))
  return { backupId: backup.id, name: backup.name, takenAt: backup.created_at, storages: storages.flatMap((storage) => storage?.name ?? []) }
}

/** Made by the operation itself, or by a retry of it. */
async function backupOf(
  catalog: Kysely<Catalog>,
  operationId: string,
): Promise<{ id: string; name: string; database_id: string; created_at: Date } | null> {
  const { rows } = await sql<{ id: string; name: string; database_id: string; created_at: Date }>`
    WITH RECURSIVE attempts AS (
      SELECT id FROM operations WHERE id = ${operationId} AND kind = 'backup'
      UNION ALL
      SELECT o.id FROM operations o JOIN attempts a ON o.retry_of = a.id
    )
    SELECT b.id, b.name, b.database_id, b.created_at FROM backups b JOIN attempts a ON b.operation_id = a.id
    WHERE b.manifest_sha256 IS NOT NULL ORDER BY b.created_at DESC LIMIT 1`.execute(catalog)
  return rows[0] ?? null
}

function refused(why: string): LifeboatError {
  return new LifeboatError(
    'refused',
    `${why} The restore did not start.`,
    'The database was not touched. Ask for the restore again: it takes a new safety backup.',
  )
}
