'use client'

import { useState } from 'react'
import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import type { Plan } from '#lib/domain/plan.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'

const shownAtMost = 200

/** What the plan does with each table. */
export function PlanTables({ tables }: { tables: Plan['tables'] }) {
  const [search, setSearch] = useState('')
  const found = tables.filter((one) => `${one.schema}.${one.table}`.toLowerCase().includes(search.trim().toLowerCase()))
  return (
    <Panel className="mt-4" title="The plan for every table" flush>
      <div className="px-4 pb-3 sm:px-[18px]">
        <TextField label="Search tables" type="search" value={search} onChange={setSearch} className="max-w-80" />
      </div>
      <DataTable
        caption="What the restore does with each table"
        rows={found.slice(0, shownAtMost)}
        rowKey={(row) => JSON.stringify([row.schema, row.table])}
        columns={[
          {
            id: 'table',
            header: 'Table',
            primary: true,
            cell: (row) => <span className="font-mono text-[12.5px]">{`${row.schema}.${row.table}`}</span>,
          },
          { id: 'action', header: 'What happens', cell: (row) => row.action },
          { id: 'rows', header: 'Rows', align: 'end', cell: (row) => formatCount(row.rows) },
          { id: 'size', header: 'Size', align: 'end', cell: (row) => formatBytes(row.rawBytes) },
        ]}
      />
      {found.length > shownAtMost && (
        <p className="m-0 border-t border-line px-4 py-2.5 text-sm text-ink-2 sm:px-[18px]">
          {shownAtMost} of {formatCount(found.length, 'table')}: search to see others.
        </p>
      )}
      {found.length === 0 && <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">No table matches.</p>}
    </Panel>
  )
}
