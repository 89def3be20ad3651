import type { OperationRow } from '#lib/catalog/operations.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { whatBecameOf } from '#lib/engine/postgres/transaction-status.ts'
import { connectionFor } from '../../run/connection-for.ts'
import type { RecoverContext, Recovered } from '../../recover-context.ts'
import { type FullRestore, targetDatabaseId } from '../definition.ts'
import { emptyResult } from '../report.ts'
import { begunInPlace, outcomeOf } from './outcome.ts'

/** One transaction wrote, and the server knows what became of it: untouched, or complete, and which of both. */
export async function recoverInPlace(context: RecoverContext, operation: OperationRow, input: FullRestore): Promise<Recovered | null> {
  const databaseId = targetDatabaseId(input)
  if (databaseId === null || operation.attempt_token === null) return null
  const begun = begunInPlace.safeParse(operation.result)
  const why = new LifeboatError('interrupted', 'The worker died during the restore.')
  if (!begun.success) {
    return {
      error: new LifeboatError(why.code, why.message, `It had not begun to write: ${input.targetDbname} is as it was before. Start it again.`),
      result: { restore: { ...emptyResult(input), outcome: 'failed' } },
    }
  }
  const { transactionId, safetyBackupId, databaseOid } = begun.data.restore
  const applicationName = `lifeboat/recover/${operation.attempt_token.slice(0, 8)}`
  const { connection } = await connectionFor({ ...context, applicationName }, databaseId)
  const status = await whatBecameOf(connection, { transactionId, databaseOid })
  // its server process is being ended, and rolls back: the next round knows
  if (status === 'in progress') throw new LifeboatError('unavailable', 'The transaction of the dead attempt is still being rolled back.')
  const { error, restore } = outcomeOf(status, { targetDbname: input.targetDbname, safetyBackupId, transactionId, why })
  context.log('the transaction of a dead restore was looked up', { operation: operation.id, status })
  return { error, result: { restore } }
}
