import { DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { CopyBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import type { StorageDetail } from '#lib/domain/keeping-views.ts'
import { formatCount } from '#lib/domain/units.ts'
import type { StorageView } from '#lib/domain/views.ts'

/** Copies that belong here and are not: each says why, and when it is tried again. */
export function WaitingCopies({ storage, waiting }: { storage: StorageView; waiting: StorageDetail['waiting'] }) {
  if (waiting.length === 0) {
    return <Panel title="No copy waits" say="None is waiting for this storage, and none that failed is to be made again." />
  }
  const offline = storage.medium === 'offline'
  return (
    <Panel
      title={formatCount(waiting.length, 'copy is to be made', 'copies are to be made')}
      say={
        offline
          ? 'They are made from a good copy as soon as the medium is connected. The source databases are not read again.'
          : 'They are made from a good copy. The source databases are not read again.'
      }
      flush
    >
      <DataTable
        caption={`Copies that are to be made on ${storage.name}`}
        rows={waiting}
        rowKey={(row) => row.copyId}
        linked
        columns={[
          {
            id: 'backup',
            header: 'Backup',
            primary: true,
            cell: (row) => (
              <>
                <Link href={`/backups/${row.backupId}`} quiet stretched>
                  {row.backup}
                </Link>
                <span className="block text-sm text-ink-2">{row.database}</span>
              </>
            ),
          },
          { id: 'state', header: 'State', cell: (row) => <CopyBadge state={row.state} /> },
          {
            id: 'why',
            header: 'Why',
            cell: (row) => (
              <span className="[overflow-wrap:anywhere]">
                {row.problem ?? (offline ? 'The medium is not connected.' : 'It was not reached yet.')}
              </span>
            ),
          },
          {
            id: 'next',
            header: 'Tried again',
            cell: (row) => <Time at={row.nextTryAt} never={offline ? 'when the medium is back' : 'at the next round'} />,
          },
        ]}
      />
    </Panel>
  )
}
