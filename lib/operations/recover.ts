import type { OperationRow } from '#lib/catalog/operations.ts'
import type { OperationKind } from '#lib/domain/kinds.ts'
import { recoverClone } from './clone/recover.ts'
import type { Recover } from './recover-context.ts'
import { recoverRestore } from './restore/recover.ts'
import { recoverUndo } from './undo/recover.ts'

/**
 * kind -> what is done when its worker died. null: the kind writes nothing that somebody would have to put right; a storage's leftovers are
 * the reconcile's business. A kind that is not here does not compile.
 */
const recoveries = {
  check: null,
  backup: null,
  verify: null,
  restore: recoverRestore,
  clone: recoverClone,
  import: null,
  reconcile: null,
  copy: null,
  prune: null,
  hold: null,
  undo: recoverUndo,
  rewrap: null,
} satisfies Record<OperationKind, Recover | null>

/**
 * Puts right what a dead attempt left on a server, and says what became of it. Called by the reaper when none of the attempt's server backends
 * is left, before the operation is marked interrupted; may be called again for the same attempt, so each step asks how things are.
 * null: there is nothing to say beyond "interrupted". Throws where the server or the catalogue cannot be asked: the next round tries again.
 */
export const recoverAttempt: Recover = async (context, operation) => {
  if (operation.dry_run) return null
  return (await (recoveries[operation.kind] as Recover | null)?.(context, operation)) ?? null
}

/** Whether a dead attempt of this operation may have left something on a server. */
export function mayHaveWritten(operation: OperationRow): boolean {
  return !operation.dry_run && recoveries[operation.kind] !== null
}
