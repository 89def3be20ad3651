import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { RowComparison } from '#lib/domain/plan.ts'
import { formatCount } from '#lib/domain/units.ts'

type Sample = RowComparison['samples'][number]

const kinds = {
  only_backup: 'only in the backup',
  only_live: 'only live',
  different: 'different',
} satisfies Record<Sample['kind'], string>

/** The finding in one sentence. */
export function comparisonWords({ onlyBackup, onlyLive, different, same, key }: RowComparison): string {
  const by = key.length === 0 ? 'whole rows, because the table has no primary key' : `the primary key (${key.join(', ')})`
  if (onlyBackup + onlyLive + different === 0) return `Every row is the same: ${formatCount(same, 'row')}, compared by ${by}.`
  const parts = [
    onlyBackup > 0 ? `${formatCount(onlyBackup, 'row')} only in the backup` : null,
    onlyLive > 0 ? `${formatCount(onlyLive, 'row')} only live` : null,
    different > 0 ? `${formatCount(different, 'row')} different` : null,
  ].filter((part) => part !== null)
  return `${parts.join(', ')}; ${formatCount(same, 'row')} the same. Compared by ${by}.`
}

/** The rows of the backup's table held against the live ones: how many, and a look at some. */
export function RowComparisonPanel({ rows }: { rows: RowComparison }) {
  return (
    <Panel className="mt-4" flush title="The rows of the backup against the live ones" say={comparisonWords(rows)}>
      {(rows.columnsOnlyBackup.length > 0 || rows.columnsOnlyLive.length > 0) && (
        <p className="m-0 px-4 pb-3 text-warn sm:px-[18px] [overflow-wrap:anywhere]">
          {rows.columnsOnlyBackup.length > 0 && `Columns that only the backup has: ${rows.columnsOnlyBackup.join(', ')}. `}
          {rows.columnsOnlyLive.length > 0 && `Columns that only the live table has: ${rows.columnsOnlyLive.join(', ')}.`}
        </p>
      )}
      {rows.samples.length > 0 && (
        <DataTable
          caption="A look at some rows that are not the same"
          rows={rows.samples}
          rowKey={(row) => JSON.stringify([row.kind, row.key, row.columns])}
          columns={[
            {
              id: 'row',
              header: rows.key.length === 0 ? 'Row' : rows.key.join(', '),
              primary: true,
              cell: (row) => (
                <span className="font-mono text-[12.5px] [overflow-wrap:anywhere]">{row.key.length === 0 ? '–' : row.key.map(shown).join(', ')}</span>
              ),
            },
            { id: 'kind', header: 'Where', cell: (row) => <span className="whitespace-nowrap">{kinds[row.kind]}</span> },
            { id: 'backup', header: 'In the backup', cell: (row) => <Values row={row} side="backup" /> },
            { id: 'live', header: 'Live', cell: (row) => <Values row={row} side="live" /> },
          ]}
        />
      )}
    </Panel>
  )
}

function Values({ row, side }: { row: Sample; side: 'backup' | 'live' }) {
  if ((side === 'live' && row.kind === 'only_backup') || (side === 'backup' && row.kind === 'only_live')) {
    return <span className="text-ink-3">not there</span>
  }
  return (
    <span className="flex flex-col gap-0.5 font-mono text-[12.5px]">
      {row.columns.map((column) => (
        <span key={column.name} className="[overflow-wrap:anywhere]">
          <span className="text-ink-3">{column.name}</span> {shown(column[side])}
        </span>
      ))}
    </span>
  )
}

function shown(value: string | null): string {
  return value ?? 'NULL'
}
