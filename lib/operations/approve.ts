import type { Kysely, Transaction } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { writeApproval } from '#lib/catalog/approvals.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import { getOperation, lockOperation, moveOperation, type OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { ring } from '#lib/queue/ring.ts'
import { settle } from './finish.ts'

/**
 * A second person's word on an operation that waits for it: given, it may be claimed; refused, it is cancelled. Never the word of whoever
 * asked for it. Throws `not_found`, `forbidden`, `refused` (it waits for none, or it is one's own).
 */
export async function decideApproval(
  db: Kysely<Catalog>,
  actor: Actor,
  operationId: string,
  approval: 'given' | 'refused',
): Promise<{ id: string; approval: 'given' | 'refused' }> {
  if (!allows(actor.role, 'restore.approve')) throw new LifeboatError('forbidden', reasonDenied('restore.approve'))
  return db.transaction().execute(async (trx) => {
    const operation = await lockOperation(trx, operationId)
    if (operation === null || (operation.database_id !== null && !maySee(actor, operation.database_id))) {
      throw new LifeboatError('not_found', 'There is no such operation.')
    }
    if (isOwn(operation, actor)) {
      throw new LifeboatError('refused', 'Whoever asked for a restore cannot approve it.', 'Ask another admin.')
    }
    const row = await writeApproval(trx, operationId, { approval, by: actor.id, name: actor.name })
    if (row === null) throw new LifeboatError('refused', 'This operation waits for no approval.', `It is ${operation.state}.`)
    await appendEvent(trx, row.id, { kind: 'log', message: approval === 'given' ? `${actor.name} approved it` : `${actor.name} refused it` })
    await (approval === 'given' ? ringIfReady(trx, row) : cancel(trx, row, actor))
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'operation.approval',
      subjectKind: 'operation',
      subjectId: row.id,
      outcome: 'done',
      detail: { title: row.title, approval, requestedBy: row.requested_name },
    })
    return { id: row.id, approval }
  })
}

/** By id where both have one; the CLI has none, and is told apart by its name. */
export function isOwn(operation: Pick<OperationRow, 'requested_by' | 'requested_name'>, actor: Pick<Actor, 'id' | 'name'>): boolean {
  return (operation.requested_by !== null && operation.requested_by === actor.id) || operation.requested_name === actor.name
}

async function ringIfReady(trx: Transaction<Catalog>, row: OperationRow): Promise<void> {
  const waitsFor = row.after === null ? null : await getOperation(trx, row.after)
  if (waitsFor === null || waitsFor.state === 'succeeded' || waitsFor.state === 'succeeded_with_findings') await ring(trx, [row.id])
}

async function cancel(trx: Transaction<Catalog>, row: OperationRow, actor: Actor): Promise<void> {
  const error = { code: 'cancelled', message: `${actor.name} refused it.`, hint: 'Nothing was touched.' }
  const ended = await moveOperation(trx, row.id, { from: ['queued'], to: 'cancelled', error, cancelledBy: actor.name })
  if (ended !== null) await settle(trx, ended, actor)
}
