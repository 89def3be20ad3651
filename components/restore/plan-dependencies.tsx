'use client'

import { useState } from 'react'
import { DataTable } from '#components/ui/data-table.tsx'
import { Button } from '#components/ui/button.tsx'
import { Panel } from '#components/ui/panel.tsx'
import type { Plan } from '#lib/domain/plan.ts'
import { formatCount } from '#lib/domain/units.ts'

const shownAtFirst = 12

/** Each object that depends on what is replaced, and what happens to it. */
export function PlanDependencies({ dependencies }: { dependencies: Plan['dependencies'] }) {
  const [all, showAll] = useState(false)
  if (dependencies.length === 0) return null
  const shown = all ? dependencies : dependencies.slice(0, shownAtFirst)
  return (
    <Panel className="mt-4" flush title="What depends on it, and what happens to that" aside={formatCount(dependencies.length, 'object')}>
      <DataTable
        caption="Dependent objects and what happens to them"
        rows={shown}
        rowKey={(row) => `${row.object}|${row.what}`}
        columns={[
          {
            id: 'object',
            header: 'Object',
            primary: true,
            cell: (row) => <span className="font-mono text-[12.5px] [overflow-wrap:anywhere]">{row.object}</span>,
          },
          { id: 'what', header: 'What happens', cell: (row) => <span className="[overflow-wrap:anywhere]">{row.what}</span> },
        ]}
      />
      {dependencies.length > shownAtFirst && (
        <div className="border-t border-line px-4 py-2.5 sm:px-[18px]">
          <Button size="small" onPress={() => showAll(!all)}>
            {all ? 'Show fewer' : `Show all ${formatCount(dependencies.length, 'object')}`}
          </Button>
        </div>
      )}
    </Panel>
  )
}
