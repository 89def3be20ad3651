import { listCopies } from '#lib/catalog/copies.ts'
import type { DatabaseRow } from '#lib/catalog/databases.ts'
import { systemActor } from '#lib/domain/actor.ts'
import { enqueueOperation } from '../enqueue.ts'
import type { RunContext } from '../run-context.ts'
import { verifyDefinition } from '../verify/definition.ts'
import { living, type Target } from './fan-out.ts'

/** Every backup is followed by a verify of each copy; it starts when the backup has succeeded. */
export async function enqueueVerify(
  context: RunContext,
  options: { backup: { id: string; name: string }; database: DatabaseRow; targets: readonly Target[]; keyId: string },
): Promise<void> {
  const stored = new Set(living(options.targets).map((target) => target.storageId))
  const copies = (await listCopies(context.catalog, options.backup.id)).filter((copy) => stored.has(copy.storage_id))
  await enqueueOperation(context.catalog, {
    definition: verifyDefinition,
    input: { backupId: options.backup.id, backupName: options.backup.name, copyIds: copies.map((copy) => copy.id) },
    requester: systemActor,
    via: 'chain',
    after: context.operationId,
    databaseId: options.database.id,
    backupId: options.backup.id,
    needs: { keyId: options.keyId, storageIds: await localStorageIds(context, [...stored]) },
  })
}

async function localStorageIds(context: RunContext, storageIds: string[]): Promise<string[]> {
  const rows = await context.catalog.selectFrom('storages').select('id').where('kind', '=', 'local').where('id', 'in', storageIds).execute()
  return rows.map((row) => row.id)
}
