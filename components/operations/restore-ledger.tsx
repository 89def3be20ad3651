import { besideOf, lossWords, type RestoreResult, writtenWords } from '#components/restore/restore-result.ts'
import { Facts } from '#components/ui/facts.tsx'
import { Link } from '#components/ui/link.tsx'
import { Panel } from '#components/ui/panel.tsx'
import { OutcomeBadge } from '#components/ui/state-badge.tsx'
import { Time } from '#components/ui/time.tsx'
import { CopyLine } from '#components/ui/copy-button.tsx'
import { dropDatabaseSql } from '#lib/domain/shell-commands.ts'
import type { RestoreOutcome } from '#lib/domain/states.ts'
import { formatCount, formatDuration } from '#lib/domain/units.ts'
import type { OperationDetail } from '#lib/domain/views.ts'

const sentences = {
  completed: 'Everything in the backup came back, and every table equals the backup.',
  completed_with_losses: 'The database is there, but not everything in the backup came back. The ledger below lists what is missing, and why.',
  failed: 'The restore did not succeed. The backup and every other database are as they were.',
  indeterminate: 'Lifeboat cannot tell what the target holds. Look at it before you use it.',
} satisfies Record<RestoreOutcome, string>

const ofClone = {
  completed: 'Everything that the source held at that moment came over, and every table equals what was read there.',
  completed_with_losses: 'The clone is there, but not everything came over. The ledger below lists what is missing, and why.',
  failed: 'The clone did not succeed. The source and every other database are as they were.',
  indeterminate: sentences.indeterminate,
} satisfies Record<RestoreOutcome, string>

/** The database that this made, and that can be dropped to undo it; null: it wrote into one that was there before. */
function madeDatabase(restore: RestoreResult, operation: OperationDetail): string | null {
  const { scope = 'full', way = 'new' } = operation.input
  if (operation.kind === 'restore' && (scope !== 'full' || way !== 'new')) return besideOf(operation)
  return restore.target.slice(restore.target.indexOf('/') + 1)
}

/** The result of a restore or a clone: what came back, what did not, how long it took, how to undo it. */
export function RestoreLedger({ restore, operation }: { restore: RestoreResult; operation: OperationDetail }) {
  const there = restore.outcome === 'completed' || restore.outcome === 'completed_with_losses'
  const isClone = operation.kind === 'clone'
  const newDatabase = madeDatabase(restore, operation)
  return (
    <>
      <Panel
        title={`${isClone ? 'Cloned into' : operation.input.way === 'replace' ? 'Replaced in' : 'Restored into'} ${restore.target}`}
        aside={<OutcomeBadge outcome={restore.outcome} />}
        say={(isClone ? ofClone : sentences)[restore.outcome]}
      >
        <Facts
          columns={2}
          items={[
            { term: 'Came back', value: `${formatCount(restore.tables, 'table')}, ${formatCount(restore.rows, 'row')}` },
            { term: 'Did not', value: restore.losses.length === 0 ? 'nothing is missing' : formatCount(restore.losses.length, 'object') },
            restore.table == null
              ? null
              : { term: 'Table', value: <code className="font-mono">{`${restore.table.schema}.${restore.table.name}`}</code> },
            restore.rowsWritten == null ? null : { term: 'Written', value: writtenWords(restore.rowsWritten) },
            operation.durationSeconds === null ? null : { term: 'Took', value: formatDuration(operation.durationSeconds) },
            restore.undoUntil === null ? null : { term: 'Undo until', value: <Time at={restore.undoUntil} /> },
          ]}
        />
        {restore.safetyBackupId != null && (
          <p className="m-0 mt-3">
            <Link href={`/backups/${restore.safetyBackupId}`}>The safety backup</Link> holds the database as it was before.
          </p>
        )}
        {there && newDatabase !== null && (
          <div className="mt-3">
            <p className="m-0 mb-1 text-sm text-ink-2">To undo this, drop the new database by hand. That cannot be taken back:</p>
            <CopyLine text={dropDatabaseSql(newDatabase)} what="the statement" />
          </div>
        )}
      </Panel>
      {restore.losses.length > 0 && (
        <Panel title="Ledger: what did not come back" flush>
          <ul className="m-0 list-none p-0">
            {restore.losses.map((loss, index) => (
              <li
                key={`${index}-${lossWords(loss)}`}
                className="border-t border-line px-4 py-2.5 [overflow-wrap:anywhere] first:border-t-0 sm:px-[18px]"
              >
                {lossWords(loss)}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  )
}
