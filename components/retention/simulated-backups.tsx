'use client'

import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Select } from '#components/ui/select.tsx'
import type { SimulatedBackup, SimulationView } from '#lib/domain/keeping-views.ts'
import { formatBytes, formatCount, formatUtc } from '#lib/domain/units.ts'
import { type Action, ActionBadge, actionLook } from './fate.tsx'

const step = 25
const all = 'all'

const columns: Column<SimulatedBackup>[] = [
  {
    id: 'backup',
    header: 'Backup',
    primary: true,
    cell: (row) => (
      <>
        <Link href={`/backups/${row.id}`} quiet>
          {row.name}
        </Link>
        <span className="block text-sm text-ink-2">
          {row.database.name} · {row.tier} · taken {formatUtc(row.createdAt)}
        </span>
      </>
    ),
  },
  { id: 'now', header: 'Under the rules in force', cell: (row) => <span className="text-ink-2">{row.now.words}</span> },
  {
    id: 'tried',
    header: 'Under the rules tried out',
    cell: (row) => <span className={row.now.words === row.tried.words ? 'text-ink-2' : ''}>{row.tried.words}</span>,
  },
  { id: 'fate', header: 'It', cell: (row) => <ActionBadge action={row.tried.action} /> },
  { id: 'stored', header: 'Stored', align: 'end', cell: (row) => formatBytes(row.storedBytes) },
]

/** Backup by backup, with the reason. */
export function SimulatedBackups({ view, changed }: { view: SimulationView; changed: boolean }) {
  const [action, setAction] = useState<Action | typeof all>(all)
  const [shown, setShown] = useState(step)
  const rows = view.backups.filter((one) => action === all || one.tried.action === action)
  return (
    <Panel
      title="Backup by backup"
      say={
        view.backups.length === 0
          ? 'No backup goes, and none is kept for another time than now.'
          : `Those that go, and those whose fate changes, the newest first.${view.more > 0 ? ` ${formatCount(view.more)} more are counted above and not listed.` : ''}`
      }
      aside={
        view.backups.length > 0 && (
          <Select
            inline
            label="Show"
            value={action}
            onChange={setAction}
            options={[
              { value: all, label: 'all' },
              ...(['delete', 'wait', 'keep'] as const).map((one) => ({ value: one, label: `it ${actionLook[one].word}` })),
            ]}
          />
        )
      }
      flush
    >
      {rows.length === 0 ? (
        <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">{view.backups.length === 0 ? 'What exists stays as it is.' : 'None of these.'}</p>
      ) : (
        <DataTable
          caption="Backups that go or whose fate changes"
          columns={changed ? columns : columns.filter((one) => one.id !== 'now').map((one) => (one.id === 'tried' ? { ...one, header: 'Why' } : one))}
          rows={rows.slice(0, shown)}
          rowKey={(row) => row.id}
        />
      )}
      {rows.length > shown && (
        <div className="border-t border-line px-4 py-2.5 sm:px-[18px]">
          <Button size="small" onPress={() => setShown(shown + step)}>
            Show {Math.min(step, rows.length - shown)} more of {formatCount(rows.length)}
          </Button>
        </div>
      )}
    </Panel>
  )
}
