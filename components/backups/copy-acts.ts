import { residencyProblem } from '#lib/domain/residency.ts'
import { type CopyState, readableCopyStates } from '#lib/domain/states.ts'
import type { BackupView, CopyView, DatabaseView, StorageView } from '#lib/domain/views.ts'

/** What can be done with a copy in each state; a new state does not compile until it is said. */
const can = {
  waiting: { verify: false, repair: false, move: false },
  storing: { verify: false, repair: false, move: false },
  stored: { verify: true, repair: false, move: true },
  verified: { verify: true, repair: false, move: true },
  missing: { verify: true, repair: true, move: false },
  corrupt: { verify: true, repair: true, move: false },
  failed: { verify: false, repair: true, move: false },
  delete_pending: { verify: false, repair: false, move: false },
  retained: { verify: true, repair: false, move: false },
  deleted: { verify: false, repair: false, move: false },
} satisfies Record<CopyState, { verify: boolean; repair: boolean; move: boolean }>

export const copyCan = (copy: Pick<CopyView, 'state'>) => can[copy.state]

export function isReadable({ state }: Pick<CopyView, 'state'>): boolean {
  return (readableCopyStates as readonly string[]).includes(state)
}

/** Why nothing can be copied from this backup; null: it can. */
export function noSource(backup: Pick<BackupView, 'copies'>): string | null {
  return backup.copies.some(isReadable) ? null : 'No copy of it can be read, so there is nothing to copy from.'
}

/** Why a copy may not go to a storage; null: it may. The server decides the same again. */
export function refusedAt(
  storage: Pick<StorageView, 'id' | 'name' | 'region'>,
  backup: Pick<BackupView, 'copies'>,
  database: Pick<DatabaseView, 'name' | 'allowedRegions'> | null,
): string | null {
  const here = backup.copies.find((copy) => copy.storage.id === storage.id && copy.state !== 'deleted')
  if (here !== undefined && (isReadable(here) || here.state === 'storing')) return 'It has a copy there already.'
  if (here?.state === 'waiting') return 'A copy for it waits already.'
  if (here?.state === 'delete_pending') return 'Its copy there is being deleted.'
  return database === null ? null : (residencyProblem(database, storage)?.message ?? null)
}
