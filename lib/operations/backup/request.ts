import type { Kysely } from 'kysely'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages } from '#lib/catalog/storages.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import type { Tier } from '#lib/domain/states.ts'
import { enqueueOperation } from '../enqueue.ts'
import { backupDefinition } from './definition.ts'

export interface BackupRequest {
  databaseId: string
  tier?: Tier
  /** absent or empty: every registered storage */
  storageIds?: readonly string[]
  dryRun?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/** Throws `forbidden`, `not_found` (also for what the actor may not see), `usage` (no storage at all), `conflict` (one is running). */
export async function requestBackup(catalog: Kysely<Catalog>, actor: Actor, request: BackupRequest): Promise<{ id: string; existing: boolean }> {
  if (!allows(actor.role, 'backup.run')) throw new LifeboatError('forbidden', reasonDenied('backup.run'))
  const database = maySee(actor, request.databaseId) ? await getDatabase(catalog, request.databaseId) : null
  if (database === null || database.removed_at !== null) throw new LifeboatError('not_found', 'There is no such database.')

  const registered = await listStorages(catalog)
  const wanted = new Set(request.storageIds ?? [])
  const storages = wanted.size === 0 ? registered : registered.filter((storage) => wanted.has(storage.id))
  if (storages.length < wanted.size)
    throw new LifeboatError('not_found', 'One of the storages is not registered.', 'List the storages and choose again.')
  if (storages.length === 0) throw new LifeboatError('usage', 'There is no storage to keep a backup on.', 'Add a storage first.')

  return enqueueOperation(catalog, {
    definition: backupDefinition,
    input: {
      databaseId: database.id,
      databaseName: database.name,
      tier: request.tier ?? 'manual',
      storageIds: storages.map((storage) => storage.id),
    },
    requester: actor,
    via: request.via,
    dryRun: request.dryRun ?? false,
    idempotencyKey: request.idempotencyKey ?? null,
    databaseId: database.id,
    needs: {
      storageIds: storages.filter((storage) => storage.kind === 'local').map((storage) => storage.id),
      ...(database.server_version_num === null ? {} : { serverMajor: Math.floor(database.server_version_num / 10_000) }),
    },
  })
}
