import type { OperationRow } from '#lib/catalog/operations.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { transactionStatus } from '#lib/engine/postgres/transaction-status.ts'
import { connectionFor } from '../../run/connection-for.ts'
import type { RecoverContext, Recovered } from '../../recover-context.ts'
import { type TableRestore, targetDatabaseId } from '../definition.ts'
import { emptyResult } from '../report.ts'
import { begunTable } from './report.ts'

/** One transaction wrote, and compared before it committed: the server knows whether all of it is there or none. */
export async function recoverTable(context: RecoverContext, operation: OperationRow, input: TableRestore): Promise<Recovered | null> {
  const databaseId = targetDatabaseId(input)
  if (databaseId === null || operation.attempt_token === null) return null
  const begun = begunTable.safeParse(operation.result)
  if (!begun.success) {
    const error = interrupted('It had not begun to write: nothing was touched. Start it again.')
    return { error, result: { restore: { ...emptyResult(input), outcome: 'failed' } } }
  }
  const { restore } = begun.data
  const applicationName = `lifeboat/recover/${operation.attempt_token.slice(0, 8)}`
  const { connection } = await connectionFor({ ...context, applicationName }, databaseId)
  const outcome = await transactionStatus(connection, restore.transactionId)
  // its server process is being ended, and rolls back: the next round knows
  if (outcome === 'in progress') throw new LifeboatError('unavailable', 'The transaction of the dead attempt is still being rolled back.')
  context.log('the transaction of a dead restore was looked up', { operation: operation.id, outcome })
  return { error: errorOf(outcome ?? 'unknown', restore.transactionId), result: { restore: { ...restore, outcome: outcomes[outcome ?? 'unknown'] } } }
}

const outcomes = {
  committed: 'completed',
  aborted: 'failed',
  unknown: 'indeterminate',
} as const

function errorOf(outcome: keyof typeof outcomes, xid: string): LifeboatError {
  switch (outcome) {
    case 'committed':
      return interrupted('The restore itself was complete: its rows were compared with the backup before they were committed. Nothing is left to do.')
    case 'aborted':
      return interrupted('Everything was rolled back: the database is as it was before. Start it again.')
    case 'unknown':
      return new LifeboatError(
        'indeterminate',
        'The worker died during the restore, and the server no longer knows what became of its transaction.',
        `All of it is there or none, never a part: look at the table. Its transaction was ${xid}.`,
      )
  }
}

function interrupted(hint: string): LifeboatError {
  return new LifeboatError('interrupted', 'The worker died during the restore.', hint)
}
