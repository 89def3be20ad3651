import { getBackup, insertBackup } from '#lib/catalog/backups.ts'
import { findDatabaseByName, getDatabase, insertDatabase } from '#lib/catalog/databases.ts'
import { pausePruning } from '#lib/catalog/retention-settings.ts'
import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Manifest } from '#lib/domain/manifest.ts'
import { entryName } from '#lib/domain/names.ts'
import { type Tier, tiers } from '#lib/domain/states.ts'
import { recordManifest } from '../run/record-manifest.ts'
import type { OpenedCopy } from '../run/open-copy.ts'
import type { FoundBackup } from './list-storage.ts'

/**
 * Creates what the catalogue lacks of a backup that a storage holds: database, backup, tables, copy. Repeating it changes nothing. `pause`: the
 * operation that rebuilds; null: the catalogue knew of the backup. A catalogue that is rebuilt knows less than it did (rules, duties, tags), so
 * nothing is pruned from the first adoption on until an admin has looked.
 */
export async function adopt(
  catalog: Kysely<Catalog>,
  options: { storageId: string; opened: OpenedCopy; found: FoundBackup; pause: string | null },
): Promise<void> {
  const { manifest, manifestSha256, keyId } = options.opened
  await catalog.transaction().execute(async (trx) => {
    if (options.pause !== null) await pausePruning(trx, { operationId: options.pause, reason: 'catalogue rebuilt from a storage' })
    if ((await getBackup(trx, manifest.backupId)) === null) {
      await insertSourceDatabase(trx, manifest)
      await insertBackup(trx, {
        id: manifest.backupId,
        name: manifest.name,
        path: manifest.path,
        database_id: manifest.database.id,
        tier: tierOf(manifest),
        attempt: manifest.attempt,
        created_at: manifest.timings.snapshotAt,
        key_id: keyId,
        origin: manifest.origin ? JSON.stringify(manifest.origin) : null,
      })
    }
    await recordManifest(trx, { manifest, manifestSha256, keyId })
    const absent = missingEntries(manifest, options.found)
    const state = absent.length === 0 ? 'stored' : 'corrupt'
    const values = {
      state,
      stored_bytes: manifest.totals.storedBytes,
      stored_at: manifest.timings.finishedAt,
      problem: absent.length === 0 ? null : `${absent.length} entries are not there or have another size: ${absent.slice(0, 5).join(', ')}`,
    } as const
    await trx
      .insertInto('copies')
      .values({ backup_id: manifest.backupId, storage_id: options.storageId, ...values })
      .onConflict((conflict) => conflict.columns(['backup_id', 'storage_id']).doUpdateSet(values))
      .execute()
  })
}

/** Names of entries that the manifest lists and the storage does not hold in that size. */
export function missingEntries(manifest: Manifest, found: FoundBackup): string[] {
  return manifest.entries
    .filter((entry) => found.objects.get(entryName(entry.ordinal)) !== entry.storedBytes)
    .map((entry) => entryName(entry.ordinal))
}

/** A database that only backups know: it has no password, and an admin completes it before it can be reached. */
async function insertSourceDatabase(trx: Kysely<Catalog>, manifest: Manifest): Promise<void> {
  const { id, name, dbname, host, port, systemIdentifier } = manifest.database
  if ((await getDatabase(trx, id)) !== null) return
  const taken = (await findDatabaseByName(trx, name)) !== null
  await insertDatabase(trx, {
    id,
    name: taken ? `${name} (${id.slice(0, 8)})` : name,
    host,
    port,
    dbname,
    username: '',
    system_identifier: systemIdentifier,
    problem: 'Known from its backups only. Give its user name and password to back it up again.',
  })
}

function tierOf(manifest: Manifest): Tier {
  return (tiers as readonly string[]).includes(manifest.tier) ? (manifest.tier as Tier) : 'imported'
}
