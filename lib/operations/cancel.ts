import type { Kysely } from 'kysely'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import { lockOperation, moveOperation } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { isFinished, type OperationState } from '#lib/domain/states.ts'
import { settle } from './finish.ts'

/**
 * Asks for an operation's end: a queued one is cancelled at once, a running one is `cancelling` until its worker has cleaned up.
 * Asking twice is fine. Throws `not_found`, `forbidden`, and `refused` for one that has ended.
 */
export async function requestCancel(db: Kysely<Catalog>, actor: Actor, operationId: string): Promise<{ state: OperationState }> {
  if (!allows(actor.role, 'operation.cancel')) throw new LifeboatError('forbidden', reasonDenied('operation.cancel'))
  return db.transaction().execute(async (trx) => {
    const operation = await lockOperation(trx, operationId)
    if (operation === null || (operation.database_id !== null && !maySee(actor, operation.database_id))) {
      throw new LifeboatError('not_found', 'There is no such operation.')
    }
    if (isFinished(operation.state)) throw new LifeboatError('refused', `The operation has ended (${operation.state}).`)
    if (operation.state === 'cancelling') return { state: operation.state }

    const to = operation.state === 'queued' ? 'cancelled' : 'cancelling'
    const error = { code: 'cancelled', message: `Cancelled by ${actor.name}.`, hint: '' }
    const row = await moveOperation(trx, operationId, {
      from: [operation.state],
      to,
      cancelledBy: actor.name,
      ...(to === 'cancelled' ? { error } : {}),
    })
    if (row === null) throw new Error('a locked operation changed its state')
    if (to === 'cancelled') await settle(trx, row, actor)
    else await appendEvent(trx, row.id, { kind: 'state', message: `${actor.name} asked for its end`, data: { state: to } })
    await appendAudit(trx, auditKey(), {
      ...auditActor(actor),
      action: 'operation.cancel',
      subjectKind: 'operation',
      subjectId: operationId,
      outcome: to === 'cancelled' ? 'done' : 'attempted',
      detail: { title: operation.title },
    })
    return { state: to }
  })
}
