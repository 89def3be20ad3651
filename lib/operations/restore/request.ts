import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { getBackup } from '#lib/catalog/backups.ts'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { problemOfTargetName } from '#lib/domain/target-name.ts'
import { storageNeededToRead } from '../copy-needs.ts'
import { enqueueOperation } from '../enqueue.ts'
import { restoreDefinition, type restoreInput } from './definition.ts'

export interface RestoreRequest {
  backupId: string
  targetDbname: string
  /** a registered database whose server receives the new database; null: the source's own server */
  serverDatabaseId?: string | null
  force?: boolean
  missingRoles?: z.output<typeof restoreInput>['missingRoles']
  fingerprint?: z.output<typeof restoreInput>['fingerprint']
  dryRun?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/** Throws `forbidden`, `not_found` (also for what the actor may not see), `usage` (target's name), `missing` (no readable copy), `conflict`. */
export async function requestRestore(catalog: Kysely<Catalog>, actor: Actor, request: RestoreRequest): Promise<{ id: string; existing: boolean }> {
  const backup = await getBackup(catalog, request.backupId)
  if (backup === null || !maySee(actor, backup.database_id)) throw new LifeboatError('not_found', 'There is no such backup.')
  const input = restoreDefinition.input.parse({
    scope: 'full',
    backupId: backup.id,
    backupName: backup.name,
    serverDatabaseId: request.serverDatabaseId === backup.database_id ? null : (request.serverDatabaseId ?? null),
    targetDbname: request.targetDbname,
    force: request.force ?? false,
    missingRoles: request.missingRoles ?? 'refuse',
    fingerprint: request.fingerprint ?? null,
  })
  const permission = request.dryRun ? 'restore.plan' : restoreDefinition.permission(input)
  if (!allows(actor.role, permission)) throw new LifeboatError('forbidden', reasonDenied(permission))

  const source = await getDatabase(catalog, backup.database_id)
  const server =
    input.serverDatabaseId === null ? source : maySee(actor, input.serverDatabaseId) ? await getDatabase(catalog, input.serverDatabaseId) : null
  if (server === null) throw new LifeboatError('not_found', 'The target’s server is not registered.', 'Add a database on that server first.')
  const problem = problemOfTargetName(input.targetDbname, server.dbname)
  if (problem !== null) throw new LifeboatError('usage', problem, 'Nothing was enqueued.')
  const needed = await storageNeededToRead(catalog, backup.id)
  if (needed === null)
    throw new LifeboatError('missing', `No copy of ${backup.name} can be read.`, 'Choose another backup, or verify this one again.')

  return enqueueOperation(catalog, {
    definition: restoreDefinition,
    input,
    requester: actor,
    via: request.via,
    dryRun: request.dryRun ?? false,
    idempotencyKey: request.idempotencyKey ?? null,
    databaseId: backup.database_id,
    backupId: backup.id,
    needs: {
      ...needed,
      ...(backup.key_id === null ? {} : { keyId: backup.key_id }),
      ...(server.server_version_num === null ? {} : { serverMajor: Math.floor(server.server_version_num / 10_000) }),
    },
  })
}
