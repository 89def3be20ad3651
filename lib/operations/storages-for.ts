import type { Kysely } from 'kysely'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages, type StorageRow } from '#lib/catalog/storages.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { residencyProblem } from '#lib/domain/residency.ts'

type Residence = Pick<DatabaseRow, 'name' | 'allowed_regions'>

/**
 * The storages that a backup of the database goes to: those that are wanted, or, where none are named, every one that it may use.
 * Throws `not_found`, `usage` (there is none) and `refused` (its copies may not lie there). `leaveToRun`: nobody is there to choose
 * again, so that the run refuses that copy alone and says so.
 */
export async function storagesFor(
  catalog: Kysely<Catalog>,
  database: Residence,
  wanted: readonly string[] = [],
  { leaveToRun = false }: { leaveToRun?: boolean } = {},
): Promise<StorageRow[]> {
  const registered = await listStorages(catalog)
  if (registered.length === 0) throw new LifeboatError('usage', 'There is no storage to keep a backup on.', 'Add a storage first.')
  const problemOf = (storage: StorageRow) => residencyProblem({ name: database.name, allowedRegions: database.allowed_regions }, storage)
  if (wanted.length === 0) {
    const allowed = registered.filter((storage) => problemOf(storage) === null)
    if (allowed.length > 0) return allowed
    throw new LifeboatError(
      'refused',
      `No storage lies where copies of ${database.name} may lie: ${(database.allowed_regions ?? []).join(', ') || 'nowhere'}.`,
      'Add one there, or have an admin say in which region a storage lies.',
    )
  }
  const known = new Map(registered.map((storage) => [storage.id, storage]))
  // in the order in which they were wanted: the first is the primary
  const chosen = [...new Set(wanted)].flatMap((id) => known.get(id) ?? [])
  if (chosen.length < new Set(wanted).size)
    throw new LifeboatError('not_found', 'One of the storages is not registered.', 'List the storages and choose again.')
  if (leaveToRun) return chosen
  for (const storage of chosen) {
    const problem = problemOf(storage)
    if (problem !== null) throw problem
  }
  return chosen
}

/** Directories that a worker must reach. One that may be absent is none: its copy waits, the backup does not. */
export function directoriesNeeded(storages: readonly StorageRow[]): string[] {
  return storages.filter((storage) => storage.kind === 'local' && storage.medium === 'online').map((storage) => storage.id)
}
