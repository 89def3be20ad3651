import { LinkButton } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { CopyBadge, OperationBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { BackupView, OperationView } from '#lib/domain/views.ts'

type Moment = { at: string; backup: BackupView; operation: null } | { at: string; backup: null; operation: OperationView }

/** Points that one can go back to, between the attempts that made none. */
export function Timeline({ backups, attempts, databaseId }: { backups: BackupView[]; attempts: OperationView[]; databaseId: string }) {
  const moments: Moment[] = [
    ...backups.map((backup) => ({ at: backup.createdAt, backup, operation: null })),
    ...attempts.map((operation) => ({ at: operation.createdAt, backup: null, operation })),
  ].sort((a, b) => b.at.localeCompare(a.at))
  return (
    <Panel
      title="Timeline"
      flush
      aside={
        backups.length > 0 && (
          <LinkButton size="small" href={`/backups?databaseId=${databaseId}`}>
            All its backups
          </LinkButton>
        )
      }
    >
      {moments.length === 0 ? (
        <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">Nothing has been backed up yet. “Back up now” makes the first point.</p>
      ) : (
        <DataTable
          caption="Backups of this database and attempts that failed, newest first"
          rows={moments.slice(0, 20)}
          rowKey={(row) => row.backup?.id ?? row.operation?.id ?? row.at}
          linked
          columns={[
            {
              id: 'what',
              header: 'What',
              primary: true,
              cell: (row) =>
                row.backup !== null ? (
                  <Link href={`/backups/${row.backup.id}`} quiet stretched>
                    {row.backup.name}
                  </Link>
                ) : (
                  <>
                    <Link href={`/operations/${row.operation.id}`} quiet stretched>
                      {row.operation.title}
                    </Link>
                    {row.operation.error !== null && (
                      <span className="block max-w-[60ch] text-sm text-ink-2 [overflow-wrap:anywhere]">{row.operation.error.message}</span>
                    )}
                  </>
                ),
            },
            { id: 'at', header: 'When', cell: (row) => <Time at={row.at} /> },
            {
              id: 'state',
              header: 'State',
              cell: (row) => (row.backup !== null ? <CopyBadge state={row.backup.state} /> : <OperationBadge state={row.operation.state} />),
            },
            {
              id: 'holds',
              header: 'Contents',
              align: 'end',
              cell: (row) =>
                row.backup === null ? (
                  <span className="text-ink-3">no point</span>
                ) : (
                  <>
                    {formatBytes(row.backup.rawBytes)}
                    <span className="block text-sm whitespace-nowrap text-ink-2">{formatCount(row.backup.rows, 'row')}</span>
                  </>
                ),
            },
          ]}
        />
      )}
    </Panel>
  )
}
