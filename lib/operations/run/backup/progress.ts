import type { DumpProgress } from '#lib/engine/postgres/dump.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { TableFacts } from '#lib/engine/postgres/preflight.ts'
import type { RunContext } from '../../run-context.ts'
import type { StoredEntry } from './store-entries.ts'

/** Reports what was read and stored. The table count is exact; bytes left are not known before the end, so no time is promised. */
export function backupProgress(
  context: RunContext,
  tables: readonly TableFacts[],
): { dumping: (progress: DumpProgress) => void; stored: (entry: StoredEntry) => void } {
  const begun = Date.now()
  const phases = { schema: 'reading the schema', data: 'dumping tables', large_objects: 'packing large objects' } satisfies Record<
    DumpProgress['phase'],
    string
  >
  let storedBytes = 0
  return {
    stored(entry) {
      storedBytes += entry.storedBytes
    },
    dumping(progress) {
      const seconds = (Date.now() - begun) / 1000
      context.progress({
        phase: phases[progress.phase],
        doneItems: progress.tablesDone,
        itemNoun: 'table',
        ...(tables.length > 0 ? { totalItems: tables.length } : {}),
        doneBytes: progress.rawBytes,
        ...(seconds > 1 ? { bytesPerSecond: Math.round(progress.rawBytes / seconds) } : {}),
        current: `${progress.largeObjects > 0 ? `${formatCount(progress.largeObjects)} large objects read, ` : ''}${formatBytes(storedBytes)} stored`,
      })
    },
  }
}
