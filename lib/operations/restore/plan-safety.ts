import type { Kysely } from 'kysely'
import { latestBackup } from '#lib/catalog/backups.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Finding, Plan } from '#lib/domain/plan.ts'
import { formatBytes } from '#lib/domain/units.ts'
import { usableStorages } from '../safety.ts'
import { blocker, passed } from './findings.ts'
import type { VerifiedSafety } from './require-safety.ts'

/** What a dry run says of the safety backup that will come before the restore: how large, and where. Reads the catalogue only. */
export async function planSafety(
  catalog: Kysely<Catalog>,
  database: Pick<DatabaseRow, 'id' | 'name' | 'allowed_regions'>,
  databaseBytes: number | null,
): Promise<{ safety: Plan['safety']; steps: string[]; findings: Finding[] }> {
  const storages = await usableStorages(catalog, database)
  if (storages.length === 0) {
    return {
      safety: null,
      steps: [],
      findings: [blocker('safety_storage', `There is no storage to keep the safety backup of ${database.name} on.`, 'Add a storage first.')],
    }
  }
  const last = await latestBackup(catalog, database.id)
  const size = last === null ? null : `about ${formatBytes(last.stored_bytes)} on each, as ${last.name}`
  const evidence =
    size ?? (databaseBytes === null ? 'of unknown size' : `of a database of ${formatBytes(databaseBytes)}, of which no backup says how small it gets`)
  const places = storages.map((storage) => storage.name).join(' and ')
  return {
    safety: { database: database.name, storages: storages.map((storage) => storage.name), bytes: last?.stored_bytes ?? null },
    steps: [`Take a safety backup of ${database.name} on ${places} (${evidence}) and read it back; without a whole copy the restore does not start`],
    findings: [passed('safety', `A safety backup of ${database.name} is taken first, on ${places}: ${evidence}.`)],
  }
}

/** The same of the restore itself, which has its safety backup behind it. */
export function aboutSafety(safety: VerifiedSafety): Finding {
  return passed('safety', `The safety backup ${safety.name} was read back whole on ${safety.storages.join(' and ')}.`)
}
