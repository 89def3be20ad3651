import { type Kysely, type Selectable, sql } from 'kysely'
import type { OperationKind } from '#lib/domain/kinds.ts'
import { isFinished, type OperationState, openOperationStates } from '#lib/domain/states.ts'
import type { Catalog } from './schema.ts'

export type OperationRow = Selectable<Catalog['operations']>

export interface NewOperation {
  kind: OperationKind
  dryRun: boolean
  title: string
  input: Record<string, unknown>
  needs: OperationRow['needs']
  databaseId: string | null
  storageId: string | null
  backupId: string | null
  targetKey: string | null
  requestedBy: string | null
  requestedName: string
  requestedVia: OperationRow['requested_via']
  idempotencyKey: string | null
  after: string | null
  retryOf: string | null
  /** a second person must agree before it is claimed */
  needsApproval: boolean
}

/** Inserts a queued operation; null where its target is locked or its idempotency key is known. Leaves the transaction usable either way. */
export async function insertOperation(db: Kysely<Catalog>, operation: NewOperation): Promise<OperationRow | null> {
  const row = await db
    .insertInto('operations')
    .values({
      kind: operation.kind,
      dry_run: operation.dryRun,
      title: operation.title,
      input: JSON.stringify(operation.input),
      needs: JSON.stringify(operation.needs),
      database_id: operation.databaseId,
      storage_id: operation.storageId,
      backup_id: operation.backupId,
      target_key: operation.targetKey,
      requested_by: operation.requestedBy,
      requested_name: operation.requestedName,
      requested_via: operation.requestedVia,
      idempotency_key: operation.idempotencyKey,
      after: operation.after,
      retry_of: operation.retryOf,
      approval: operation.needsApproval ? 'needed' : null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

export async function getOperation(db: Kysely<Catalog>, id: string): Promise<OperationRow | null> {
  return (await db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** The row of an operation, locked until the transaction ends. */
export async function lockOperation(db: Kysely<Catalog>, id: string): Promise<OperationRow | null> {
  return (await db.selectFrom('operations').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()) ?? null
}

export async function findByIdempotencyKey(db: Kysely<Catalog>, requestedName: string, key: string): Promise<OperationRow | null> {
  const row = await db
    .selectFrom('operations')
    .selectAll()
    .where('requested_name', '=', requestedName)
    .where('idempotency_key', '=', key)
    .executeTakeFirst()
  return row ?? null
}

/** The open operation that holds a target's lock. */
export async function findOpenOnTarget(db: Kysely<Catalog>, targetKey: string): Promise<OperationRow | null> {
  const row = await db
    .selectFrom('operations')
    .selectAll()
    .where('target_key', '=', targetKey)
    .where('dry_run', '=', false)
    .where('state', 'in', openOperationStates)
    .executeTakeFirst()
  return row ?? null
}

export async function listOpenOperations(db: Kysely<Catalog>): Promise<OperationRow[]> {
  return db.selectFrom('operations').selectAll().where('state', 'in', openOperationStates).orderBy('created_at').execute()
}

export async function listFollowers(db: Kysely<Catalog>, after: string): Promise<OperationRow[]> {
  return db.selectFrom('operations').selectAll().where('after', '=', after).orderBy('created_at').execute()
}

/** Moves an operation to a state, only from one of `from`; null where it was in none of them. Finishing sets the time. */
export async function moveOperation(
  db: Kysely<Catalog>,
  id: string,
  change: {
    from: readonly OperationState[]
    to: OperationState
    error?: OperationRow['error']
    cancelledBy?: string
  },
): Promise<OperationRow | null> {
  const row = await db
    .updateTable('operations')
    .set({
      state: change.to,
      ...(isFinished(change.to) ? { finished_at: sql<Date>`now()`, lease_until: null } : {}),
      ...(change.error === undefined ? {} : { error: JSON.stringify(change.error) }),
      ...(change.cancelledBy === undefined ? {} : { cancel_requested_at: sql<Date>`now()`, cancel_requested_name: change.cancelledBy }),
    })
    .where('id', '=', id)
    .where('state', 'in', change.from)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** How many attempts the chain of retries up to this operation has had, this one included. */
export async function countAttempts(db: Kysely<Catalog>, id: string): Promise<number> {
  const counted = await sql<{ attempts: number }>`
    WITH RECURSIVE earlier AS (
      SELECT id, retry_of FROM operations WHERE id = ${id}
      UNION ALL
      SELECT o.id, o.retry_of FROM operations o JOIN earlier e ON o.id = e.retry_of
    ) SELECT count(*) AS attempts FROM earlier`.execute(db)
  return counted.rows[0]?.attempts ?? 1
}

/** The oldest queued operation's age in seconds; null where none is queued. */
export async function queueAgeSeconds(db: Kysely<Catalog>): Promise<number | null> {
  const found = await sql<{ age: number | null }>`
    SELECT extract(epoch FROM now() - min(created_at))::double precision AS age FROM operations WHERE state = 'queued'`.execute(db)
  return found.rows[0]?.age ?? null
}
