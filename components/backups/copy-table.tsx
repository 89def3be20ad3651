import { DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { CopyBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import { formatBytes } from '#lib/domain/units.ts'
import type { CopyView } from '#lib/domain/views.ts'

/** Where it lies, and how each copy is. */
export function CopyTable({ copies }: { copies: CopyView[] }) {
  return (
    <Panel title="Copies" flush>
      {copies.length === 0 ? (
        <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">It has no copy: the attempt ended before anything was stored.</p>
      ) : (
        <DataTable
          caption="Copies of this backup"
          rows={copies}
          rowKey={(copy) => copy.id}
          columns={[
            {
              id: 'storage',
              header: 'Storage',
              primary: true,
              cell: (copy) => (
                <>
                  <Link href={`/storages#${copy.storage.id}`} quiet>
                    {copy.storage.name}
                  </Link>
                  {copy.problem !== null && <span className="block text-sm text-bad [overflow-wrap:anywhere]">{copy.problem}</span>}
                </>
              ),
            },
            { id: 'state', header: 'State', cell: (copy) => <CopyBadge state={copy.state} /> },
            { id: 'size', header: 'Size', align: 'end', cell: (copy) => formatBytes(copy.storedBytes) },
            { id: 'stored', header: 'Stored', cell: (copy) => <Time at={copy.storedAt} /> },
            { id: 'verified', header: 'Last read back whole', cell: (copy) => <Time at={copy.verifiedAt} /> },
          ]}
        />
      )}
    </Panel>
  )
}
