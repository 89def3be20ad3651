import { needsApproval } from '#lib/catalog/approvals.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { RunContext } from '../run-context.ts'

/**
 * Asked again where the work is done: a row that came into the queue by another way than the request overwrites nothing either.
 * Throws `refused`, before anything was touched.
 */
export async function requireApproved(context: Pick<RunContext, 'catalog' | 'operationId'>): Promise<void> {
  const operation = await getOperation(context.catalog, context.operationId)
  if (operation === null) throw new LifeboatError('interrupted', 'This operation is gone.')
  const own =
    operation.approved_name === operation.requested_name || (operation.approved_by !== null && operation.approved_by === operation.requested_by)
  if (operation.approval === 'given' && !own) return
  if (operation.approval === null && !(await needsApproval(context.catalog))) return
  throw new LifeboatError(
    'refused',
    'This restore overwrites, and no second person has approved it.',
    'Nothing was touched. Ask for it again, and let another admin approve it.',
  )
}
