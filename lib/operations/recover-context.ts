import type { Kysely } from 'kysely'
import type { OperationRow } from '#lib/catalog/operations.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { LifeboatError } from '#lib/domain/errors.ts'
import type { ToolReport } from '#lib/engine/postgres/tools.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'

/** What the reaper has at hand: less than a run, which has a lease, a staging directory and a signal. */
export interface RecoverContext {
  catalog: Kysely<Catalog>
  /** null: no readable key on this machine, so no password of a database can be opened */
  keys: KeyRing | null
  tools: ToolReport[]
  log(message: string, data?: Record<string, unknown>): void
}

/** What became of a dead attempt. */
export interface Recovered {
  /** stands in the operation's row: code `interrupted`, or `indeterminate` with the way out in its hint */
  error: LifeboatError
  /** replaces what the attempt had persisted in operations.result; null: that stays */
  result: Record<string, unknown> | null
}

export type Recover = (context: RecoverContext, operation: OperationRow) => Promise<Recovered | null>
