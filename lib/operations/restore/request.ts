import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { needsApproval } from '#lib/catalog/approvals.ts'
import { type BackupRow, getBackup } from '#lib/catalog/backups.ts'
import { getDatabase } from '#lib/catalog/databases.ts'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { type Actor, maySee } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { assertNotOwnCatalogue } from '#lib/domain/own-catalogue.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import type { targetFingerprint } from '#lib/domain/plan.ts'
import { problemOfTargetName } from '#lib/domain/target-name.ts'
import { storageNeededToRead } from '../copy-needs.ts'
import { enqueueOperation } from '../enqueue.ts'
import { enqueueBehindSafety } from '../safety.ts'
import { type FullRestore, overwrites, type RestoreInput, restoreDefinition, type TableRestore } from './definition.ts'

interface Shared {
  backupId: string
  /** a registered database: on its server a new one is made, or it is itself written into; null: the backup's own */
  serverDatabaseId?: string | null
  force?: boolean
  missingRoles?: FullRestore['missingRoles']
  roleMap?: Record<string, string>
  fingerprint?: z.input<typeof targetFingerprint> | null
  /** the target's name as a person typed it; asked for where something is overwritten, not for a dry run */
  confirmation?: string
  dryRun?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}
export interface FullRequest extends Shared {
  scope?: 'full'
  way?: FullRestore['way']
  /** of a new database; the other ways write into a registered one */
  targetDbname?: string
  undoHours?: number
  dropDependents?: boolean
}
export interface TableRequest extends Shared {
  scope: 'table'
  way?: TableRestore['way']
  schema: string
  table: string
  rows?: TableRestore['rows']
}
export type RestoreRequest = FullRequest | TableRequest

/**
 * Throws `forbidden`, `not_found` (also for what the actor may not see, and for a table that the backup has not), `usage` (target's name, a
 * confirmation that is not the target's name), `missing` (no readable copy), `conflict`.
 */
export async function requestRestore(catalog: Kysely<Catalog>, actor: Actor, request: RestoreRequest): Promise<{ id: string; existing: boolean }> {
  const backup = await getBackup(catalog, request.backupId)
  if (backup === null || !maySee(actor, backup.database_id)) throw new LifeboatError('not_found', 'There is no such backup.')
  const source = await getDatabase(catalog, backup.database_id)
  const elsewhere = request.serverDatabaseId === backup.database_id ? null : (request.serverDatabaseId ?? null)
  const server = elsewhere === null ? source : maySee(actor, elsewhere) ? await getDatabase(catalog, elsewhere) : null
  const input = inputOf(request, { backup, elsewhere, dbname: server?.dbname ?? '' })
  const permission = request.dryRun ? 'restore.plan' : restoreDefinition.permission(input)
  if (!allows(actor.role, permission)) throw new LifeboatError('forbidden', reasonDenied(permission))
  if (server === null) throw new LifeboatError('not_found', 'The target’s server is not registered.', 'Add a database on that server first.')
  assertNotOwnCatalogue(actor, { source, server, overwrites: overwrites(input) || input.scope === 'table' })

  if (input.scope === 'table') await assertTable(catalog, backup, input)
  else if (input.way === 'new') assertName(input.targetDbname)
  if (overwrites(input) && !request.dryRun) assertConfirmed(request.confirmation, input.targetDbname)
  const needed = await storageNeededToRead(catalog, backup.id)
  if (needed === null)
    throw new LifeboatError('missing', `No copy of ${backup.name} can be read.`, 'Choose another backup, or verify this one again.')

  const { idempotencyKey = null } = request
  const restore = {
    definition: restoreDefinition,
    via: request.via,
    databaseId: backup.database_id,
    backupId: backup.id,
    needsApproval: overwrites(input) && (await needsApproval(catalog)),
    needs: {
      ...needed,
      ...(backup.key_id === null ? {} : { keyId: backup.key_id }),
      ...(server.server_version_num === null ? {} : { serverMajor: Math.floor(server.server_version_num / 10_000) }),
    },
  }
  if (!overwrites(input) || request.dryRun) {
    return enqueueOperation(catalog, { ...restore, input, requester: actor, idempotencyKey, dryRun: request.dryRun ?? false })
  }
  return enqueueBehindSafety(catalog, {
    databaseId: server.id,
    requester: actor,
    idempotencyKey,
    restore: (safety) => ({ ...restore, input: { ...input, safety } }),
  })
}

function inputOf(request: RestoreRequest, known: { backup: BackupRow; elsewhere: string | null; dbname: string }): RestoreInput {
  const shared = {
    backupId: known.backup.id,
    backupName: known.backup.name,
    sourceDatabaseId: known.backup.database_id,
    serverDatabaseId: known.elsewhere,
    force: request.force ?? false,
    missingRoles: request.missingRoles ?? 'refuse',
    roleMap: request.roleMap ?? {},
    fingerprint: request.fingerprint ?? null,
  }
  if (request.scope === 'table') {
    const { schema, table, way = 'beside', rows = 'all' } = request
    return restoreDefinition.input.parse({ ...shared, scope: 'table', way, schema, table, rows, targetDbname: known.dbname })
  }
  const { way = 'new', undoHours, dropDependents } = request
  return restoreDefinition.input.parse({
    ...shared,
    scope: 'full',
    way,
    targetDbname: way === 'new' ? request.targetDbname : known.dbname,
    ...(undoHours === undefined ? {} : { undoHours }),
    ...(dropDependents === undefined ? {} : { dropDependents }),
  })
}

async function assertTable(catalog: Kysely<Catalog>, backup: BackupRow, { schema, table, way }: TableRestore): Promise<void> {
  const found = await catalog
    .selectFrom('backup_tables')
    .select('ordinal')
    .where('backup_id', '=', backup.id)
    .where('kind', '=', 'table')
    .where('schema', '=', schema)
    .where('name', '=', table)
    .executeTakeFirst()
  // a partitioned table has no rows of its own, and so stands in no list: beside, the run finds it in the table of contents, or says that it is not there
  if (found === undefined && way === 'replace')
    throw new LifeboatError('not_found', `${backup.name} holds no rows of a table ${schema}.${table}.`, 'Look at the list of its tables.')
}

function assertName(targetDbname: string): void {
  // the name of the database itself is the right one where that is gone; where it is there, the plan blocks
  const problem = problemOfTargetName(targetDbname, null)
  if (problem !== null) throw new LifeboatError('usage', problem, 'Nothing was enqueued.')
}

function assertConfirmed(typed: string | undefined, targetDbname: string): void {
  if (typed === targetDbname) return
  throw new LifeboatError(
    'usage',
    typed === undefined ? 'This restore overwrites, and nobody has confirmed it.' : 'What was typed is not the name of the target.',
    `Nothing was enqueued. Confirm by typing the target’s name: ${targetDbname}.`,
  )
}
