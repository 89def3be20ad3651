import type { Kysely, Transaction } from 'kysely'
import { z } from 'zod'
import { type DatabaseRow, getDatabase } from '#lib/catalog/databases.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import { findByIdempotencyKey, type OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listStorages, type StorageRow } from '#lib/catalog/storages.ts'
import type { Actor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { mayLieOn } from '#lib/domain/residency.ts'
import { backupDefinition, backupInput } from './backup/definition.ts'
import { type Enqueue, enqueueOperation, enqueuePair } from './enqueue.ts'

/** As it stands in the input of a restore that overwrites. */
export interface Safety {
  /** the operation that takes the safety backup */
  operationId: string
}

export interface BehindSafety<Input extends z.ZodType> {
  /** the registered database that is overwritten */
  databaseId: string
  requester: Actor
  idempotencyKey?: string | null
  /** the restore that waits; its input says what it waits for */
  restore: (safety: Safety) => Omit<Enqueue<Input>, 'requester' | 'idempotencyKey' | 'after' | 'dryRun'>
}

const withSafety = z.object({ safety: z.object({ operationId: z.uuid() }) })

/**
 * Enqueues a safety backup of the database and, behind it, the restore that overwrites it: both or neither. followUp then moves the restore
 * behind the backup's verification. Throws `not_found`, `usage` (no storage), `conflict` (something writes to the target, or backs it up).
 */
export async function enqueueBehindSafety<Input extends z.ZodType>(
  db: Kysely<Catalog>,
  request: BehindSafety<Input>,
): Promise<{ id: string; existing: boolean; safetyId: string }> {
  return db.isTransaction ? enqueue(db as Transaction<Catalog>, request) : db.transaction().execute((trx) => enqueue(trx, request))
}

async function enqueue<Input extends z.ZodType>(
  trx: Transaction<Catalog>,
  request: BehindSafety<Input>,
): Promise<{ id: string; existing: boolean; safetyId: string }> {
  const { requester, idempotencyKey = null } = request
  const known = await repeated(trx, request)
  if (known !== null) return known
  const database = await getDatabase(trx, request.databaseId)
  if (database === null || database.removed_at !== null)
    throw new LifeboatError('not_found', 'The database that would be overwritten is not registered any more.', 'Nothing was enqueued.')
  const backup = safetyBackup(database, await usableStorages(trx, database), requester)
  try {
    const made = await enqueuePair(trx, backup, (operationId) => ({ ...request.restore({ operationId }), requester, idempotencyKey }))
    return { id: made.second, existing: false, safetyId: made.first }
  } catch (error) {
    // the same request may have come twice at once, and the other one was first
    const first = error instanceof LifeboatError && error.code === 'conflict' ? await repeated(trx, request) : null
    if (first !== null) return first
    throw error
  }
}

/** A request whose key is known gives the restore that it gave the first time, behind the same safety backup. null: it is a new one. */
async function repeated<Input extends z.ZodType>(
  trx: Transaction<Catalog>,
  { requester, restore, idempotencyKey = null }: BehindSafety<Input>,
): Promise<{ id: string; existing: boolean; safetyId: string } | null> {
  const known = idempotencyKey === null ? null : await findByIdempotencyKey(trx, requester.name, idempotencyKey)
  const waited = known === null ? null : withSafety.safeParse(known.input)
  if (!waited?.success) return null
  const { safety } = waited.data
  return { ...(await enqueueOperation(trx, { ...restore(safety), requester, idempotencyKey })), safetyId: safety.operationId }
}

/**
 * Every storage that the database may use and that is not known to be away; all of them where none is known to be there. A medium that may
 * be absent is none: a restore does not wait for it.
 */
export async function usableStorages(catalog: Kysely<Catalog>, database: Pick<DatabaseRow, 'allowed_regions'>): Promise<StorageRow[]> {
  const storages = (await listStorages(catalog)).filter(
    (storage) => storage.medium === 'online' && mayLieOn(database.allowed_regions, storage.region),
  )
  const reachable = storages.filter((storage) => storage.reachable !== false)
  return reachable.length > 0 ? reachable : storages
}

function safetyBackup(database: DatabaseRow, storages: readonly StorageRow[], requester: Actor): Enqueue<typeof backupInput> {
  if (storages.length === 0)
    throw new LifeboatError(
      'usage',
      'There is no storage to keep the safety backup on.',
      'Nothing was enqueued. Add a storage where copies of this database may lie.',
    )
  return {
    definition: backupDefinition,
    input: {
      databaseId: database.id,
      databaseName: database.name,
      tier: 'safety',
      storageIds: storages.map((storage) => storage.id),
    },
    requester,
    via: 'chain',
    databaseId: database.id,
    needs: {
      storageIds: storages.filter((storage) => storage.kind === 'local').map((storage) => storage.id),
      ...(database.server_version_num === null ? {} : { serverMajor: Math.floor(database.server_version_num / 10_000) }),
    },
  }
}

/** What waited for a safety backup waits for its verification from now on. In the transaction that enqueues that. */
export async function moveBehindVerify(trx: Transaction<Catalog>, backup: OperationRow, verifyId: string): Promise<void> {
  const input = backupInput.safeParse(backup.input)
  if (!input.success || input.data.tier !== 'safety') return
  const moved = await trx
    .updateTable('operations')
    .set({ after: verifyId })
    .where('after', '=', backup.id)
    .where('state', '=', 'queued')
    .where('id', '!=', verifyId)
    .returning('id')
    .execute()
  for (const { id } of moved) await appendEvent(trx, id, { kind: 'log', message: 'The safety backup is stored; waiting for its verification.' })
}
