import type { Kysely } from 'kysely'
import type { OperationRow } from '#lib/catalog/operations.ts'
import { getStorage } from '#lib/catalog/storages.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { enqueueOperation } from '../enqueue.ts'
import { pruneDefinition } from './definition.ts'

export interface PruneRequest {
  storageId: string
  /** null: of every database that the actor may see */
  databaseId: string | null
  dryRun: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/** Throws `forbidden` (also for whoever does not see every database and names none), `not_found`, `conflict` (it is being pruned). */
export async function requestPrune(catalog: Kysely<Catalog>, actor: Actor, request: PruneRequest): Promise<{ id: string; existing: boolean }> {
  if (!allows(actor.role, 'prune.run')) throw new LifeboatError('forbidden', reasonDenied('prune.run'))
  const { databaseId } = request
  if (databaseId === null && actor.databaseIds !== null) {
    throw new LifeboatError('forbidden', 'This prunes databases that you may not see.', 'Name the database.')
  }
  if (databaseId !== null && !maySee(actor, databaseId)) throw new LifeboatError('not_found', 'There is no such database.')
  const storage = await getStorage(catalog, request.storageId)
  if (storage === null || storage.removed_at !== null) throw new LifeboatError('not_found', 'There is no such storage.')
  return enqueueOperation(catalog, {
    definition: pruneDefinition,
    input: { storageId: storage.id, storageName: storage.name, databaseId },
    requester: actor,
    via: request.via,
    dryRun: request.dryRun,
    idempotencyKey: request.idempotencyKey ?? null,
    storageId: storage.id,
    databaseId,
    needs: storage.kind === 'local' ? { storageIds: [storage.id] } : {},
  })
}
