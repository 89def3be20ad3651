'use client'

import { CircleCheck, CircleMinus, type LucideIcon, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Chip, type Tone } from '#components/ui/chip.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { formatCount } from '#lib/domain/units.ts'
import type { ComparedTable } from './restore-result.ts'

/** as many as one looks at; what differs comes first */
const shownFirst = 12
const looks = {
  missing: { tone: 'bad', icon: CircleMinus, word: 'missing' },
  differs: { tone: 'warn', icon: TriangleAlert, word: 'differs' },
  same_rows: { tone: 'ok', icon: CircleCheck, word: 'the same rows, in any order' },
  same: { tone: 'ok', icon: CircleCheck, word: 'equal to the byte' },
} satisfies Record<ComparedTable['verdict'], { tone: Tone; icon: LucideIcon; word: string }>
const rank = { missing: 0, differs: 1, same_rows: 2, same: 3 } satisfies Record<ComparedTable['verdict'], number>

/** Every restored table against the backup, what differs first. */
export function ComparedTables({ tables }: { tables: ComparedTable[] }) {
  const [all, showAll] = useState(false)
  const same = tables.filter((one) => one.verdict === 'same').length
  const anyOrder = tables.filter((one) => one.verdict === 'same_rows').length
  const sorted = [...tables].sort((a, b) => rank[a.verdict] - rank[b.verdict] || b.rows - a.rows)
  const worth = Math.max(shownFirst, tables.length - same)
  return (
    <Panel
      title="Every table compared"
      flush
      say={`${same} of ${formatCount(tables.length, 'table')} equal the backup to the byte${anyOrder === 0 ? '' : `, ${anyOrder} hold the same rows in any order`}.`}
    >
      <DataTable
        caption="Restored tables compared with the backup"
        rows={all ? sorted : sorted.slice(0, worth)}
        rowKey={(row) => JSON.stringify([row.schema, row.table])}
        columns={[
          {
            id: 'table',
            header: 'Table',
            primary: true,
            cell: (row) => <span className="font-mono text-[12.5px] [overflow-wrap:anywhere]">{`${row.schema}.${row.table}`}</span>,
          },
          {
            id: 'verdict',
            header: 'Against the backup',
            cell: (row) => (
              <Chip tone={looks[row.verdict].tone} icon={looks[row.verdict].icon}>
                {looks[row.verdict].word}
              </Chip>
            ),
          },
          { id: 'rows', header: 'Rows', align: 'end', cell: (row) => formatCount(row.rows) },
        ]}
      />
      {!all && sorted.length > worth && (
        <div className="border-t border-line px-4 py-2.5 sm:px-[18px]">
          <Button size="small" onPress={() => showAll(true)}>
            Show all {formatCount(sorted.length, 'table')}
          </Button>
        </div>
      )}
    </Panel>
  )
}
