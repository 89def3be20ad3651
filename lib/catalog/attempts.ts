import { type Kysely, sql } from 'kysely'
import type { OperationState } from '#lib/domain/states.ts'
import type { OperationRow } from './operations.ts'
import type { Catalog } from './schema.ts'

/** What a worker has: an operation is claimed only by one that has all it needs. */
export interface Claimer {
  workerId: string
  /** newest migration that the program knows; a newer catalogue makes every claim come back empty */
  schemaVersion: string
  toolMajors: number[]
  keyIds: string[]
  /** local storages that this worker reaches */
  storageIds: string[]
}

export const leaseSeconds = 30

/**
 * queued -> running with a fresh token and a lease, in one statement, so that of two claimers one gets the row.
 * Without `operationId` the oldest queued operation that this worker may run. null: nothing to claim.
 * Not claimable: a predecessor (`after`) that has not succeeded, unmet needs, an approval that is missing, a catalogue newer than the program.
 */
export async function claimOperation(db: Kysely<Catalog>, claimer: Claimer, operationId?: string): Promise<OperationRow | null> {
  const claimed = await sql<OperationRow>`
    UPDATE operations SET
      state = 'running', attempt = attempt + 1, attempt_token = gen_random_uuid(), worker_id = ${claimer.workerId},
      started_at = now(), lease_until = now() + make_interval(secs => ${leaseSeconds})
    WHERE id = (
      SELECT o.id FROM operations o
      WHERE o.state = 'queued'
        AND (${operationId ?? null}::uuid IS NULL OR o.id = ${operationId ?? null}::uuid)
        AND (o.after IS NULL OR EXISTS (
          SELECT FROM operations p WHERE p.id = o.after AND p.state IN ('succeeded', 'succeeded_with_findings')))
        AND (o.approval IS NULL OR o.approval = 'given')
        AND (o.needs -> 'serverMajor' IS NULL OR (o.needs ->> 'serverMajor')::int <= (SELECT max(m) FROM unnest(${claimer.toolMajors}::int[]) m))
        AND (o.needs -> 'keyId' IS NULL OR o.needs ->> 'keyId' = ANY (${claimer.keyIds}::text[]))
        AND (o.needs -> 'storageIds' IS NULL OR o.needs -> 'storageIds' <@ ${JSON.stringify(claimer.storageIds)}::jsonb)
        AND (o.needs -> 'workerId' IS NULL OR o.needs ->> 'workerId' = ${claimer.workerId})
        AND NOT EXISTS (SELECT FROM migrations WHERE name > ${claimer.schemaVersion})
      ORDER BY o.created_at, o.id
      FOR UPDATE SKIP LOCKED LIMIT 1
    )
    RETURNING *`.execute(db)
  return claimed.rows[0] ?? null
}

/** Extends the lease by 30 s. null: the attempt is no longer the current one. `cancelling`: someone asked for an end. */
export async function renewLease(db: Kysely<Catalog>, id: string, token: string): Promise<'running' | 'cancelling' | null> {
  const renewed = await sql<{ state: 'running' | 'cancelling' }>`
    UPDATE operations SET lease_until = now() + make_interval(secs => ${leaseSeconds})
    WHERE id = ${id} AND attempt_token = ${token} AND state IN ('running', 'cancelling') RETURNING state`.execute(db)
  return renewed.rows[0]?.state ?? null
}

/** The state of the current attempt; null: the attempt is no longer the current one. */
export async function attemptState(db: Kysely<Catalog>, id: string, token: string): Promise<'running' | 'cancelling' | null> {
  const found = await sql<{ state: 'running' | 'cancelling' }>`
    SELECT state FROM operations WHERE id = ${id} AND attempt_token = ${token} AND state IN ('running', 'cancelling')`.execute(db)
  return found.rows[0]?.state ?? null
}

/** false: the attempt is no longer the current one, nothing was written. */
export async function writeProgress(db: Kysely<Catalog>, id: string, token: string, progress: Record<string, unknown>): Promise<boolean> {
  const written = await db
    .updateTable('operations')
    .set({ progress: JSON.stringify(progress) })
    .where('id', '=', id)
    .where('attempt_token', '=', token)
    .where('state', 'in', ['running', 'cancelling'])
    .executeTakeFirst()
  return written.numUpdatedRows === 1n
}

/** What a running attempt says of what it is about to do. false: it is no longer the current one, nothing was written. */
export async function writeResult(db: Kysely<Catalog>, id: string, token: string, result: Record<string, unknown>): Promise<boolean> {
  const written = await db
    .updateTable('operations')
    .set({ result: JSON.stringify(result) })
    .where('id', '=', id)
    .where('attempt_token', '=', token)
    .where('state', 'in', ['running', 'cancelling'])
    .executeTakeFirst()
  return written.numUpdatedRows === 1n
}

export interface Outcome {
  state: Exclude<OperationState, 'queued' | 'running' | 'cancelling'>
  result: Record<string, unknown> | null
  findings: OperationRow['findings']
  error: OperationRow['error']
}

/** Ends an attempt; null where it is no longer the current one, and nothing was written. */
export async function writeOutcome(db: Kysely<Catalog>, id: string, token: string, outcome: Outcome): Promise<OperationRow | null> {
  const row = await db
    .updateTable('operations')
    .set({
      state: outcome.state,
      finished_at: sql<Date>`now()`,
      lease_until: null,
      result: outcome.result === null ? null : JSON.stringify(outcome.result),
      findings: JSON.stringify(outcome.findings),
      error: outcome.error === null ? null : JSON.stringify(outcome.error),
    })
    .where('id', '=', id)
    .where('attempt_token', '=', token)
    .where('state', 'in', ['running', 'cancelling'])
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Operations whose lease ran out, by the catalogue's clock. */
export async function listExpired(db: Kysely<Catalog>): Promise<OperationRow[]> {
  return db
    .selectFrom('operations')
    .selectAll()
    .where('state', 'in', ['running', 'cancelling'])
    .where('lease_until', '<', sql<Date>`now()`)
    .orderBy('lease_until')
    .execute()
}

/** Ends an attempt whose lease ran out; null where it was renewed or finished in the meantime. Without `result` the attempt's own stays. */
export async function writeInterrupted(
  db: Kysely<Catalog>,
  id: string,
  error: OperationRow['error'],
  result?: Record<string, unknown> | null,
): Promise<OperationRow | null> {
  const row = await db
    .updateTable('operations')
    .set({
      state: 'interrupted',
      finished_at: sql<Date>`now()`,
      lease_until: null,
      error: JSON.stringify(error),
      ...(result ? { result: JSON.stringify(result) } : {}),
    })
    .where('id', '=', id)
    .where('state', 'in', ['running', 'cancelling'])
    .where('lease_until', '<', sql<Date>`now()`)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Queued, ready to be claimed, and older than `seconds`: somebody missed the bell. */
export async function listWaiting(db: Kysely<Catalog>, seconds: number): Promise<string[]> {
  const waiting = await sql<{ id: string }>`
    SELECT o.id FROM operations o
    WHERE o.state = 'queued' AND o.created_at < now() - make_interval(secs => ${seconds})
      AND (o.after IS NULL OR EXISTS (SELECT FROM operations p WHERE p.id = o.after AND p.state IN ('succeeded', 'succeeded_with_findings')))
      AND (o.approval IS NULL OR o.approval = 'given')
    ORDER BY o.created_at LIMIT 100`.execute(db)
  return waiting.rows.map((row) => row.id)
}

/** Queued behind a predecessor that ended badly. */
export async function listStranded(db: Kysely<Catalog>): Promise<OperationRow[]> {
  return db
    .selectFrom('operations as o')
    .innerJoin('operations as p', 'p.id', 'o.after')
    .selectAll('o')
    .where('o.state', '=', 'queued')
    .where('p.state', 'in', ['failed', 'cancelled', 'interrupted'])
    .execute()
}

/** What became known of a dead attempt only after its operation was marked: its server had been away. */
export async function writeLateRecovery(
  db: Kysely<Catalog>,
  id: string,
  error: OperationRow['error'],
  result: Record<string, unknown> | null,
): Promise<void> {
  await db
    .updateTable('operations')
    .set({ error: JSON.stringify(error), ...(result === null ? {} : { result: JSON.stringify(result) }) })
    .where('id', '=', id)
    .where('state', 'in', ['failed', 'cancelled', 'interrupted'])
    .execute()
}
