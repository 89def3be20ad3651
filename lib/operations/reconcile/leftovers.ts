import { sql } from 'kysely'
import { openOperationStates } from '#lib/domain/states.ts'
import type { StorageDriver } from '#lib/engine/storage/driver.ts'
import type { RunContext } from '../run-context.ts'
import type { FoundBackup } from './list-storage.ts'

/**
 * Directories without a manifest that no row names: what a failed attempt could not take away itself. They are removed when the catalogue
 * knows that attempt as an ended backup of its own. Anything else may belong to another installation or to a lost catalogue, and stays.
 */
export async function removeLeftovers(
  context: RunContext,
  options: { driver: StorageDriver; backups: ReadonlyMap<string, FoundBackup>; known: ReadonlySet<string> },
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
    removed.push(found.path)
    if (context.dryRun) continue
    for (const name of found.objects.keys()) await options.driver.remove(`${found.path}/${name}`, { signal: context.signal })
  }
  return { removed, unexplained }
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
