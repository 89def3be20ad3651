import type { Generated } from 'kysely'
import type { Manifest } from '#lib/domain/manifest.ts'
import type { RunbookOutcome, RunbookScenario, SwapState, SwapStep } from '#lib/domain/states.ts'
import type { DefaultJson, DefaultTime, Optional, OptionalTime } from './column-types.ts'

/** The file of the older scripts that a backup was imported from: file, sha256, bytes, format, takenAt, takenAtFrom, refused. */
export type BackupOrigin = NonNullable<Manifest['origin']>

/** The tables of restores and of what people do around them. */
export interface RecoveryTables {
  restore_stages: { operation_id: string; stage: string; seconds: number; bytes: Optional<number> }
  swaps: {
    operation_id: string
    database_id: string
    host: string
    port: number
    system_identifier: Optional<string>
    live_name: string
    /** of the database that was live before the swap */
    live_oid: number
    /** the restored database's name until the swap */
    restored_name: string
    restored_oid: number
    /** the name of the old live database after the swap */
    kept_name: string
    /** written before it is done */
    step: SwapStep
    state: SwapState
    /** of the live database before the swap */
    allow_connections: Generated<boolean>
    /** counters of the restored database at the swap: what was written since is told from them */
    baseline: DefaultJson<Record<string, unknown>>
    undo_until: OptionalTime
    swapped_at: OptionalTime
    ended_at: OptionalTime
    ended_by: Optional<string>
  }
  runbook_runs: {
    id: Generated<string>
    scenario: RunbookScenario
    database_id: Optional<string>
    begun_at: DefaultTime
    begun_by: string
    ended_at: OptionalTime
    ended_by: Optional<string>
    outcome: Optional<RunbookOutcome>
    note: Optional<string>
  }
  runbook_steps: { run_id: string; step: string; done_at: DefaultTime; done_by: string; note: Optional<string>; operation_id: Optional<string> }
  session_confirmations: { session_token_sha256: string; user_id: string; confirmed_at: DefaultTime }
}
