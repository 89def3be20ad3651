import type { Kysely } from 'kysely'
import { insertBackupTables, updateBackup } from '#lib/catalog/backups.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Manifest } from '#lib/domain/manifest.ts'

/** Writes what a manifest says onto its backup's row, and its entries as the list that the console shows. */
export async function recordManifest(db: Kysely<Catalog>, options: { manifest: Manifest; manifestSha256: string; keyId: string }): Promise<void> {
  const { manifest } = options
  await updateBackup(db, manifest.backupId, {
    finished_at: manifest.timings.finishedAt,
    server_version_num: manifest.versions.serverNum,
    tool_version: manifest.versions.tool,
    entries: manifest.totals.entries,
    tables: manifest.totals.tables,
    rows: manifest.totals.rows,
    raw_bytes: manifest.totals.rawBytes,
    stored_bytes: manifest.totals.storedBytes,
    key_id: options.keyId,
    manifest_sha256: options.manifestSha256,
    previous_manifest_sha256: manifest.previousManifestSha256,
    needs: JSON.stringify({ needs: manifest.needs, settings: manifest.settings, versions: manifest.versions, source: manifest.database }),
    suspicious: manifest.suspicious,
  })
  await insertBackupTables(
    db,
    manifest.entries.map((entry) => ({
      backup_id: manifest.backupId,
      ordinal: entry.ordinal,
      kind: entry.kind,
      schema: entry.schema ?? null,
      name: entry.table ?? null,
      rows: entry.rows ?? null,
      raw_bytes: entry.rawBytes,
      stored_bytes: entry.storedBytes,
      raw_sha256: entry.rawSha256,
    })),
  )
}
