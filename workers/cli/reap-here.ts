import { listExpired } from '#lib/catalog/attempts.ts'
import { listAbandonedSwaps } from '#lib/catalog/swaps.ts'
import { listLiveWorkers } from '#lib/catalog/workers.ts'
import { reap } from '../reaper.ts'
import type { Session } from './session.ts'

/**
 * One reaper's round in this process, where no worker is alive to do it. What dead attempts left is put right, as a worker would: the live name
 * of a database that was being swapped is open again.
 */
export async function reapHere(session: Session): Promise<void> {
  const { catalog } = session
  if ((await listLiveWorkers(catalog)).length > 0) return
  const left = (await listExpired(catalog)).length + (await listAbandonedSwaps(catalog)).length
  if (left === 0) return reap(catalog)
  // only now: engine and tools take a second to load, and most commands never need them
  const [{ lookAtMachine }, { putRight }, { settleAbandonedSwaps }] = await Promise.all([
    import('../machine.ts'),
    import('../put-right.ts'),
    import('../look-after-swaps.ts'),
  ])
  const machine = await lookAtMachine(catalog)
  await reap(catalog, (operation) => putRight(catalog, machine, operation))
  // the end of an undo period is left to workers: an operation that waits for one would keep backups of that database away
  await settleAbandonedSwaps(catalog, machine)
}
