import type { Transaction } from 'kysely'
import { z } from 'zod'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { copyDefinition } from './copy/definition.ts'
import { enqueueOperation } from './enqueue.ts'
import { reconcileDefinition } from './reconcile/definition.ts'
import { moveBehindVerify } from './safety.ts'
import { verifyDefinition } from './verify/definition.ts'

const copyResult = z.object({ copy: z.object({ id: z.uuid(), did: z.string(), verified: z.boolean() }) })
const backupResult = z.object({ backup: z.object({ id: z.uuid(), name: z.string() }) })

/** What follows a success, enqueued in the transaction that records it: every backup is verified, and what waits for a safety backup waits for that. */
export async function followUp(trx: Transaction<Catalog>, operation: OperationRow): Promise<void> {
  if (operation.kind === 'copy') return verifyCopied(trx, operation)
  if ((operation.kind !== 'backup' && operation.kind !== 'import') || operation.dry_run) return
  const made = backupResult.safeParse(operation.result)
  if (!made.success) return
  const { id, name } = made.data.backup
  // whoever made it has its key and reaches its storages; reading takes no client tools
  const { serverMajor: _tools, workerId: _process, ...needs } = operation.needs
  const verify = await enqueueOperation(trx, {
    definition: verifyDefinition,
    input: { backupId: id, backupName: name },
    requester: systemActor,
    via: 'chain',
    after: operation.id,
    databaseId: operation.database_id,
    backupId: id,
    needs,
  })
  await moveBehindVerify(trx, operation, verify.id)
}

/** A copy that was made is read back, alone; a move has done so itself. */
async function verifyCopied(trx: Transaction<Catalog>, operation: OperationRow): Promise<void> {
  const made = copyResult.safeParse(operation.result)
  const input = copyDefinition.input.safeParse(operation.input)
  if (!made.success || !input.success || made.data.copy.verified || made.data.copy.did === 'nothing') return
  await enqueueOperation(trx, {
    definition: verifyDefinition,
    input: { backupId: input.data.backupId, backupName: input.data.backupName, copyIds: [made.data.copy.id] },
    requester: systemActor,
    via: 'chain',
    after: operation.id,
    databaseId: operation.database_id,
    backupId: input.data.backupId,
    needs: { storageIds: (operation.needs.storageIds ?? []).filter((id) => id === input.data.storageId) },
  })
}

/**
 * What follows a backup whose worker died: each of its storages is reconciled, so that what it left is adopted or removed
 * and no copy stays "storing" for ever. A reconcile that is open already does the same.
 */
export async function followInterruption(trx: Transaction<Catalog>, operation: OperationRow): Promise<void> {
  if ((operation.kind !== 'backup' && operation.kind !== 'import') || operation.dry_run) return
  const input = z.object({ storageIds: z.array(z.uuid()).min(1) }).safeParse(operation.input)
  if (!input.success) return
  const storages = await trx
    .selectFrom('storages')
    .select(['id', 'name', 'kind'])
    .where('id', 'in', input.data.storageIds)
    .where('removed_at', 'is', null)
    // one that may be absent is reconciled when it is back
    .where('medium', '=', 'online')
    .execute()
  for (const storage of storages) {
    try {
      await enqueueOperation(trx, {
        definition: reconcileDefinition,
        input: { storageId: storage.id, storageName: storage.name },
        requester: systemActor,
        via: 'chain',
        storageId: storage.id,
        needs: storage.kind === 'local' ? { storageIds: [storage.id] } : {},
      })
    } catch (error) {
      if (!(error instanceof LifeboatError && error.code === 'conflict')) throw error
    }
  }
}
