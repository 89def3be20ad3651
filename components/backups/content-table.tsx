'use client'

import { useQueryState } from 'nuqs'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Select } from '#components/ui/select.tsx'
import { TextField } from '#components/ui/text-field.tsx'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { BackupDetail } from '#lib/domain/views.ts'

type Content = BackupDetail['contents'][number]

const step = 100
const kindWords: Record<string, string> = {
  toc: 'Schema: types, tables, views, functions, indexes, privileges',
  large_objects: 'Large objects',
  globals: 'Roles, memberships, settings',
  sequence_state: 'Sequence values',
}

/** What is in it: every entry with its rows and sizes, searched and sorted here. */
export function ContentTable({ contents }: { contents: Content[] }) {
  const [search, setSearch] = useQueryState('table', { defaultValue: '' })
  const [order, setOrder] = useQueryState('order', { defaultValue: 'size' })
  const [shown, setShown] = useState(step)
  const words = search.trim().toLowerCase()
  const found = contents.filter((one) => nameOf(one).toLowerCase().includes(words)).sort(comparisons[order] ?? bySize)
  const tables = contents.filter((one) => one.kind === 'table')

  return (
    <Panel
      title="What is in it"
      flush
      say={`${formatCount(tables.length, 'table')} and ${formatCount(contents.length - tables.length, 'other entry', 'other entries')}. Names and rows come from the signed manifest.`}
    >
      <div className="flex flex-wrap items-end gap-3 px-4 pb-3 sm:px-[18px]">
        <TextField
          label="Search tables"
          type="search"
          value={search}
          onChange={(value) => void setSearch(value || null)}
          className="w-72 max-w-full"
        />
        <Select
          label="Order"
          value={order}
          onChange={(value) => void setOrder(value)}
          className="w-44"
          options={[
            { value: 'size', label: 'largest first' },
            { value: 'rows', label: 'most rows first' },
            { value: 'name', label: 'by name' },
          ]}
        />
        <span role="status" className="pb-1.5 text-sm text-ink-2">
          {words === '' ? '' : `${formatCount(found.length, 'match', 'matches')}`}
        </span>
      </div>
      <DataTable
        caption="Entries of this backup"
        rows={found.slice(0, shown)}
        rowKey={(row) => String(row.ordinal)}
        columns={[
          { id: 'name', header: 'Table', primary: true, cell: (row) => <EntryName entry={row} /> },
          {
            id: 'rows',
            header: 'Rows',
            align: 'end',
            cell: (row) => (row.rows === null ? <span className="text-ink-3">–</span> : formatCount(row.rows)),
          },
          { id: 'raw', header: 'Data', align: 'end', cell: (row) => formatBytes(row.rawBytes) },
          { id: 'stored', header: 'Stored', align: 'end', cell: (row) => formatBytes(row.storedBytes) },
          {
            id: 'sha',
            header: 'SHA-256 of the data',
            cell: (row) => (
              <span className="font-mono text-xs text-ink-3" title={row.rawSha256}>
                {row.rawSha256.slice(0, 12)}…
              </span>
            ),
          },
        ]}
      />
      {found.length === 0 && <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">No table matches “{search}”.</p>}
      {found.length > shown && (
        <div className="border-t border-line px-4 py-2.5 sm:px-[18px]">
          <Button size="small" onPress={() => setShown(shown + 400)}>
            Show more of {formatCount(found.length, 'entry', 'entries')}
          </Button>
        </div>
      )}
    </Panel>
  )
}

function EntryName({ entry }: { entry: Content }) {
  if (entry.kind !== 'table') return <span className="text-ink-2">{kindWords[entry.kind] ?? entry.kind}</span>
  return (
    <span className="font-mono text-[12.5px] [overflow-wrap:anywhere]">
      <span className="text-ink-3">{entry.schema}.</span>
      {entry.name}
    </span>
  )
}

function nameOf(entry: Content): string {
  return entry.kind === 'table' ? `${entry.schema}.${entry.name}` : (kindWords[entry.kind] ?? entry.kind)
}

function bySize(a: Content, b: Content): number {
  return b.rawBytes - a.rawBytes || a.ordinal - b.ordinal
}

const comparisons: Record<string, (a: Content, b: Content) => number> = {
  size: bySize,
  rows: (a, b) => (b.rows ?? -1) - (a.rows ?? -1) || bySize(a, b),
  name: (a, b) => nameOf(a).localeCompare(nameOf(b)),
}
