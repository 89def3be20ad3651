import type { Finding } from '#lib/domain/plan.ts'
import type { BackupTable } from './backup-table.ts'
import type { LiveTable } from './live-table.ts'
import type { RowsMode } from './replace-types.ts'

/** What of the live table's columns and key stands in the way of the backup's rows. */
export function columnFindings(backup: BackupTable, live: LiveTable, rows: RowsMode): Finding[] {
  const found: Finding[] = []
  const there = new Map(live.columns.map((column) => [column.name, column]))
  const gone = backup.columns.filter((name) => !there.has(name))
  if (gone.length > 0) {
    found.push(
      blocker(
        'columns_gone',
        `The live table has no longer the columns ${gone.join(', ')}, whose values are in the backup.`,
        'Bring the table back beside.',
      ),
    )
  }
  const computed = backup.columns.filter((name) => (there.get(name)?.generated ?? '') !== '')
  if (computed.length > 0) {
    found.push(
      blocker(
        'columns_generated',
        `The live table computes ${computed.join(', ')}, which the backup holds as values.`,
        'Bring the table back beside.',
      ),
    )
  }
  const unfilled = live.columns.filter(
    (column) => !backup.columns.includes(column.name) && column.notNull && !column.hasDefault && column.identity === '' && column.generated === '',
  )
  if (unfilled.length > 0 && rows !== 'changed') {
    const names = unfilled.map((column) => column.name).join(', ')
    found.push(
      blocker(
        'columns_not_null',
        `The live table has new columns that may not be NULL and have no default: ${names}.`,
        'Give them a default, or bring the table back beside.',
      ),
    )
  }
  if (rows !== 'all' && (live.key.length === 0 || !live.key.every((name) => backup.columns.includes(name)))) {
    found.push(
      blocker(
        'no_primary_key',
        'Without a primary key that the backup has as well, rows cannot be told apart.',
        'Bring back all rows, or the table beside.',
      ),
    )
  }
  if (backup.columns.length === 0 && rows !== 'all') found.push(blocker('no_columns', 'The table has no columns.', 'Bring back all rows.'))
  if (backup.viaPartitionRoot) {
    found.push(
      blocker(
        'partition_root',
        'The backup holds this partition’s rows for its partitioned table: they may belong into other partitions now.',
        'Bring the table back beside.',
      ),
    )
  }
  return found
}

/** Columns that the backup's rows leave to the live table: said in the plan. */
export function newColumns(backup: BackupTable, live: LiveTable): { object: string; what: string }[] {
  return live.columns
    .filter((column) => !backup.columns.includes(column.name))
    .map((column) => ({
      object: `column ${column.name}`,
      what:
        column.generated !== ''
          ? 'Is computed anew.'
          : column.hasDefault || column.identity !== ''
            ? 'Is not in the backup: rows that come in take its default.'
            : 'Is not in the backup: rows that come in have NULL there.',
    }))
}

export function blocker(code: string, message: string, remedy: string): Finding {
  return { severity: 'blocker', code, message, remedy: `${remedy} Nothing was touched.`, overridable: false }
}
