import type { Kysely } from 'kysely'
import { writeLateRecovery } from '#lib/catalog/attempts.ts'
import { appendEvent } from '#lib/catalog/events.ts'
import { getOperation } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listAbandonedSwaps } from '#lib/catalog/swaps.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import { log } from '#lib/log.ts'
import { recoverAttempt } from '#lib/operations/recover.ts'
import { requestDueDrops } from '#lib/operations/undo/request.ts'
import type { Machine } from './machine.ts'

/** With every reaper's round: what broke off is settled, and kept databases whose undo period is over are dropped, by an operation of their own. */
export async function lookAfterSwaps(catalog: Kysely<Catalog>, machine: Pick<Machine, 'keys' | 'tools'>): Promise<void> {
  await settleAbandonedSwaps(catalog, machine)
  const asked = await requestDueDrops(catalog)
  if (asked > 0) log.info('undo periods are over: kept databases are dropped', { count: asked })
}

/** A swap that broke off and could not be settled when its worker was found dead, because its server was away, is settled now. */
export async function settleAbandonedSwaps(catalog: Kysely<Catalog>, machine: Pick<Machine, 'keys' | 'tools'>): Promise<void> {
  for (const swap of await listAbandonedSwaps(catalog)) {
    try {
      const operation = await getOperation(catalog, swap.operation_id)
      if (operation === null) continue
      const context = {
        catalog,
        keys: machine.keys,
        tools: machine.tools,
        log: (message: string, data?: Record<string, unknown>) => log.warn(message, data),
      }
      const recovered = await recoverAttempt(context, operation)
      if (recovered === null) continue
      await writeLateRecovery(catalog, operation.id, recovered.error.toJSON(), recovered.result)
      await appendEvent(catalog, operation.id, { kind: 'log', message: recovered.error.message })
    } catch (error) {
      log.warn('a swap that broke off could not be settled', { operation: swap.operation_id, reason: asLifeboatError(error).message })
    }
  }
}
