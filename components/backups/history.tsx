import { LinkButton } from '#components/ui/button.tsx'
import { DataTable } from '#components/ui/data-table.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { OperationBadge, OutcomeBadge, VerdictBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import { restoreOutcomes } from '#lib/domain/states.ts'
import { formatBytes, formatCount } from '#lib/domain/units.ts'
import type { BackupDetail } from '#lib/domain/views.ts'

/** Every time that its bytes were read again, newest first. */
export function Verifications({ verifications }: { verifications: BackupDetail['verifications'] }) {
  return (
    <Panel title="Verifications" flush>
      {verifications.length === 0 ? (
        <p className="m-0 px-4 pb-4 text-ink-2 sm:px-[18px]">It was never read back. “Verify now” reads every stored byte of every copy.</p>
      ) : (
        <DataTable
          caption="Verifications of this backup"
          rows={verifications}
          rowKey={(row) => `${row.at} ${row.storage} ${row.operationId}`}
          columns={[
            { id: 'at', header: 'When', primary: true, cell: (row) => <Time at={row.at} /> },
            { id: 'storage', header: 'Copy on', cell: (row) => row.storage },
            { id: 'verdict', header: 'Verdict', cell: (row) => <VerdictBadge verdict={row.verdict} /> },
            {
              id: 'read',
              header: 'Read',
              align: 'end',
              cell: (row) => `${formatCount(row.entriesChecked, 'entry', 'entries')}, ${formatBytes(row.bytesRead)}`,
            },
            { id: 'bad', header: 'Damaged entries', cell: (row) => <BadEntries entries={row.badEntries} /> },
            {
              id: 'operation',
              header: 'Operation',
              cell: (row) =>
                row.operationId === null ? (
                  <span className="text-ink-3">from the shell</span>
                ) : (
                  <Link href={`/operations/${row.operationId}`}>Log</Link>
                ),
            },
          ]}
        />
      )}
    </Panel>
  )
}

function BadEntries({ entries }: { entries: BackupDetail['verifications'][number]['badEntries'] }) {
  if (entries.length === 0) return <span className="text-ink-3">none</span>
  return (
    <ul className="m-0 list-none p-0 text-sm">
      {entries.slice(0, 5).map((entry) => (
        <li key={`${entry.ordinal} ${entry.name}`} className="[overflow-wrap:anywhere]">
          <span className="font-mono text-xs">{entry.name}</span>: <span className="text-bad">{entry.problem}</span>
        </li>
      ))}
      {entries.length > 5 && <li className="text-ink-2">and {entries.length - 5} more</li>}
    </ul>
  )
}

/** Every restore from it, newest first. */
export function Restores({ restores, href }: { restores: BackupDetail['restores']; href: string | null }) {
  return (
    <Panel title="Restores from it" flush>
      {restores.length === 0 ? (
        <div className="px-4 pb-4 sm:px-[18px]">
          <p className="m-0 mb-2 text-ink-2">Nothing was restored from it yet.</p>
          {href !== null && (
            <LinkButton size="small" href={href}>
              Begin with a dry run
            </LinkButton>
          )}
        </div>
      ) : (
        <DataTable
          caption="Restores from this backup"
          rows={restores}
          rowKey={(row) => row.operationId}
          linked
          columns={[
            {
              id: 'target',
              header: 'Into',
              primary: true,
              cell: (row) => (
                <Link href={`/operations/${row.operationId}`} quiet stretched>
                  {row.target ?? 'unknown'}
                </Link>
              ),
            },
            { id: 'at', header: 'When', cell: (row) => <Time at={row.at} /> },
            { id: 'outcome', header: 'Outcome', cell: (row) => <Outcome row={row} /> },
          ]}
        />
      )}
    </Panel>
  )
}

function Outcome({ row }: { row: BackupDetail['restores'][number] }) {
  const outcome = restoreOutcomes.find((one) => one === row.outcome)
  return outcome === undefined ? <OperationBadge state={row.state} /> : <OutcomeBadge outcome={outcome} />
}
