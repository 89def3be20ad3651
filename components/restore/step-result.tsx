'use client'

import { useEffect } from 'react'
import { OperationProgress } from '#components/follow/operation-progress.tsx'
import { LinkButton } from '#components/ui/button.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { Facts } from '#components/ui/facts.tsx'
import { FindingList } from '#components/ui/findings.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { OutcomeBadge } from '#components/ui/state-badge.tsx'
import { useOperation } from '#lib/client/operation-stream.ts'
import { dropDatabaseSql } from '#lib/domain/shell-commands.ts'
import { isFinished, type RestoreOutcome } from '#lib/domain/states.ts'
import { formatCount, formatDuration } from '#lib/domain/units.ts'
import type { OperationDetail } from '#lib/domain/views.ts'
import { ComparedTables } from './compared-tables.tsx'
import { comparedOf, lossWords, resultOf } from './restore-result.ts'

const sentences = {
  completed: 'Everything in the backup came back, and every table equals the backup.',
  completed_with_losses: 'The database is there, but not everything in the backup came back: see what is missing.',
  failed: 'The restore did not succeed. The backup and the live database are as they were.',
  indeterminate: 'Lifeboat cannot tell what the target holds. Look at it before you use it; the live database is as it was.',
} satisfies Record<RestoreOutcome, string>

/** The restore, live, and then what came back, what did not, how long it took, and how to undo it. */
export function StepResult(props: { restore: OperationDetail; targetName: string; server: string; dryRunHref: string }) {
  const { restore, targetName, server, dryRunHref } = props
  const live = useOperation(restore.id, restore)
  const operation = live.data ?? restore
  const polling = live.liveness === 'polling'
  const ended = isFinished(operation.state)
  const result = resultOf(operation)
  const outcome = outcomeOf(operation)
  const cameBack = outcome === 'completed' || outcome === 'completed_with_losses'
  const compared = comparedOf(operation)
  // the ledger has the losses already
  const others = operation.findings.filter((one) => one.code !== 'loss')
  useEffect(() => {
    const title = document.title
    document.title = `${ended ? (outcome ?? operation.state) : 'Restoring'}: ${targetName}`
    return () => {
      document.title = title
    }
  }, [ended, outcome, operation.state, targetName])

  if (!ended) {
    return (
      <Panel title={`Restoring into ${targetName}`} say="You may leave this page: the restore goes on, and this address shows it again.">
        <OperationProgress operation={operation} polling={polling} logLines={12} />
      </Panel>
    )
  }
  return (
    <div className="flex flex-col gap-4">
      <Panel
        title={
          <span className="flex flex-wrap items-center gap-3">
            Restore into {targetName} {outcome !== null && <OutcomeBadge outcome={outcome} />}
          </span>
        }
        say={outcome === null ? undefined : sentences[outcome]}
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
      {cameBack && (
        <Panel title="What now" say="Point your application at the new database, or copy from it what you miss.">
          <p className="m-0 mb-1 text-ink-2">
            To undo this restore, drop the new database by hand, connected to another database of {server}. Dropping it cannot be taken back:
          </p>
          <CopyLine text={dropDatabaseSql(targetName)} what="the statement" />
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

/** The state decides: a run that ended badly may have left an earlier result behind. */
function outcomeOf(operation: OperationDetail): RestoreOutcome | null {
  const { state, error } = operation
  if (state === 'succeeded' || state === 'succeeded_with_findings') return resultOf(operation)?.outcome ?? null
  if (state === 'interrupted' || error?.code === 'indeterminate') return 'indeterminate'
  return state === 'failed' ? 'failed' : null
}
