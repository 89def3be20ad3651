import type { Kysely } from 'kysely'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { getDrift } from '#lib/catalog/storage-drift.ts'
import { getStorage } from '#lib/catalog/storages.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { type DriftAction, kindsOfAction } from '#lib/domain/drift.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import type { DriftKind } from '#lib/domain/states.ts'
import { enqueueOperation } from '../enqueue.ts'
import { reconcileDefinition } from './definition.ts'

export interface ReconcileRequest {
  storageId: string
  /** also create rows for backups that only the storage knows */
  adopt?: boolean
  /** only this, of what an earlier look found */
  remedy?: { action: 'adopt' | 'remove' | 'abort'; path: string }
  dryRun?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/** Throws `forbidden`, `not_found`, `conflict`. */
export async function requestReconcile(
  catalog: Kysely<Catalog>,
  actor: Actor,
  request: ReconcileRequest,
): Promise<{ id: string; existing: boolean }> {
  if (!allows(actor.role, 'storage.reconcile')) throw new LifeboatError('forbidden', reasonDenied('storage.reconcile'))
  const storage = await getStorage(catalog, request.storageId)
  if (storage === null || storage.removed_at !== null) throw new LifeboatError('not_found', 'There is no such storage.')
  return enqueueOperation(catalog, {
    definition: reconcileDefinition,
    input: {
      storageId: storage.id,
      storageName: storage.name,
      adopt: request.adopt ?? false,
      ...(request.remedy === undefined ? {} : { remedy: request.remedy }),
    },
    requester: actor,
    via: request.via,
    dryRun: request.dryRun ?? false,
    idempotencyKey: request.idempotencyKey ?? null,
    storageId: storage.id,
    needs: storage.kind === 'local' ? { storageIds: [storage.id] } : {},
  })
}

/**
 * Does something about what an earlier look found; only about that, and only what its kind allows. Repairing is a copy's own request.
 * Throws `forbidden`, `not_found` (nothing like it is on record), `usage` (the act is not for its kind), `conflict`.
 */
export async function requestRemedy(
  catalog: Kysely<Catalog>,
  actor: Actor,
  request: Pick<ReconcileRequest, 'storageId' | 'via' | 'idempotencyKey' | 'dryRun'> & {
    action: Exclude<DriftAction, 'repair'>
    kind: DriftKind
    path: string
  },
): Promise<{ id: string; existing: boolean }> {
  const { action, kind, path, ...rest } = request
  if (!allows(actor.role, 'storage.reconcile')) throw new LifeboatError('forbidden', reasonDenied('storage.reconcile'))
  if (kindsOfAction[action] !== kind)
    throw new LifeboatError('usage', `To ${action} is nothing that can be done about "${kind}".`, 'Nothing was changed.')
  if ((await getDrift(catalog, request.storageId, { kind, path })) === null)
    throw new LifeboatError(
      'not_found',
      `Nothing is on record about ${path}.`,
      'Nothing was changed. It may be gone: reconcile the storage and look again.',
    )
  return requestReconcile(catalog, actor, { ...rest, remedy: { action, path } })
}
