import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Finding } from '#lib/domain/plan.ts'

/**
 * Each manifest names the hash of the one before it. Where that one is unknown, and older backups of the same database are known,
 * something between them is gone. The oldest known backup is never a gap: what was before it may have been pruned.
 */
export async function findGaps(catalog: Kysely<Catalog>, storageId: string): Promise<Finding[]> {
  const rows = await catalog
    .selectFrom('backups')
    .innerJoin('copies', 'copies.backup_id', 'backups.id')
    .select(['backups.database_id', 'backups.name', 'backups.previous_manifest_sha256'])
    .where('copies.storage_id', '=', storageId)
    .where('backups.finished_at', 'is not', null)
    // what was imported stands in no chain, and may be older than the oldest backup
    .where('backups.tier', '<>', 'imported')
    .orderBy('backups.created_at')
    .execute()
  const known = await catalog.selectFrom('backups').select('manifest_sha256').where('manifest_sha256', 'is not', null).execute()
  const hashes = new Set(known.map((row) => row.manifest_sha256))
  const seen = new Set<string>()
  const findings: Finding[] = []
  for (const row of rows) {
    const oldest = !seen.has(row.database_id)
    seen.add(row.database_id)
    if (oldest || row.previous_manifest_sha256 === null || hashes.has(row.previous_manifest_sha256)) continue
    findings.push({
      severity: 'warning',
      code: 'gap',
      message: `The backup before ${row.name} is not known.`,
      remedy: 'Look for it on the other storages, and reconcile them too.',
      overridable: false,
    })
  }
  return findings
}
