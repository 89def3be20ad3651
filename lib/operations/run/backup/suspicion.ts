import type { RunContext } from '../../run-context.ts'
import type { StoredEntry } from './store-entries.ts'

/** A backup this much smaller than the median of the last ten is kept, but looked at before it counts. */
const shrink = 0.1

/** Why this backup is suspicious, in words; null: it is not. FAULTS 17: an emptied database must not push good backups out. `databaseId` null: there is nothing to measure it by. */
export async function suspicion(context: RunContext, databaseId: string | null, stored: readonly StoredEntry[]): Promise<string | null> {
  const tables = stored.filter((entry) => entry.kind === 'table')
  const rows = tables.reduce((sum, entry) => sum + Math.max(0, entry.newlines - 3), 0)
  if (rows === 0) return 'The database holds no rows.'
  if (databaseId === null) return null
  const rawBytes = stored.reduce((sum, entry) => sum + entry.rawBytes, 0)
  const earlier = await context.catalog
    .selectFrom('backups')
    .select('raw_bytes')
    .where('database_id', '=', databaseId)
    .where('finished_at', 'is not', null)
    .orderBy('created_at', 'desc')
    .limit(10)
    .execute()
  const sizes = earlier.map((one) => one.raw_bytes).sort((a, b) => a - b)
  const median = sizes[Math.floor(sizes.length / 2)]
  if (median === undefined || rawBytes >= median * shrink) return null
  return `The data shrank by ${Math.floor(100 * (1 - rawBytes / median))} % against the median of the last ${sizes.length} backups.`
}
