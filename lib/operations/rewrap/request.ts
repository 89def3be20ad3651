import type { Kysely } from 'kysely'
import { currentKey } from '#lib/catalog/keys.ts'
import { storagesToRewrap } from '#lib/catalog/rewrapping.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages, type StorageRow } from '#lib/catalog/storages.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { enqueueOperation } from '../enqueue.ts'
import { rewrapDefinition } from './definition.ts'

export interface RewrapRequest {
  /** absent: every storage */
  storageId?: string
  forgetOld?: boolean
  /** only storages with a copy that a key in use does not open yet */
  whereNeeded?: boolean
  dryRun?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

export interface RewrapRequested {
  operations: { id: string; storage: string; existing: boolean }[]
  /** storages that cannot be reached now; the daily round asks again when they are back */
  skipped: { storage: string; reason: string }[]
}

/** One operation for each storage. Throws `forbidden`, `not_found`, and `conflict` where the one storage that is named is at it already. */
export async function requestRewrap(catalog: Kysely<Catalog>, actor: Actor, request: RewrapRequest): Promise<RewrapRequested> {
  if (!allows(actor.role, 'key.manage')) throw new LifeboatError('forbidden', reasonDenied('key.manage'))
  const found = (await listStorages(catalog)).filter((one) => request.storageId === undefined || one.id === request.storageId)
  if (request.storageId !== undefined && found.length === 0) throw new LifeboatError('not_found', 'There is no such storage.')
  const needed = request.whereNeeded ? new Set((await storagesToRewrap(catalog)).map((one) => one.storage_id)) : null
  const storages = found.filter((one) => needed === null || needed.has(one.id))
  const workers = await listLiveWorkers(catalog)
  const newest = await currentKey(catalog, 'active')
  const requested: RewrapRequested = { operations: [], skipped: [] }
  for (const storage of storages) {
    if (storage.kind === 'local' && workers.length > 0 && !workers.some((worker) => worker.storage_ids.includes(storage.id))) {
      requested.skipped.push({ storage: storage.name, reason: 'No live worker reaches it. Its keys are sealed anew when it is back.' })
      continue
    }
    try {
      requested.operations.push(await enqueueOne(catalog, actor, { request, storage, keyId: newest?.id ?? null }))
    } catch (error) {
      if (request.storageId !== undefined || !(error instanceof LifeboatError && error.code === 'conflict')) throw error
      requested.skipped.push({ storage: storage.name, reason: error.message })
    }
  }
  return requested
}

async function enqueueOne(
  catalog: Kysely<Catalog>,
  actor: Actor,
  { request, storage, keyId }: { request: RewrapRequest; storage: StorageRow; keyId: string | null },
): Promise<RewrapRequested['operations'][number]> {
  const { idempotencyKey } = request
  const enqueued = await enqueueOperation(catalog, {
    definition: rewrapDefinition,
    input: { storageId: storage.id, storageName: storage.name, forgetOld: request.forgetOld ?? false },
    requester: actor,
    via: request.via,
    dryRun: request.dryRun ?? false,
    idempotencyKey: idempotencyKey ? `${idempotencyKey}:${storage.id}` : null,
    storageId: storage.id,
    needs: { ...(keyId === null ? {} : { keyId }), ...(storage.kind === 'local' ? { storageIds: [storage.id] } : {}) },
  })
  return { ...enqueued, storage: storage.name }
}
