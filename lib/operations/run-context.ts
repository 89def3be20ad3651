import type { Kysely } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { ToolReport } from '#lib/engine/postgres/tools.ts'
import type { KeyRing } from '#lib/engine/seal/key-ring.ts'

/** Live numbers of a running operation; unknown ones are absent, never guessed. */
export interface Progress {
  phase: string
  /** of `totalBytes`; absent where no total is known */
  doneBytes?: number
  totalBytes?: number
  doneItems?: number
  totalItems?: number
  /** what the items are, singular: `table` */
  itemNoun?: string
  bytesPerSecond?: number
  secondsLeft?: number
  /** what is being worked on now, as text */
  current?: string
}

/** What a run is given. Every write through it carries the attempt's token: an attempt that lost its lease cannot write. */
export interface RunContext {
  operationId: string
  dryRun: boolean
  attemptToken: string
  /** eight hex digits of the attempt; part of names on storages, and of application_name */
  attempt: string
  /** `lifeboat/<operation id>/<attempt>`, at most 63 bytes: every server backend of this attempt carries it */
  applicationName: string
  /** aborted on cancel, lost lease and shutdown; its reason is a LifeboatError */
  signal: AbortSignal
  catalog: Kysely<Catalog>
  /** from the master key; null: this machine has no readable key, so nothing can be sealed or opened */
  keys: KeyRing | null
  /** the pg client tools of this machine */
  tools: ToolReport[]
  /** private to this attempt, 0700, removed afterwards */
  stagingDir: string
  /** throttled to twice a second; a change of phase is written at once */
  progress(progress: Progress): void
  log(message: string, data?: Record<string, unknown>): void
  warn(message: string, data?: Record<string, unknown>): void
  /** throws LifeboatError('interrupted') when this attempt is no longer the current one */
  assertCurrent(): Promise<void>
}

/** What a run returns; a throw is `failed`, a throw after abort `cancelled` or `interrupted`. */
export interface RunResult {
  /** kept in operations.result; the CLI prints it beside the operation */
  result: Record<string, unknown>
  /** a warning or blocker makes the state succeeded_with_findings */
  findings: Finding[]
}

export type Run<Input> = (context: RunContext, input: Input) => Promise<RunResult>
