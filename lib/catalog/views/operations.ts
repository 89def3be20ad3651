import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { operationKinds } from '#lib/domain/kinds.ts'
import { operationStates } from '#lib/domain/states.ts'
import type { OperationDetail, OperationEvent, OperationView, Page } from '#lib/domain/views.ts'
import { afterCursor, cursorTime, pageOf } from './cursor.ts'
import { isUuid, iso, notFound, operationSeenBy } from './scope.ts'

export const operationFilters = z.object({
  kind: z.enum(operationKinds).optional(),
  state: z.enum(operationStates).optional(),
  /** queued, running or cancelling */
  open: z.enum(['true', 'false']).optional(),
  databaseId: z.uuid().optional(),
  backupId: z.uuid().optional(),
  storageId: z.uuid().optional(),
  dryRun: z.enum(['true', 'false']).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
})
export type OperationFilters = z.input<typeof operationFilters>

/** Newest first. */
export async function listOperations(catalog: Kysely<Catalog>, actor: Actor, filters: OperationFilters = {}): Promise<Page<OperationView>> {
  const { limit, cursor, ...by } = operationFilters.parse(filters)
  let query = selectOperations(catalog).where(operationSeenBy(actor)).where(afterCursor(cursor, 'operations'))
  if (by.kind !== undefined) query = query.where('operations.kind', '=', by.kind)
  if (by.state !== undefined) query = query.where('operations.state', '=', by.state)
  if (by.open !== undefined) query = query.where('operations.state', by.open === 'true' ? 'in' : 'not in', ['queued', 'running', 'cancelling'])
  if (by.databaseId !== undefined) query = query.where('operations.database_id', '=', by.databaseId)
  if (by.backupId !== undefined) query = query.where('operations.backup_id', '=', by.backupId)
  if (by.storageId !== undefined) query = query.where('operations.storage_id', '=', by.storageId)
  if (by.dryRun !== undefined) query = query.where('operations.dry_run', '=', by.dryRun === 'true')
  const rows = await query
    .orderBy('operations.created_at', 'desc')
    .orderBy('operations.id', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, viewOf)
}

/** With its newest 500 events, oldest first. */
export async function readOperation(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<OperationDetail> {
  if (!isUuid(id)) throw notFound('operation')
  const row = await selectOperations(catalog)
    .select(['operations.input', 'operations.result'])
    .where('operations.id', '=', id)
    .where(operationSeenBy(actor))
    .executeTakeFirst()
  if (row === undefined) throw notFound('operation')
  const newest = await catalog.selectFrom('operation_events').selectAll().where('operation_id', '=', id).orderBy('id', 'desc').limit(500).execute()
  const followedBy = await catalog
    .selectFrom('operations')
    .select(['id', 'title', 'state'])
    .where('after', '=', id)
    .where(operationSeenBy(actor))
    .orderBy('created_at')
    .execute()
  return { ...viewOf(row), input: withoutSealed(row.input), result: row.result, events: newest.reverse().map(eventOf), followedBy }
}

/** Events with an id above `afterId`, oldest first, for a stream that resumes. The operation must be visible to the actor. */
export async function listEvents(catalog: Kysely<Catalog>, actor: Actor, id: string, afterId: number): Promise<OperationEvent[]> {
  const rows = await catalog
    .selectFrom('operation_events')
    .innerJoin('operations', 'operations.id', 'operation_events.operation_id')
    .selectAll('operation_events')
    .where('operation_id', '=', id)
    .where('operation_events.id', '>', afterId)
    .where(operationSeenBy(actor))
    .orderBy('operation_events.id')
    .limit(1000)
    .execute()
  return rows.map(eventOf)
}

/** One operation without its events: what a stream sends when something changed. */
export async function readOperationState(catalog: Kysely<Catalog>, actor: Actor, id: string): Promise<OperationView> {
  if (!isUuid(id)) throw notFound('operation')
  const row = await selectOperations(catalog).where('operations.id', '=', id).where(operationSeenBy(actor)).executeTakeFirst()
  if (row === undefined) throw notFound('operation')
  return viewOf(row)
}

function selectOperations(catalog: Kysely<Catalog>) {
  return catalog
    .selectFrom('operations')
    .leftJoin('databases', 'databases.id', 'operations.database_id')
    .leftJoin('workers', 'workers.id', 'operations.worker_id')
    .select([
      'operations.id',
      'operations.kind',
      'operations.dry_run',
      'operations.state',
      'operations.title',
      'operations.database_id',
      'databases.name as database_name',
      'operations.backup_id',
      'operations.requested_name',
      'operations.requested_via',
      'operations.created_at',
      'operations.started_at',
      'operations.finished_at',
      'operations.progress',
      'operations.findings',
      'operations.error',
      'operations.after',
      'operations.approval',
      'operations.approved_name',
      'operations.approved_at',
      'workers.host as worker_host',
      sql<number | null>`extract(epoch from operations.finished_at - operations.started_at)::float8`.as('duration'),
      cursorTime('operations.created_at').as('cursor_at'),
    ])
}

type Row = Awaited<ReturnType<ReturnType<typeof selectOperations>['executeTakeFirstOrThrow']>>

function viewOf(row: Row): OperationView {
  return {
    id: row.id,
    kind: row.kind,
    dryRun: row.dry_run,
    state: row.state,
    title: row.title,
    database: row.database_id === null ? null : { id: row.database_id, name: row.database_name ?? '' },
    backupId: row.backup_id,
    requestedName: row.requested_name,
    requestedVia: row.requested_via,
    createdAt: iso(row.created_at),
    startedAt: iso(row.started_at),
    finishedAt: iso(row.finished_at),
    durationSeconds: row.duration,
    progress: row.progress,
    findings: row.findings,
    error: row.error,
    after: row.after,
    approval: row.approval === null ? null : { state: row.approval, name: row.approved_name, at: iso(row.approved_at) },
    worker: row.worker_host,
  }
}

function eventOf(row: { id: number; at: Date; kind: OperationEvent['kind']; message: string; data: Record<string, unknown> }): OperationEvent {
  return { id: row.id, at: iso(row.at), kind: row.kind, message: row.message, data: row.data }
}

/** Sealed secrets never leave the catalogue, not even sealed. */
function withoutSealed(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !name.endsWith('Sealed')))
}
