import type { ForeignKey } from './foreign-keys.ts'
import type { LiveTable } from './live-table.ts'
import type { RowsMode } from './replace-types.ts'

/**
 * The foreign keys that are dropped and made again in the same transaction. All rows: those that refer to the table (it could not be emptied,
 * or their actions would empty others), and its own that are NOT VALID (a new row would be held against them). Changed rows: those that refer
 * to columns that may change. Missing rows: only its own that are NOT VALID.
 */
export function keysToDrop(keys: readonly ForeignKey[], live: Pick<LiveTable, 'key'>, rows: RowsMode): ForeignKey[] {
  return keys.filter((key) => {
    if (key.outgoing && !key.validated) return true
    if (!key.incoming || rows === 'missing') return false
    // a key from the table to itself does not stand in the way of emptying it
    if (rows === 'all') return !key.outgoing || key.to.kind === 'p'
    return !key.toColumns.every((name) => live.key.includes(name))
  })
}
