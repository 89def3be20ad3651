import type { Transaction } from 'kysely'
import { z } from 'zod'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { enqueueOperation } from './enqueue.ts'
import { verifyDefinition } from './verify/definition.ts'

const backupResult = z.object({ backup: z.object({ id: z.uuid(), name: z.string() }) })

/** What follows a success, enqueued in the transaction that records it: every backup is verified. */
export async function followUp(trx: Transaction<Catalog>, operation: OperationRow): Promise<void> {
  if (operation.kind !== 'backup' || operation.dry_run) return
  const made = backupResult.safeParse(operation.result)
  if (!made.success) return
  const { id, name } = made.data.backup
  await enqueueOperation(trx, {
    definition: verifyDefinition,
    input: { backupId: id, backupName: name },
    requester: systemActor,
    via: 'chain',
    after: operation.id,
    databaseId: operation.database_id,
    backupId: id,
    // whoever made it has what reading it needs
    needs: operation.needs,
  })
}
