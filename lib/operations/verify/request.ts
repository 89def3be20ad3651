import type { Kysely } from 'kysely'
import { getBackup } from '#lib/catalog/backups.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { localStoragesOf } from '../copy-needs.ts'
import { enqueueOperation } from '../enqueue.ts'
import { verifyDefinition } from './definition.ts'

export interface VerifyRequest {
  backupId: string
  /** absent: every copy */
  copyIds?: readonly string[]
  /** of the verification cycle, on this storage */
  cycleOf?: string
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/** Throws `forbidden`, `not_found` (also for what the actor may not see). */
export async function requestVerify(catalog: Kysely<Catalog>, actor: Actor, request: VerifyRequest): Promise<{ id: string; existing: boolean }> {
  if (!allows(actor.role, 'backup.verify')) throw new LifeboatError('forbidden', reasonDenied('backup.verify'))
  const backup = await getBackup(catalog, request.backupId)
  if (backup === null || !maySee(actor, backup.database_id)) throw new LifeboatError('not_found', 'There is no such backup.')
  return enqueueOperation(catalog, {
    definition: verifyDefinition,
    input: {
      backupId: backup.id,
      backupName: backup.name,
      ...(request.copyIds === undefined ? {} : { copyIds: [...request.copyIds] }),
      ...(request.cycleOf === undefined ? {} : { paced: true }),
    },
    requester: actor,
    via: request.via,
    idempotencyKey: request.idempotencyKey ?? null,
    databaseId: backup.database_id,
    backupId: backup.id,
    storageId: request.cycleOf ?? null,
    // no key is asked for: that no worker has it is a verdict too
    needs: { storageIds: await localStoragesOf(catalog, backup.id, request.copyIds) },
  })
}
