import type { SwapState } from './states.ts'

/** A live database that gave its name to another one, and is kept until the undo period ends. */
export interface SwapView {
  /** the operation that swapped; its undo is asked for by this id */
  operationId: string
  /** undo: it took an earlier swap back */
  kind: 'restore' | 'undo'
  databaseId: string
  databaseName: string
  /** host:port */
  place: string
  liveName: string
  /** what the old live database is called since */
  keptName: string
  /** what was restored; null for an undo */
  backupName: string | null
  state: SwapState
  swappedAt: string | null
  /** ISO 8601; then the kept database is dropped */
  undoUntil: string | null
  endedAt: string | null
  /** the operation that swapped back or dropped */
  endedBy: string | null
  requestedName: string
}
