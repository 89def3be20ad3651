import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { getStorage } from '#lib/catalog/storages.ts'
import { readHeartbeatSettings } from '#lib/catalog/watch-settings.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import type { Needs } from '../definition.ts'
import { enqueueOperation } from '../enqueue.ts'
import { checkDefinition, type checkInput } from './definition.ts'

export interface CheckRequest {
  input: z.input<typeof checkInput>
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/** Throws `forbidden`, `not_found` (also for a database that the actor may not see). */
export async function requestCheck(catalog: Kysely<Catalog>, actor: Actor, request: CheckRequest): Promise<{ id: string; existing: boolean }> {
  const input = checkDefinition.input.parse(request.input)
  const permission = checkDefinition.permission(input)
  if (!allows(actor.role, permission)) throw new LifeboatError('forbidden', reasonDenied(permission))
  return enqueueOperation(catalog, {
    definition: checkDefinition,
    requester: actor,
    via: request.via,
    idempotencyKey: request.idempotencyKey ?? null,
    ...(await subjectOf(catalog, actor, input)),
  })
}

async function subjectOf(
  catalog: Kysely<Catalog>,
  actor: Actor,
  input: z.output<typeof checkInput>,
): Promise<{ input: z.output<typeof checkInput>; databaseId?: string; storageId?: string; needs?: Needs }> {
  if (input.of === 'database') {
    const database = maySee(actor, input.databaseId) ? await getDatabase(catalog, input.databaseId) : null
    if (database === null || database.removed_at !== null) throw new LifeboatError('not_found', 'There is no such database.')
    return { input: { ...input, name: database.name }, databaseId: database.id }
  }
  if (input.of === 'storage') {
    const storage = await getStorage(catalog, input.storageId)
    if (storage === null || storage.removed_at !== null) throw new LifeboatError('not_found', 'There is no such storage.')
    // no needs: that no worker reaches a local storage is an answer too
    return { input: { ...input, name: storage.name }, storageId: storage.id }
  }
  if (input.of === 'channel') {
    const channel = await catalog
      .selectFrom('channels')
      .select('name')
      .where('id', '=', input.channelId)
      .where('removed_at', 'is', null)
      .executeTakeFirst()
    if (channel === undefined) throw new LifeboatError('not_found', 'There is no such channel.')
    return { input: { ...input, name: channel.name } }
  }
  if (input.of === 'heartbeat' && (await readHeartbeatSettings(catalog)).urlSealed === null) {
    throw new LifeboatError('not_found', 'No service is set up that would hear of it.')
  }
  return { input }
}
