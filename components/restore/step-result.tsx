'use client'

import { useEffect } from 'react'
import { OperationProgress } from '#components/follow/operation-progress.tsx'
import { KeptOfOperation } from '#components/swaps/kept-panel.tsx'
import { LinkButton } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { OutcomeBadge } from '#components/ui/state-badge.tsx'
import { useOperation } from '#lib/client/operation-stream.ts'
import type { Role } from '#lib/domain/permissions.ts'
import { dropDatabaseSql, dropTableSql } from '#lib/domain/shell-commands.ts'
import { isFinished, type RestoreOutcome } from '#lib/domain/states.ts'
import { formatCount, formatDuration } from '#lib/domain/units.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { ComparedTables } from './compared-tables.tsx'
import type { Act } from './acts.ts'
import { besideOf, comparedOf, lossWords, resultOf, swapOf, writtenWords } from './restore-result.ts'

const verbs = {
  new: 'Restoring into',
  clone: 'Cloning into',
  replace: 'Replacing',
  in_place: 'Restoring into',
  table_beside: 'Restoring beside',
  table_replace: 'Putting rows back into',
} satisfies Record<Act, string>

const nouns = {
  new: 'Restore into',
  clone: 'Clone into',
  replace: 'Replacement of',
  in_place: 'Restore into',
  table_beside: 'Restore beside',
  table_replace: 'Rows of',
} satisfies Record<Act, string>

const sentences = {
  new: {
    completed: 'Everything in the backup came back, and every table equals the backup.',
    completed_with_losses: 'The database is there, but not everything in the backup came back: see what is missing.',
    failed: 'The restore did not succeed. The backup and the live database are as they were.',
    indeterminate: 'Lifeboat cannot tell what the target holds. Look at it before you use it; the live database is as it was.',
  },
  clone: {
    completed: 'Everything came over, and every table equals the source.',
    completed_with_losses: 'The clone is there, but not everything of the source is in it: see what is missing.',
    failed: 'The clone did not succeed. The source was only read.',
    indeterminate: 'Lifeboat cannot tell what the clone holds. Look at it before you use it; the source was only read.',
  },
  replace: {
    completed: 'Everything in the backup came back, every table equals the backup, and the restored database took the live one’s place.',
    completed_with_losses: 'Not everything in the backup came back: see what is missing, and which database is live.',
    failed: 'The restore did not succeed. The live database is open, as it was.',
    indeterminate: 'Lifeboat cannot tell how far it came. Look at both databases; neither was dropped.',
  },
  in_place: {
    completed: 'Everything in the backup came back into the live database, and every table equals the backup.',
    completed_with_losses:
      'The live database was written, but not everything equals the backup: see what differs. The safety backup holds what was there before.',
    failed: 'The restore did not succeed. The live database is as it was: all of it was one transaction.',
    indeterminate: 'Lifeboat cannot tell whether the transaction was committed. Look at the database; the safety backup holds what was there before.',
  },
  table_beside: {
    completed: 'The table came back beside the live one, and equals the backup.',
    completed_with_losses: 'The table is there, but not everything of it came back: see what is missing.',
    failed: 'The restore did not succeed. The database is as it was.',
    indeterminate: 'Lifeboat cannot tell whether the table was made. Look at it before you use it; the live table is as it was.',
  },
  table_replace: {
    completed: 'The rows are back in the live table, as the plan said.',
    completed_with_losses: 'The rows were put back, but not everything came back: see what is missing. The safety backup holds the table as it was.',
    failed: 'The restore did not succeed. The table is as it was: all of it was one transaction.',
    indeterminate: 'Lifeboat cannot tell whether the transaction was committed. Look at the table; the safety backup holds it as it was before.',
  },
} satisfies Record<Act, Record<RestoreOutcome, string>>

/** The restore, live, and then what came back, what did not, how long it took, and how to undo it. */
interface Props {
  restore: OperationDetail
  role: Role
  act: Act
  targetName: string
  server: string
  dryRunHref: string
}

export function StepResult({ restore, role, act, targetName, server, dryRunHref }: Props) {
  const live = useOperation(restore.id, restore)
  const operation = live.data ?? restore
  const polling = live.liveness === 'polling'
  const ended = isFinished(operation.state)
  const result = resultOf(operation)
  const outcome = outcomeOf(operation)
  const cameBack = outcome === 'completed' || outcome === 'completed_with_losses'
  const compared = comparedOf(operation)
  const swap = swapOf(operation)
  const beside = besideOf(operation)
  // the ledger has the losses already
  const others = operation.findings.filter((one) => one.code !== 'loss')
  useEffect(() => {
    const title = document.title
    document.title = `${ended ? (outcome ?? operation.state) : verbs[act]}: ${targetName}`
    return () => {
      document.title = title
    }
  }, [act, ended, outcome, operation.state, targetName])

  if (!ended) {
    return (
      <Panel title={`${verbs[act]} ${targetName}`} say="You may leave this page: it goes on, and this address shows it again.">
        <OperationProgress operation={operation} polling={polling} logLines={12} />
        {operation.state === 'queued' && <Waiting operation={operation} />}
      </Panel>
    )
  }
  return (
    <div className="flex flex-col gap-4">
      <Panel
        title={
          <span className="flex flex-wrap items-center gap-3">
            {nouns[act]} {targetName} {outcome !== null && <OutcomeBadge outcome={outcome} />}
          </span>
        }
        say={outcome === null ? undefined : sentences[act][outcome]}
      >
        {result === null || !cameBack ? (
          <OperationProgress operation={operation} polling={polling} logLines={12} headed />
        ) : (
          <Facts
            items={[
              { term: 'Came back', value: `${formatCount(result.tables, 'table')}, ${formatCount(result.rows, 'row')}` },
              {
                term: 'Did not come back',
                value: result.losses.length === 0 ? 'Nothing is missing' : `${formatCount(result.losses.length, 'thing')}, listed below`,
              },
              result.table == null
                ? null
                : { term: 'Table', value: <code className="font-mono">{`${result.table.schema}.${result.table.name}`}</code> },
              result.rowsWritten == null ? null : { term: 'Written', value: writtenWords(result.rowsWritten) },
              { term: 'Took', value: formatDuration(operation.durationSeconds) },
              { term: 'Where', value: result.target },
            ]}
          />
        )}
        <div className="mt-4 flex flex-wrap gap-2">
          <LinkButton href={`/operations/${restore.id}`}>Open the whole log</LinkButton>
          {!cameBack && <LinkButton href={dryRunHref}>Back to the dry run</LinkButton>}
          {outcome !== 'completed' && <LinkButton href="/restore">Begin another restore</LinkButton>}
        </div>
      </Panel>
      {result !== null && cameBack && result.losses.length > 0 && (
        <Panel title="What did not come back">
          <ul className="m-0 flex list-disc flex-col gap-1 pl-5">
            {result.losses.map((loss) => (
              <li key={lossWords(loss)} className="[overflow-wrap:anywhere]">
                {lossWords(loss)}
              </li>
            ))}
          </ul>
        </Panel>
      )}
      {swap !== null && <KeptOfOperation operationId={restore.id} role={role} />}
      {result?.safetyBackupId != null && (
        <Panel title="What now" say="The safety backup holds the database as it was before this restore.">
          <LinkButton href={`/backups/${result.safetyBackupId}`}>Open the safety backup</LinkButton>
        </Panel>
      )}
      {cameBack && act === 'table_beside' && result?.table != null && (
        <Panel title="What now" say="Compare it with the live table, and copy what you miss. Then drop it; that cannot be taken back:">
          <CopyLine text={dropTableSql(result.table)} what="the statement" />
        </Panel>
      )}
      {cameBack && (act === 'new' || act === 'clone' || beside !== null) && (
        <Panel title="What now" say="Point your application at the new database, or copy from it what you miss.">
          <p className="m-0 mb-1 text-ink-2">
            To undo it, drop the new database by hand, connected to another database of {server}. Dropping it cannot be taken back:
          </p>
          <CopyLine text={dropDatabaseSql(beside ?? targetName)} what="the statement" />
        </Panel>
      )}
      {cameBack && compared.length > 0 && <ComparedTables tables={compared} />}
      {others.length > 0 && (
        <Panel title="What the restore found on its way" flush>
          <FindingList findings={others} />
        </Panel>
      )}
    </div>
  )
}

/** What a restore that overwrites waits for first. */
function Waiting({ operation }: { operation: OperationDetail }) {
  return (
    <p className="m-0 mt-3">
      {operation.approval?.state === 'needed' && (
        <>
          It waits for another admin’s word: <Link href={`/operations/${operation.id}`}>the operation’s page</Link> asks for it.{' '}
        </>
      )}
      {operation.after !== null && (
        <>
          First <Link href={`/operations/${operation.after}`}>a safety backup is taken and read back</Link>. If that fails, this does not start.
        </>
      )}
    </p>
  )
}

/** The state decides: a run that ended badly may have left an earlier result behind. */
function outcomeOf(operation: OperationDetail): RestoreOutcome | null {
  const { state, error } = operation
  if (state === 'succeeded' || state === 'succeeded_with_findings') return resultOf(operation)?.outcome ?? null
  if (state === 'interrupted' || error?.code === 'indeterminate') return 'indeterminate'
  return state === 'failed' ? 'failed' : null
}
