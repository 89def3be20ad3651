'use client'

import { useQueryState } from 'nuqs'
import { useTransition } from 'react'
import { Chip, type Tone } from '#components/ui/chip.tsx'
import { CircleEqual, CircleMinus, CirclePlus, CircleDot, type LucideIcon } from 'lucide-react'
import { DataTable } from '#components/ui/data-table.tsx'
import { useNow } from '#components/ui/now.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Select } from '#components/ui/select.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import { countChanges } from '#lib/domain/compare-backups.ts'
import { formatBytes, formatCount, formatRelative, formatUtc } from '#lib/domain/units.ts'
import type { BackupComparison, BackupView, TableChange } from '#lib/domain/views.ts'

const shownAtMost = 300
const looks = {
  gone: { tone: 'bad', icon: CircleMinus, word: 'gone' },
  new: { tone: 'run', icon: CirclePlus, word: 'new' },
  changed: { tone: 'warn', icon: CircleDot, word: 'changed' },
  same: { tone: 'idle', icon: CircleEqual, word: 'same bytes' },
} satisfies Record<TableChange['change'], { tone: Tone; icon: LucideIcon; word: string }>

/** What happened between this backup and another one of the same database. */
export function Comparison({ others, beside, comparison }: { others: BackupView[]; beside: string | null; comparison: BackupComparison | null }) {
  const now = useNow()
  const [pending, startTransition] = useTransition()
  const [, setOther] = useQueryState('with', { shallow: false, startTransition })
  return (
    <Panel title="Compared with another backup" flush say={comparison === null ? undefined : sentenceOf(comparison)}>
      <div className="px-4 pb-3 sm:px-[18px]">
        {others.length === 0 ? (
          <p className="m-0 text-ink-2">This is the only backup of its database, so there is nothing to compare it with.</p>
        ) : (
          <Select
            label="The other backup"
            placeholder="Choose a backup"
            value={beside}
            onChange={(value) => void setOther(value)}
            className="w-96 max-w-full"
            options={others.map((one) => ({
              value: one.id,
              label: one.name,
              detail: `${formatUtc(one.createdAt)}, ${formatRelative(one.createdAt, now)} · ${formatBytes(one.rawBytes)}`,
            }))}
          />
        )}
      </div>
      {pending && <Skeleton className="mx-[18px] mb-4 h-24" />}
      {!pending && comparison !== null && (
        <DataTable
          caption="Tables, and what happened to each"
          rows={comparison.changes.slice(0, shownAtMost)}
          rowKey={(row) => JSON.stringify([row.schema, row.table])}
          columns={[
            {
              id: 'table',
              header: 'Table',
              primary: true,
              cell: (row) => (
                <span className="font-mono text-[12.5px] [overflow-wrap:anywhere]">
                  <span className="text-ink-3">{row.schema}.</span>
                  {row.table}
                </span>
              ),
            },
            {
              id: 'change',
              header: 'Change',
              cell: (row) => (
                <Chip tone={looks[row.change].tone} icon={looks[row.change].icon}>
                  {looks[row.change].word}
                </Chip>
              ),
            },
            { id: 'before', header: 'Rows before', align: 'end', cell: (row) => countOrDash(row.rowsBefore) },
            { id: 'after', header: 'Rows after', align: 'end', cell: (row) => countOrDash(row.rowsAfter) },
            { id: 'grown', header: 'Difference', align: 'end', cell: (row) => difference(row) },
          ]}
        />
      )}
    </Panel>
  )
}

function sentenceOf({ older, newer, changes }: BackupComparison): string {
  const counts = countChanges(changes)
  const parts = [
    counts.gone > 0 ? `${formatCount(counts.gone, 'table')} gone` : null,
    counts.new > 0 ? `${formatCount(counts.new, 'new table')}` : null,
    counts.changed > 0 ? `${formatCount(counts.changed, 'table')} changed` : null,
    counts.same > 0 ? `${formatCount(counts.same, 'table')} the same to the byte` : null,
  ].filter((part) => part !== null)
  return `From ${older.name} to ${newer.name}: ${parts.length === 0 ? 'neither holds a table' : parts.join(', ')}.`
}

function countOrDash(rows: number | null) {
  return rows === null ? <span className="text-ink-3">–</span> : formatCount(rows)
}

function difference({ rowsBefore, rowsAfter, rawBytesBefore, rawBytesAfter }: TableChange): string {
  const bytes = (rawBytesAfter ?? 0) - (rawBytesBefore ?? 0)
  const rows = (rowsAfter ?? 0) - (rowsBefore ?? 0)
  if (bytes === 0 && rows === 0) return '0'
  return `${signed(rows, formatCount(Math.abs(rows), 'row'))}, ${signed(bytes, formatBytes(Math.abs(bytes)))}`
}

function signed(value: number, words: string): string {
  return value === 0 ? words : `${value > 0 ? '+' : '−'}${words}`
}
