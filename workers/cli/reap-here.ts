import { listExpired } from '#lib/catalog/attempts.ts'
import { reap } from '../reaper.ts'
import type { Session } from './session.ts'

/** One reaper's round in this process, for a catalogue that no worker looks after. What dead attempts left is put right, as a worker would. */
export async function reapHere(session: Session): Promise<void> {
  if ((await listExpired(session.catalog)).length === 0) return reap(session.catalog)
  // only now: engine and tools take a second to load, and most commands never need them
  const [{ lookAtMachine }, { putRight }] = await Promise.all([import('../machine.ts'), import('../put-right.ts')])
  const machine = await lookAtMachine(session.catalog)
  await reap(session.catalog, (operation) => putRight(session.catalog, machine, operation))
}
