import { sql } from 'kysely'
import { openOperationStates } from '#lib/domain/states.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import type { FoundBackup } from './list-storage.ts'
import { removeUnclaimed } from './remove-unclaimed.ts'

/**
 * Directories without a manifest that no row names: what a failed attempt could not take away itself. They are removed when the catalogue
 * knows that attempt as an ended backup of its own. Anything else may belong to another installation or to a lost catalogue, and stays.
 */
export async function removeLeftovers(
  context: RunContext,
  options: { storageId: string; driver: StorageDriver; backups: ReadonlyMap<string, FoundBackup>; known: ReadonlySet<string> },
): Promise<{ removed: string[]; unexplained: FoundBackup[] }> {
  const headless = [...options.backups.values()].filter((found) => !found.hasManifest && !options.known.has(found.path))
  if (headless.length === 0) return { removed: [], unexplained: [] }
  const ended = await endedAttempts(context)
  const removed: string[] = []
  const unexplained: FoundBackup[] = []
  for (const found of headless) {
    if (!ended.has(found.path.slice(-8))) {
      unexplained.push(found)
      continue
    }
    const { path } = found
    if (context.dryRun || (await removeUnclaimed(context, options.driver, { path, isFree: () => isNobodys(context, options.storageId, path) })))
      removed.push(path)
  }
  return { removed, unexplained }
}

/** No row names a copy at this path on this storage, but one that is deleted. */
async function isNobodys(context: RunContext, storageId: string, path: string): Promise<boolean> {
  const row = await context.catalog
    .selectFrom('copies')
    .innerJoin('backups', 'backups.id', 'copies.backup_id')
    .select('copies.id')
    .where('backups.path', '=', path)
    .where('copies.storage_id', '=', storageId)
    .where('copies.state', '<>', 'deleted')
    .executeTakeFirst()
  return row === undefined
}

/** The first eight digits of the attempt tokens of backups that are over: they stand at the end of a backup's path. */
export async function endedAttempts(context: RunContext): Promise<Set<string>> {
  const rows = await context.catalog
    .selectFrom('operations')
    .select(sql<string>`left(attempt_token::text, 8)`.as('attempt'))
    .where('kind', '=', 'backup')
    .where('attempt_token', 'is not', null)
    .where('state', 'not in', openOperationStates)
    .execute()
  return new Set(rows.map((row) => row.attempt))
}
