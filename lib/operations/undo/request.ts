import { type Kysely, sql } from 'kysely'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { getSwap, listDueSwaps, type SwapRow } from '#lib/catalog/swaps.ts'
import { type Actor, maySee, systemActor } from '#lib/domain/actor.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { allows, reasonDenied } from '#lib/domain/permissions.ts'
import { openOperationStates, type SwapState } from '#lib/domain/states.ts'
import { enqueueOperation } from '../enqueue.ts'
import { undoDefinition, type UndoInput } from './definition.ts'

export interface UndoRequest {
  /** the operation that swapped */
  swapOperationId: string
  act: UndoInput['act']
  /** what a person typed: the live name to swap back, the kept database's name to drop it; not for a dry run */
  confirmation?: string
  undoHours?: number
  dryRun?: boolean
  via: OperationRow['requested_via']
  idempotencyKey?: string | null
}

const over = {
  underway: 'The swap is still underway.',
  swapped_back: 'It was swapped back already.',
  dropped: 'The kept database was dropped.',
  failed: 'Nothing was swapped, so nothing is kept.',
} satisfies Record<Exclude<SwapState, 'kept'>, string>

/** Throws `not_found` (also for what the actor may not see), `forbidden`, `refused` (nothing is kept any more), `usage` (confirmation), `conflict`. */
export async function requestUndo(catalog: Kysely<Catalog>, actor: Actor, request: UndoRequest): Promise<{ id: string; existing: boolean }> {
  const swap = await getSwap(catalog, request.swapOperationId)
  if (swap === null || !maySee(actor, swap.database_id)) throw new LifeboatError('not_found', 'This operation swapped no database.')
  const permission = request.dryRun ? 'restore.plan' : 'restore.undo'
  if (!allows(actor.role, permission)) throw new LifeboatError('forbidden', reasonDenied(permission))
  if (swap.state !== 'kept') throw new LifeboatError('refused', `${over[swap.state]} There is nothing to undo.`, 'Nothing was enqueued.')
  if (!request.dryRun) assertConfirmed(request, swap)
  return enqueueUndo(catalog, swap, { ...request, requester: actor })
}

function assertConfirmed({ act, confirmation }: UndoRequest, swap: SwapRow): void {
  const name = act === 'swap_back' ? swap.live_name : swap.kept_name
  if (confirmation === name) return
  throw new LifeboatError(
    'usage',
    confirmation === undefined ? 'Nobody has confirmed this.' : 'What was typed is not the name of the database.',
    `Nothing was enqueued. Confirm by typing ${name}.`,
  )
}

/**
 * Asks for the end of every undo period that is over: the kept database is dropped, as Lifeboat's own act. One that is being swapped back, or
 * whose database is being written, waits for the next round; one whose drop failed is tried again after six hours. Returns how many were asked for.
 */
export async function requestDueDrops(catalog: Kysely<Catalog>): Promise<number> {
  let asked = 0
  for (const swap of await listDueSwaps(catalog)) {
    if (await wasTried(catalog, swap.operation_id)) continue
    try {
      await enqueueUndo(catalog, swap, { act: 'drop', via: 'system', requester: systemActor })
      asked += 1
    } catch (error) {
      if (!(error instanceof LifeboatError && (error.code === 'conflict' || error.code === 'server_too_new'))) throw error
    }
  }
  return asked
}

async function wasTried(catalog: Kysely<Catalog>, swapOperationId: string): Promise<boolean> {
  const found = await catalog
    .selectFrom('operations')
    .select('id')
    .where('kind', '=', 'undo')
    .where('dry_run', '=', false)
    .where(sql<boolean>`input ->> 'swapOperationId' = ${swapOperationId}`)
    .where((where) => where.or([where('state', 'in', openOperationStates), where('created_at', '>', sql<Date>`now() - interval '6 hours'`)]))
    .executeTakeFirst()
  return found !== undefined
}

function enqueueUndo(
  catalog: Kysely<Catalog>,
  swap: SwapRow,
  request: Pick<UndoRequest, 'act' | 'undoHours' | 'dryRun' | 'via' | 'idempotencyKey'> & { requester: Actor },
): Promise<{ id: string; existing: boolean }> {
  return enqueueOperation(catalog, {
    definition: undoDefinition,
    input: {
      act: request.act,
      swapOperationId: swap.operation_id,
      databaseId: swap.database_id,
      liveName: swap.live_name,
      keptName: swap.kept_name,
      ...(request.undoHours === undefined ? {} : { undoHours: request.undoHours }),
    },
    requester: request.requester,
    via: request.via,
    dryRun: request.dryRun ?? false,
    idempotencyKey: request.idempotencyKey ?? null,
    databaseId: swap.database_id,
  })
}
