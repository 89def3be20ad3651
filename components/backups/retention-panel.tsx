import { ActionBadge } from '#components/retention/fate.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Time } from '#components/ui/time.tsx'
import type { KeptView } from '#lib/domain/keeping-views.ts'

/** Until when it stays, on each storage, and every reason. */
export function RetentionPanel({ kept }: { kept: KeptView | null }) {
  if (kept === null || kept.copies.length === 0) return null
  return (
    <Panel title="Retention" say={`${kept.words.slice(0, 1).toUpperCase()}${kept.words.slice(1)}.`} flush>
      <DataTable
        caption="Until when each copy stays, and why"
        rows={kept.copies}
        rowKey={(copy) => copy.copyId}
        columns={[
          { id: 'storage', header: 'Storage', primary: true, cell: (copy) => <span className="font-semibold">{copy.storage.name}</span> },
          { id: 'action', header: 'It', cell: (copy) => <ActionBadge action={copy.action} /> },
          { id: 'until', header: 'Until', cell: (copy) => <Time at={copy.until} as="utc" never="not deleted by rule" /> },
          {
            id: 'reasons',
            header: 'Why',
            cell: (copy) => (
              <ul className="m-0 list-none p-0">
                {copy.reasons.map((reason) => (
                  <li key={reason} className="[overflow-wrap:anywhere]">
                    {reason}
                  </li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </Panel>
  )
}
