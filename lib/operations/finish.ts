import type { Kysely, Transaction } from 'kysely'
import { appendAudit } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { listExpired, type Outcome, writeInterrupted, writeOutcome } from '#lib/catalog/attempts.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import { listFollowers, moveOperation, type OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { ring } from '#lib/queue/ring.ts'
import { followInterruption } from './chain.ts'
import type { Recovered } from './recover-context.ts'
import { retryOperation } from './retry.ts'

/**
 * Ends an attempt: state, event, followers and audit row in one transaction. Throws `interrupted`, having written nothing,
 * when the attempt lost its lease. `onSuccess` runs inside the transaction and may enqueue what follows.
 */
export async function finishOperation(
  db: Kysely<Catalog>,
  attempt: { operationId: string; token: string; workerId: string },
  outcome: Outcome,
  onSuccess?: (trx: Transaction<Catalog>, operation: OperationRow) => Promise<void>,
): Promise<OperationRow> {
  return db.transaction().execute(async (trx) => {
    const row = await writeOutcome(trx, attempt.operationId, attempt.token, outcome)
    if (row === null) throw new LifeboatError('interrupted', 'This attempt lost its lease; its outcome was not recorded.')
    if (row.state === 'succeeded' || row.state === 'succeeded_with_findings') await onSuccess?.(trx, row)
    await settle(trx, row, { kind: 'worker', id: attempt.workerId, name: `worker ${attempt.workerId.slice(0, 8)}` })
    return row
  })
}

/** What happens to a dead attempt before its operation is marked. `later`: not this time; the operation keeps its target's lock until the next round. */
export type PutRight = (operation: OperationRow) => Promise<Recovered | null | 'later'>

/**
 * Marks operations whose lease ran out `interrupted`, one transaction each, and retries those whose kind allows it.
 * `putRight` is asked first: while a server backend of the attempt is left, or what it left cannot be put right, nothing is marked.
 */
export async function interruptExpired(db: Kysely<Catalog>, putRight: PutRight): Promise<OperationRow[]> {
  const interrupted: OperationRow[] = []
  for (const expired of await listExpired(db)) {
    const recovered = await putRight(expired)
    if (recovered === 'later') continue
    const error = recovered?.error ?? lostWorker(expired)
    const row = await db.transaction().execute(async (trx) => {
      const ended = await writeInterrupted(trx, expired.id, error.toJSON(), recovered?.result)
      if (ended !== null) {
        await followInterruption(trx, ended)
        await settle(trx, ended, { kind: 'system', id: null, name: 'lifeboat' })
      }
      return ended
    })
    if (row !== null) interrupted.push(row)
  }
  return interrupted
}

/** Where nobody could say more: recoverAttempt knows what became of whatever writes on a server. */
function lostWorker(operation: OperationRow): LifeboatError {
  const reads = operation.dry_run || ['check', 'backup', 'verify', 'copy', 'reconcile'].includes(operation.kind)
  if (reads) {
    const hint = 'Nothing has to be cleaned up by hand. Start it again.'
    return new LifeboatError('interrupted', 'The worker stopped answering before the operation ended.', hint)
  }
  const attempt = operation.attempt_token?.slice(0, 8) ?? '…'
  return new LifeboatError(
    'interrupted',
    `The worker died during the ${operation.kind}: what it had written so far may still be there.`,
    `Look at the server before you start it again. Databases called lifeboat_new_${attempt} and lifeboat_compare_${attempt} are this attempt’s own, and of no use.`,
  )
}

/** What every end brings: an event, the retry or the followers, and the audit row last. */
export async function settle(
  trx: Transaction<Catalog>,
  row: OperationRow,
  by: { kind: 'worker' | 'system' | 'user' | 'cli'; id: string | null; name: string },
): Promise<void> {
  await appendEvent(trx, row.id, { kind: 'state', message: row.error?.message ?? row.state, data: { state: row.state } })
  const succeeded = row.state === 'succeeded' || row.state === 'succeeded_with_findings'
  let cancelled: OperationRow[] = []
  if (succeeded) {
    const followers = await listFollowers(trx, row.id)
    await ring(
      trx,
      followers.filter((one) => one.state === 'queued').map((one) => one.id),
    )
  } else if ((await retryOperation(trx, row)) === null) {
    cancelled = await cancelFollowers(trx, row)
  }
  await appendAudit(trx, auditKey(), {
    actorKind: by.kind,
    actorId: by.id,
    actorName: by.name,
    action: `${row.kind}.${row.state}`,
    subjectKind: 'operation',
    subjectId: row.id,
    outcome: succeeded ? 'done' : 'failed',
    detail: { title: row.title, dryRun: row.dry_run, error: row.error?.code ?? null },
  })
  await auditCancelled(trx, cancelled, row)
}

/** For the reaper: followers of an operation that ended badly while nobody looked after them. */
export async function cancelStranded(db: Kysely<Catalog>, predecessor: OperationRow): Promise<void> {
  await db.transaction().execute(async (trx) => auditCancelled(trx, await cancelFollowers(trx, predecessor), predecessor))
}

/** What waits for an operation that will not succeed is cancelled, with the reason, and so is what waits for that. */
async function cancelFollowers(trx: Transaction<Catalog>, predecessor: OperationRow): Promise<OperationRow[]> {
  const cancelled: OperationRow[] = []
  for (const follower of await listFollowers(trx, predecessor.id)) {
    const error = {
      code: 'cancelled',
      message: `"${predecessor.title}" ended ${predecessor.state}, and this had to wait for it.`,
      hint: predecessor.error?.message ?? '',
    }
    const row = await moveOperation(trx, follower.id, { from: ['queued'], to: 'cancelled', error })
    if (row === null) continue
    await appendEvent(trx, row.id, { kind: 'state', message: error.message, data: { state: 'cancelled' } })
    cancelled.push(row, ...(await cancelFollowers(trx, row)))
  }
  return cancelled
}

/** Apart from the cancelling itself: whoever holds the audit trail's lock must not wait for another operation's row. */
async function auditCancelled(trx: Transaction<Catalog>, cancelled: readonly OperationRow[], because: OperationRow): Promise<void> {
  for (const row of cancelled) {
    await appendAudit(trx, auditKey(), {
      actorKind: 'system',
      actorName: 'lifeboat',
      action: `${row.kind}.cancelled`,
      subjectKind: 'operation',
      subjectId: row.id,
      outcome: 'failed',
      detail: { title: row.title, because: because.id },
    })
  }
}
