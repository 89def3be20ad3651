import type { Kysely } from 'kysely'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import type { CloneRequestInput } from '#lib/domain/clone-input.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { assertNotOwnCatalogue } from '#lib/domain/own-catalogue.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { problemOfTargetName } from '#lib/domain/target-name.ts'
import { enqueueOperation } from '../enqueue.ts'
import { cloneDefinition } from './definition.ts'

export interface CloneRequest extends Omit<CloneRequestInput, 'dryRun'> {
  dryRun?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

/**
 * Needs no storage and no backup. Throws `forbidden`, `not_found` (also for what the actor may not see), `usage` (target's name),
 * `conflict` (a restore or clone into that name is under way).
 */
export async function requestClone(catalog: Kysely<Catalog>, actor: Actor, request: CloneRequest): Promise<{ id: string; existing: boolean }> {
  const seen = async (id: string) => {
    const row = maySee(actor, id) ? await getDatabase(catalog, id) : null
    return row === null || row.removed_at !== null ? null : row
  }
  const source = await seen(request.databaseId)
  if (source === null) throw new LifeboatError('not_found', 'There is no such database.')
  const elsewhere = request.serverDatabaseId === source.id ? null : (request.serverDatabaseId ?? null)
  const server = elsewhere === null ? source : await seen(elsewhere)
  const input = cloneDefinition.input.parse({
    databaseId: source.id,
    databaseName: source.name,
    serverDatabaseId: elsewhere,
    targetDbname: request.targetDbname,
    missingRoles: request.missingRoles,
    roleMap: request.roleMap,
    jobs: request.jobs,
    force: request.force,
    fingerprint: request.fingerprint,
  })
  const permission = request.dryRun ? 'restore.plan' : cloneDefinition.permission(input)
  if (!allows(actor.role, permission)) throw new LifeboatError('forbidden', reasonDenied(permission))
  if (server === null) throw new LifeboatError('not_found', 'The target’s server is not registered.', 'Add a database on that server first.')
  assertNotOwnCatalogue(actor, { source, server, overwrites: false })
  const problem = problemOfTargetName(input.targetDbname, server.dbname)
  if (problem !== null) throw new LifeboatError('usage', problem, 'Nothing was enqueued.')

  const majors = [source, server].flatMap((one) => (one.server_version_num === null ? [] : [Math.floor(one.server_version_num / 10_000)]))
  return enqueueOperation(catalog, {
    definition: cloneDefinition,
    input,
    requester: actor,
    via: request.via,
    dryRun: request.dryRun ?? false,
    idempotencyKey: request.idempotencyKey ?? null,
    databaseId: source.id,
    needs: majors.length === 0 ? {} : { serverMajor: Math.max(...majors) },
  })
}
