import type { Kysely, Transaction } from 'kysely'
import type { z } from 'zod'
import { appendAudit, auditActor } from '#lib/catalog/audit.ts'
import { auditKey } from '#lib/catalog/audit-key.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import { findByIdempotencyKey, findOpenOnTarget, getOperation, insertOperation, type OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { canonicalJson } from '#lib/domain/canonical-json.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import type { OperationKind } from '#lib/domain/kinds.ts'
import { ring } from '#lib/queue/ring.ts'
import type { Needs, OperationDefinition } from './definition.ts'
import { satisfiableNeeds } from './satisfiable-needs.ts'

export interface Enqueue<Input extends z.ZodType> {
  definition: OperationDefinition<OperationKind, Input>
  input: z.input<Input>
  requester: Actor
  via: OperationRow['requested_via']
  dryRun?: boolean
  /** the operation that must have succeeded before this one starts */
  after?: string | null
  /** the same key from the same requester gives the same operation */
  idempotencyKey?: string | null
  databaseId?: string | null
  storageId?: string | null
  backupId?: string | null
  needs?: Needs
  retryOf?: string | null
  /** a second person must agree before a worker claims it */
  needsApproval?: boolean
}

/**
 * Writes the operation, its audit row and its bell in one transaction: all or nothing. Does not decide permission; requests do.
 * Throws `server_too_new` where no living worker could ever take it, `conflict` where the target is locked by an open operation, and where the key was used for something else.
 */
export async function enqueueOperation<Input extends z.ZodType>(
  db: Kysely<Catalog>,
  request: Enqueue<Input>,
): Promise<{ id: string; existing: boolean }> {
  return db.isTransaction ? enqueue(db as Transaction<Catalog>, request) : db.transaction().execute((trx) => enqueue(trx, request))
}

/**
 * Two operations, the second behind the first: both or neither. Rows before audit rows: whoever holds the audit trail must not wait for
 * another's row, who may be waiting for the trail.
 */
export async function enqueuePair<First extends z.ZodType, Second extends z.ZodType>(
  trx: Transaction<Catalog>,
  first: Enqueue<First>,
  second: (firstId: string) => Enqueue<Second>,
): Promise<{ first: string; second: string }> {
  const placedFirst = await place(trx, first)
  const request = second(placedFirst.row.id)
  const placedSecond = await place(trx, { ...request, after: placedFirst.row.id })
  if (placedFirst.existing || placedSecond.existing) throw new Error('an operation that others wait for is enqueued without an idempotency key')
  await announce(trx, placedFirst.row, first)
  await announce(trx, placedSecond.row, request)
  return { first: placedFirst.row.id, second: placedSecond.row.id }
}

async function enqueue<Input extends z.ZodType>(trx: Transaction<Catalog>, request: Enqueue<Input>): Promise<{ id: string; existing: boolean }> {
  const { row, existing } = await place(trx, request)
  if (!existing) await announce(trx, row, request)
  return { id: row.id, existing }
}

async function place<Input extends z.ZodType>(trx: Transaction<Catalog>, request: Enqueue<Input>): Promise<{ row: OperationRow; existing: boolean }> {
  const { definition, requester } = request
  const input = definition.input.parse(request.input)
  const wanted = {
    kind: definition.kind,
    dryRun: request.dryRun ?? false,
    title: definition.title(input) + (request.dryRun ? ', dry run' : ''),
    input: input as Record<string, unknown>,
    needs: { ...(await satisfiableNeeds(trx, request.needs ?? {})) },
    databaseId: request.databaseId ?? null,
    storageId: request.storageId ?? null,
    backupId: request.backupId ?? null,
    targetKey: definition.targetKey(input),
    requestedBy: requester.id,
    requestedName: requester.name,
    requestedVia: request.via,
    idempotencyKey: request.idempotencyKey ?? null,
    after: request.after ?? null,
    retryOf: request.retryOf ?? null,
    needsApproval: (request.needsApproval ?? false) && !request.dryRun,
  }
  const row = await insertOperation(trx, wanted)
  return row === null ? { row: await sameRequest(trx, wanted), existing: true } : { row, existing: false }
}

async function announce(
  trx: Transaction<Catalog>,
  row: OperationRow,
  { requester, via }: { requester: Actor; via: OperationRow['requested_via'] },
): Promise<void> {
  await appendEvent(trx, row.id, { kind: 'state', message: 'queued', data: { state: 'queued' } })
  const waitsFor = row.after === null ? null : await getOperation(trx, row.after)
  // a bell before its time would only wake a worker for nothing; the predecessor's end rings
  if (waitsFor === null || waitsFor.state === 'succeeded' || waitsFor.state === 'succeeded_with_findings') await ring(trx, [row.id])
  await appendAudit(trx, auditKey(), {
    ...auditActor(requester),
    action: `${row.kind}.request`,
    subjectKind: 'operation',
    subjectId: row.id,
    outcome: 'attempted',
    detail: { title: row.title, dryRun: row.dry_run, via, retryOf: row.retry_of, approval: row.approval },
  })
}

async function sameRequest(
  trx: Transaction<Catalog>,
  wanted: {
    kind: OperationKind
    dryRun: boolean
    input: Record<string, unknown>
    requestedName: string
    idempotencyKey: string | null
    targetKey: string | null
  },
): Promise<OperationRow> {
  const known = wanted.idempotencyKey === null ? null : await findByIdempotencyKey(trx, wanted.requestedName, wanted.idempotencyKey)
  if (known !== null) {
    const same = known.kind === wanted.kind && known.dry_run === wanted.dryRun && canonicalJson(known.input) === canonicalJson(wanted.input)
    if (same) return known
    throw new LifeboatError('conflict', 'This Idempotency-Key was used for another request.', 'Send a fresh key with a new request.')
  }
  const holder = wanted.targetKey === null ? null : await findOpenOnTarget(trx, wanted.targetKey)
  throw new LifeboatError(
    'conflict',
    holder === null ? 'Another operation on the same target ended just now.' : `"${holder.title}" is ${holder.state} on the same target.`,
    holder === null ? 'Try again.' : `Wait for operation ${holder.id}, or cancel it.`,
    { detail: { operationId: holder?.id ?? null } },
  )
}
