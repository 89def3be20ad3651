import type { Kysely } from 'kysely'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import type { Tier } from '#lib/domain/states.ts'
import { enqueueOperation } from '../enqueue.ts'
import { directoriesNeeded, storagesFor } from '../storages-for.ts'
import { backupDefinition } from './definition.ts'

export interface BackupRequest {
  databaseId: string
  tier?: Tier
  /** absent or empty: every storage that the database may use */
  storageIds?: readonly string[]
  dryRun?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/** Throws `forbidden`, `not_found` (also for what the actor may not see), `usage` (no storage at all), `refused` (copies may not lie there), `conflict` (one is running). */
export async function requestBackup(catalog: Kysely<Catalog>, actor: Actor, request: BackupRequest): Promise<{ id: string; existing: boolean }> {
  if (!allows(actor.role, 'backup.run')) throw new LifeboatError('forbidden', reasonDenied('backup.run'))
  const database = maySee(actor, request.databaseId) ? await getDatabase(catalog, request.databaseId) : null
  if (database === null || database.removed_at !== null) throw new LifeboatError('not_found', 'There is no such database.')

  const storages = await storagesFor(catalog, database, request.storageIds, { leaveToRun: request.via === 'scheduler' })
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
      storageIds: directoriesNeeded(storages),
      ...(database.server_version_num === null ? {} : { serverMajor: Math.floor(database.server_version_num / 10_000) }),
    },
  })
}
