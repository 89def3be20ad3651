import { z } from 'zod'
import { define } from '../definition.ts'

export const undoInput = z.object({
  /** swap_back: the kept database takes its old place, the newer one is kept in turn. drop: the kept one goes for good */
  act: z.enum(['swap_back', 'drop']),
  /** the operation that swapped */
  swapOperationId: z.uuid(),
  /** the registered database whose name was swapped */
  databaseId: z.uuid(),
  liveName: z.string(),
  keptName: z.string(),
  /** swap_back: the newer database is kept for so long */
  undoHours: z.number().int().min(1).max(720).default(72),
})
export type UndoInput = z.output<typeof undoInput>

/** Undoes a swap within its undo period, or ends the period. Never retried by itself. */
export const undoDefinition = define({
  kind: 'undo',
  input: undoInput,
  permission: () => 'restore.undo',
  // that of a backup, and of a restore into the same database: one of them at a time
  targetKey: (input) => `backup:${input.databaseId}`,
  attempts: 1,
  title: (input) =>
    input.act === 'swap_back'
      ? `Swap ${input.liveName} back to ${input.keptName}`
      : `Drop ${input.keptName}, kept since ${input.liveName} was swapped`,
})
