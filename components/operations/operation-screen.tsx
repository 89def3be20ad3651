'use client'

import { useQuery } from '@tanstack/react-query'
import { progressWords, shareOf, waitWords } from '#components/follow/progress-words.ts'
import { KeptOfOperation } from '#components/swaps/kept-panel.tsx'
import { usePageTitle } from '#components/shell/page-title.ts'
import { CopyButton } from '#components/ui/copy-button.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Link } from '#components/ui/link.tsx'
import { PageHeader } from '#components/ui/page-header.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { Problem } from '#components/ui/problem.tsx'
import { ProgressBar } from '#components/ui/progress-bar.tsx'
import { OperationBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import { workersQuery } from '#lib/client/queries.ts'
import { useOperation } from '#lib/client/operation-stream.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { isFinished } from '#lib/domain/states.ts'
import { formatDuration, formatShare } from '#lib/domain/units.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { Approval } from './approval.tsx'
import { CancelOperation } from './cancel-operation.tsx'
import { kindInWords, stateInTitle, viaWords } from './kind-words.ts'
import { leftBehind } from './left-behind.ts'
import { OperationLog } from './operation-log.tsx'
import { OperationResult } from './operation-result.tsx'
import { RunAgain } from './run-again.tsx'

/** One operation: how far it is, what came of it, its log. */
export function OperationScreen({ operation: first, role, me }: { operation: OperationDetail; role: Role; me: string }) {
  const { data, liveness } = useOperation(first.id, first)
  const operation = data ?? first
  const share = shareOf(operation.progress)
  const head = operation.state === 'running' && share !== null ? formatShare(share) : stateInTitle[operation.state]
  usePageTitle(`${head} · ${operation.title}`)
  const open = !isFinished(operation.state)
  return (
    <>
      <PageHeader
        up={{ href: '/operations', label: 'Operations' }}
        title={operation.title}
        badge={<OperationBadge state={operation.state} />}
        actions={open ? <CancelOperation operation={operation} role={role} /> : <RunAgain operation={operation} role={role} />}
      >
        {kindInWords(operation.kind, operation.dryRun)}, asked for by {operation.requestedName} <Time at={operation.createdAt} />
      </PageHeader>
      <div className="flex flex-col gap-[18px]">
        {open && operation.approval?.state === 'needed' && <Approval operation={operation} role={role} me={me} />}
        {open && <Live operation={operation} />}
        {operation.error && !open && (
          <Problem title={operation.error.message} id={operation.id} tone={operation.state === 'cancelled' ? 'warn' : 'bad'}>
            {operation.error.hint === '' && operation.state === 'cancelled' ? leftBehind(operation) : operation.error.hint}
          </Problem>
        )}
        {operation.state === 'interrupted' && !operation.error && (
          <Problem title="The worker stopped before this was done" id={operation.id}>
            Nothing more runs under this operation. Backups that were complete before are untouched.
          </Problem>
        )}
        <OperationResult operation={operation} />
        {!open && swaps(operation) && <KeptOfOperation operationId={operation.id} role={role} />}
        {operation.findings.length > 0 && operation.result?.plan === undefined && (
          <Panel title="Findings" flush>
            <FindingList findings={operation.findings} />
          </Panel>
        )}
        <div className="grid items-start gap-[18px] lg:grid-cols-[minmax(0,3fr)_minmax(260px,1fr)]">
          <OperationLog events={operation.events} liveness={liveness} />
          <About operation={operation} />
        </div>
      </div>
    </>
  )
}

/** Operations that may have put a database aside. */
function swaps({ kind, dryRun, input }: OperationDetail): boolean {
  return !dryRun && ((kind === 'restore' && input.way === 'replace' && input.scope !== 'table') || (kind === 'undo' && input.act === 'swap_back'))
}

function Live({ operation }: { operation: OperationDetail }) {
  const { progress, state } = operation
  const waiting = state === 'queued'
  const cancelling = state === 'cancelling'
  const { data: workers } = useQuery({ ...workersQuery(), enabled: waiting })
  const nobody = waiting && workers !== undefined && workers.every((worker) => !worker.alive)
  return (
    <Panel>
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <span role="status" className="inline-block font-semibold first-letter:uppercase">
          {waiting
            ? operation.approval?.state === 'needed'
              ? 'Waits for a second person’s word'
              : operation.after
                ? 'Waits for the operation before it'
                : 'Waits for a worker'
            : cancelling
              ? 'Stopping and cleaning up'
              : (progress.phase ?? 'Starting')}
        </span>
        {/* how far it had come says nothing about how long the cleaning takes */}
        {!cancelling && (
          <span className="text-ink-2">
            {nobody
              ? 'No worker is alive. It begins when one is started; nothing is lost by waiting.'
              : waiting
                ? waitWords(operation)
                : progressWords(progress)}
          </span>
        )}
      </div>
      <div className="mt-2">
        <ProgressBar label={operation.title} share={waiting ? 0 : cancelling ? null : shareOf(progress)} tone={cancelling ? 'warn' : 'run'} />
      </div>
      {!cancelling && progress.current && <p className="m-0 mt-2 truncate font-mono text-[12.5px] text-ink-2">{progress.current}</p>}
    </Panel>
  )
}

function About({ operation }: { operation: OperationDetail }) {
  return (
    <Panel title="About">
      <Facts
        items={[
          operation.database && { term: 'Database', value: <Link href={`/databases/${operation.database.id}`}>{operation.database.name}</Link> },
          operation.backupId ? { term: 'Backup', value: <Link href={`/backups/${operation.backupId}`}>open it</Link> } : null,
          { term: 'Began', value: <Time at={operation.startedAt} never="not yet" /> },
          operation.finishedAt ? { term: 'Ended', value: <Time at={operation.finishedAt} /> } : null,
          operation.durationSeconds === null ? null : { term: 'Took', value: formatDuration(operation.durationSeconds) },
          { term: 'Asked by', value: `${operation.requestedName}, ${viaWords(operation.requestedVia)}` },
          operation.worker ? { term: 'Worker', value: operation.worker } : null,
          operation.approval === null || operation.approval.state === 'needed'
            ? null
            : {
                term: operation.approval.state === 'given' ? 'Approved by' : 'Refused by',
                value: (
                  <>
                    {operation.approval.name} <Time at={operation.approval.at} />
                  </>
                ),
              },
          operation.after ? { term: 'After', value: <Link href={`/operations/${operation.after}`}>the one before it</Link> } : null,
          operation.followedBy.length > 0
            ? {
                term: 'Followed by',
                value: (
                  <ul className="m-0 flex list-none flex-col gap-1.5 p-0">
                    {operation.followedBy.map((next) => (
                      <li key={next.id} className="flex flex-col items-start gap-0.5">
                        <Link href={`/operations/${next.id}`}>{next.title}</Link>
                        <OperationBadge state={next.state} />
                      </li>
                    ))}
                  </ul>
                ),
              }
            : null,
          {
            term: 'Id',
            value: (
              <span className="flex items-center gap-1">
                <code className="truncate font-mono text-xs">{operation.id}</code>
                <CopyButton text={operation.id} what="the operation's id" />
              </span>
            ),
          },
        ]}
      />
    </Panel>
  )
}
