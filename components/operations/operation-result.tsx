import { PlanTables } from '#components/restore/plan-tables.tsx'
import { resultOf } from '#components/restore/restore-result.ts'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { CopyBadge, VerdictBadge } from '#components/ui/state-badge.tsx'
import type { Plan } from '#lib/domain/plan.ts'
import { isFinished, type OperationState } from '#lib/domain/states.ts'
import { formatBytes, formatCount, formatDuration } from '#lib/domain/units.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import type { z } from 'zod'
import { RestoreLedger } from './restore-ledger.tsx'
import { UndoPanel, undoResult } from './undo-result.tsx'
import { backupResult, checkResult, planResult, reconcileResult, verifyResult } from './result-shapes.ts'

/** What came of it, by kind. */
export function OperationResult({ operation }: { operation: OperationDetail }) {
  const { result } = operation
  if (result === null) return null
  const plan = planResult.safeParse(result.plan)
  if (plan.success) return <PlanPanel plan={plan.data} noun={operation.kind} />
  const restore = resultOf(operation)
  if (restore) return <RestoreLedger restore={restore} operation={operation} />
  const undo = undoResult.safeParse(result.undo)
  if (undo.success) return <UndoPanel undo={undo.data} />
  const backup = backupResult.safeParse(result.backup)
  if (backup.success)
    return (
      <BackupPanel
        backup={backup.data}
        verified={verifiedAfter(operation.followedBy.filter((next) => next.title.startsWith('Verify')).map((next) => next.state))}
      />
    )
  const verify = verifyResult.safeParse(result)
  if (verify.success) return <VerifyPanel verify={verify.data} />
  const check = checkResult.safeParse(result.check)
  if (check.success) return <CheckPanel check={check.data} />
  const reconcile = reconcileResult.safeParse(result.reconcile)
  if (reconcile.success) return <ReconcilePanel reconcile={reconcile.data} />
  return (
    <Panel title="Result">
      <pre className="m-0 overflow-auto font-mono text-[12.5px]">{JSON.stringify(result, null, 2)}</pre>
    </Panel>
  )
}

function PlanPanel({ plan, noun }: { plan: Plan; noun: string }) {
  const estimate =
    plan.estimatedSeconds === null
      ? 'How long it would take is unmeasured.'
      : `It would take about ${formatDuration(plan.estimatedSeconds)} (${plan.estimateFrom}).`
  return (
    <>
      <Panel
        title={plan.blocked ? `The dry run found what stops this ${noun}` : `The dry run found nothing that stops this ${noun}`}
        aside={`read ${formatBytes(plan.bytesRead)}, wrote nothing, ${formatDuration(plan.seconds)}`}
        say={estimate}
        flush
      >
        <FindingList findings={plan.findings} />
      </Panel>
      {plan.steps.length > 0 && (
        <Panel title="What it would do">
          <ol className="m-0 list-decimal pl-5">
            {plan.steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </Panel>
      )}
      {plan.tables.length > 0 && <PlanTables tables={plan.tables} />}
    </>
  )
}

type Verified = 'yes' | 'no' | 'not yet'

/** What came of the verifies that followed a backup. */
function verifiedAfter(states: readonly OperationState[]): Verified {
  if (states.includes('succeeded')) return 'yes'
  return states.some(isFinished) ? 'no' : 'not yet'
}

const verifiedWords = {
  yes: 'The verify that followed read every byte of it back.',
  no: 'The verify that followed did not find every copy whole, or did not end: open it under “Followed by”.',
  'not yet': 'Each copy is read back by the verify that follows; until then nobody knows that it is whole.',
} satisfies Record<Verified, string>

/** The copies' states are as they were when the backup ended; a verify that followed knows more. */
function BackupPanel({ backup, verified }: { backup: z.infer<typeof backupResult>; verified: Verified }) {
  const failed = backup.copies.filter((copy) => copy.state === 'failed').length
  return (
    <Panel
      title={
        failed === 0
          ? `The backup is on ${formatCount(backup.copies.length, 'storage')}`
          : `${formatCount(failed, 'copy', 'copies')} of ${backup.copies.length} failed`
      }
      say={verifiedWords[verified]}
    >
      <Facts
        columns={2}
        items={[
          { term: 'Backup', value: <Link href={`/backups/${backup.id}`}>{backup.name}</Link> },
          { term: 'Rows', value: formatCount(backup.rows) },
          { term: 'Entries', value: formatCount(backup.entries) },
          { term: 'Data', value: `${formatBytes(backup.rawBytes)}, stored as ${formatBytes(backup.storedBytes)}` },
          {
            term: 'Copies',
            value: (
              <ul className="m-0 flex list-none flex-col gap-1 p-0">
                {backup.copies.map((copy) => (
                  <li key={copy.storage} className="flex flex-wrap items-center gap-2">
                    {copy.storage} {verified === 'yes' && copy.state === 'stored' ? <CopyBadge state="verified" /> : <CopyBadge state={copy.state} />}
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

type VerifiedCopy = z.infer<typeof verifyResult>['copies'][number]
const badColumns: Column<VerifiedCopy['entries'][number]>[] = [
  { id: 'name', header: 'Entry', primary: true, cell: (row) => <code className="font-mono text-[12.5px] [overflow-wrap:anywhere]">{row.name}</code> },
  { id: 'problem', header: 'What is wrong', cell: (row) => <span className="[overflow-wrap:anywhere]">{row.problem}</span> },
]

function VerifyPanel({ verify }: { verify: z.infer<typeof verifyResult> }) {
  const good = verify.copies.filter((copy) => copy.verdict === 'valid').length
  return (
    <Panel
      title={
        good === verify.copies.length
          ? 'Every byte of every copy was read back and is whole'
          : good > 0
            ? `${formatCount(good)} of ${formatCount(verify.copies.length, 'copy', 'copies')} can be restored from`
            : 'No copy can be restored from'
      }
      flush
    >
      <ul className="m-0 list-none p-0">
        {verify.copies.map((copy) => (
          <li key={copy.storage} className="border-t border-line first:border-t-0">
            <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-3 sm:px-[18px]">
              <span className="font-semibold">{copy.storage}</span>
              <span className="flex items-center gap-3 text-sm text-ink-2">
                {copy.entriesChecked !== undefined && formatCount(copy.entriesChecked, 'entry', 'entries')}
                {copy.bytesRead !== undefined && `, ${formatBytes(copy.bytesRead)} read`}
                <VerdictBadge verdict={copy.verdict} />
              </span>
            </div>
            {copy.entries.length > 0 && (
              <DataTable
                caption={`What is wrong on ${copy.storage}`}
                columns={badColumns}
                rows={copy.entries}
                rowKey={(row) => String(row.ordinal)}
              />
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function CheckPanel({ check }: { check: z.infer<typeof checkResult> }) {
  const tls = check.server?.tlsVersion ? `, ${check.server.tlsVersion}` : ''
  const seen = check.server
    ? `PostgreSQL ${check.server.version}${tls}${check.tables === undefined ? '' : `, ${formatCount(check.tables, 'table')}`}`
    : null
  return (
    <Panel title={check.ok ? `The ${check.of} works` : `The ${check.of} cannot be used as it is`}>
      {seen ?? (check.ok ? 'It was written to, read back and cleaned up.' : 'See the findings below.')}
    </Panel>
  )
}

function ReconcilePanel({ reconcile }: { reconcile: z.infer<typeof reconcileResult> }) {
  const list = (term: string, names: string[]) => (names.length === 0 ? null : { term, value: names.join(', ') })
  return (
    <Panel title={`${reconcile.storage} holds ${formatCount(reconcile.backups, 'backup')}, ${formatBytes(reconcile.bytes)}`}>
      <Facts
        items={[
          list('Missing', reconcile.missing),
          list('Returned', reconcile.returned),
          list('Adopted', reconcile.adopted),
          list('Unknown', reconcile.unknown),
          list('Refused', reconcile.refused),
          { term: 'Otherwise', value: 'the storage is what the catalogue says' },
        ]}
      />
    </Panel>
  )
}
