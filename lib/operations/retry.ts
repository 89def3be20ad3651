import type { Transaction } from 'kysely'
import { appendEvent } from '#lib/catalog/events.ts'
import { countAttempts, insertOperation, type OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { ErrorCode } from '#lib/domain/errors.ts'
import { ring } from '#lib/queue/ring.ts'
import { definitions } from './definitions.ts'

/** Causes that may have gone when one looks again. A refusal, a damaged backup or a missing tool stays as it is. */
const passing: ReadonlySet<string> = new Set<ErrorCode>([
  'failed',
  'interrupted',
  'unavailable',
  'unreachable',
  'too_many_connections',
  'stalled',
  'storage_unreachable',
  'tool_failed',
])

/**
 * Queues an operation again after it failed or was interrupted, as a new row that names the old one, when its kind allows
 * another attempt. What waited for the old one now waits for the new one. Restores, clones and drills have one attempt,
 * so they are never started by themselves. null: no retry.
 */
export async function retryOperation(trx: Transaction<Catalog>, ended: OperationRow): Promise<OperationRow | null> {
  if (ended.state !== 'failed' && ended.state !== 'interrupted') return null
  if (ended.cancel_requested_at !== null || ended.dry_run || !passing.has(ended.error?.code ?? '')) return null
  if ((await countAttempts(trx, ended.id)) >= definitions[ended.kind].attempts) return null
  const retry = await insertOperation(trx, {
    kind: ended.kind,
    dryRun: false,
    title: ended.title,
    input: ended.input,
    needs: ended.needs,
    databaseId: ended.database_id,
    storageId: ended.storage_id,
    backupId: ended.backup_id,
    targetKey: ended.target_key,
    requestedBy: ended.requested_by,
    requestedName: ended.requested_name,
    requestedVia: 'system',
    idempotencyKey: null,
    after: null,
    needsApproval: false,
    retryOf: ended.id,
  })
  // someone asked again first: their operation holds the target
  if (retry === null) return null
  await trx.updateTable('operations').set({ after: retry.id }).where('after', '=', ended.id).where('state', '=', 'queued').execute()
  await appendEvent(trx, retry.id, {
    kind: 'state',
    message: 'queued again after a failed attempt',
    data: { state: 'queued', needsApproval: false, retryOf: ended.id },
  })
  await ring(trx, [retry.id])
  return retry
}
