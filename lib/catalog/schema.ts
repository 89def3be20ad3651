import type { ColumnType, Generated } from 'kysely'
import type { OperationKind } from '#lib/domain/kinds.ts'
import type { Finding } from '#lib/domain/plan.ts'
import type { CopyState, OperationState, Tier, Verdict } from '#lib/domain/states.ts'
import type { DefaultJson, DefaultTime, Json, Optional, OptionalJson, OptionalTime, Time } from './column-types.ts'
import type { BucketFacts, KeepingTables } from './keeping-tables.ts'
import type { BackupOrigin, RecoveryTables } from './recovery-tables.ts'
import type { WatchingTables } from './watching-tables.ts'

/** The tables of migrations/, as Kysely sees them. bigint columns arrive as numbers: the pool parses int8 (sizes stay below 2^53). */
export interface Catalog extends RecoveryTables, KeepingTables, WatchingTables {
  /** node-pg-migrate's own */
  migrations: { id: Generated<number>; name: string; run_on: Date }
  settings: { key: string; value: ColumnType<unknown, string, string>; changed_at: DefaultTime }
  keys: {
    id: string
    purpose: 'active' | 'recovery' | 'signing' | 'sealing'
    public_key: Optional<string>
    /** recovery: SHA-256 in hex of the private half, to recognise it when part of it is typed back */
    check_sha256: Optional<string>
    created_at: DefaultTime
    confirmed_at: OptionalTime
    retired_at: OptionalTime
  }
  ca_certificates: { id: Generated<string>; name: string; pem: string; created_at: DefaultTime }
  databases: {
    id: Generated<string>
    name: string
    host: string
    port: number
    dbname: string
    username: string
    password_sealed: Optional<string>
    ssl_mode: Generated<'verify-full' | 'disable'>
    ca_id: Optional<string>
    rpo_objective_seconds: Generated<number>
    rto_objective_seconds: Generated<number>
    is_sample: Generated<boolean>
    created_at: DefaultTime
    removed_at: OptionalTime
    reachable: Optional<boolean>
    checked_at: OptionalTime
    problem: Optional<string>
    server_version: Optional<string>
    server_version_num: Optional<number>
    tls_version: Optional<string>
    system_identifier: Optional<string>
    size_bytes: Optional<number>
    tags: Generated<string[]>
    /** where its copies may lie; null: anywhere */
    allowed_regions: Optional<string[]>
    is_catalogue: Generated<boolean>
  }
  storages: {
    id: Generated<string>
    name: string
    kind: 'local' | 's3'
    config: Json<StorageConfig>
    secret_sealed: Optional<string>
    budget_bytes: Optional<number>
    created_at: DefaultTime
    removed_at: OptionalTime
    reachable: Optional<boolean>
    checked_at: OptionalTime
    problem: Optional<string>
    total_bytes: Optional<number>
    free_bytes: Optional<number>
    used_bytes: Optional<number>
    region: Optional<string>
    /** what the region rests on: a contract, a clause */
    agreement: Optional<string>
    /** offline: it may be absent, and copies wait for it */
    medium: Generated<'online' | 'offline'>
    /** set on each object that we store; null: none */
    lock_mode: Optional<'GOVERNANCE' | 'COMPLIANCE'>
    lock_days: Optional<number>
    bucket: OptionalJson<BucketFacts>
  }
  workers: {
    id: string
    host: string
    pid: number
    version: string
    schema_version: string
    tool_majors: number[]
    tools: DefaultJson<ToolReport[]>
    key_ids: string[]
    storage_ids: string[]
    sealing_key: Optional<string>
    started_at: DefaultTime
    heartbeat_at: DefaultTime
    ended_at: OptionalTime
    /** from the catalogue's clock; positive: ahead */
    clock_skew_seconds: Optional<number>
  }
  operations: {
    id: Generated<string>
    kind: OperationKind
    dry_run: Generated<boolean>
    state: Generated<OperationState>
    title: string
    input: Json<Record<string, unknown>>
    needs: DefaultJson<{ serverMajor?: number; keyId?: string; storageIds?: string[]; workerId?: string }>
    database_id: Optional<string>
    storage_id: Optional<string>
    backup_id: Optional<string>
    target_key: Optional<string>
    requested_by: Optional<string>
    requested_name: string
    requested_via: 'web' | 'cli' | 'chain' | 'scheduler' | 'system'
    idempotency_key: Optional<string>
    after: Optional<string>
    retry_of: Optional<string>
    attempt_token: Optional<string>
    attempt: Generated<number>
    worker_id: Optional<string>
    lease_until: OptionalTime
    cancel_requested_at: OptionalTime
    cancel_requested_name: Optional<string>
    created_at: DefaultTime
    started_at: OptionalTime
    finished_at: OptionalTime
    progress: DefaultJson<Record<string, unknown>>
    result: OptionalJson<Record<string, unknown>>
    findings: DefaultJson<Finding[]>
    error: OptionalJson<{ code: string; message: string; hint: string }>
    /** null: none is asked for; only `given` lets it be claimed */
    approval: Optional<'needed' | 'given' | 'refused'>
    /** channels were told how it ended */
    told_at: OptionalTime
    approved_by: Optional<string>
    approved_name: Optional<string>
    approved_at: OptionalTime
  }
  operation_events: {
    id: Generated<number>
    operation_id: string
    at: DefaultTime
    kind: 'state' | 'phase' | 'progress' | 'log' | 'warning' | 'error'
    message: string
    data: DefaultJson<Record<string, unknown>>
  }
  backups: {
    id: string
    name: string
    path: string
    database_id: string
    tier: Tier
    attempt: string
    operation_id: Optional<string>
    created_at: Time
    finished_at: OptionalTime
    server_version_num: Optional<number>
    tool_version: Optional<string>
    entries: Generated<number>
    tables: Generated<number>
    rows: Generated<number>
    raw_bytes: Generated<number>
    stored_bytes: Generated<number>
    key_id: Optional<string>
    manifest_sha256: Optional<string>
    previous_manifest_sha256: Optional<string>
    needs: DefaultJson<Record<string, unknown>>
    suspicious: Optional<string>
    verified_at: OptionalTime
    proven_at: OptionalTime
    /** imported: the file it came from */
    origin: OptionalJson<BackupOrigin>
    /** that of its best copy: the catalogue keeps it, nobody writes it */
    state: ColumnType<CopyState, never, never>
    /** a person looked at a suspicious backup */
    looked_at: OptionalTime
    looked_by: Optional<string>
    looked_name: Optional<string>
    looked_verdict: Optional<'fine' | 'bad'>
    looked_note: Optional<string>
    /** a safety backup stays at least until then */
    undo_until: OptionalTime
  }
  backup_tables: {
    backup_id: string
    ordinal: number
    kind: string
    schema: Optional<string>
    name: Optional<string>
    rows: Optional<number>
    raw_bytes: number
    stored_bytes: number
    raw_sha256: string
  }
  copies: {
    id: Generated<string>
    backup_id: string
    storage_id: string
    state: CopyState
    stored_bytes: Generated<number>
    stored_at: OptionalTime
    verified_at: OptionalTime
    problem: Optional<string>
    /** written before anything of it is deleted */
    tombstoned_at: OptionalTime
    /** `was`: its state before; absent where an earlier version wrote it */
    tombstone: OptionalJson<{ why: string; operationId: string | null; was?: CopyState }>
    /** a lock of the storage forbids deleting it before */
    retained_until: OptionalTime
    lock_mode: Optional<string>
    /** to make a copy that waits or failed */
    tries: Generated<number>
    next_try_at: OptionalTime
    /** every key that opens it: master keys, a recovery key, one of AWS KMS; empty: not known, that of its backup */
    key_ids: Generated<string[]>
  }
  copy_versions: { copy_id: string; versions: Json<Record<string, string>>; recorded_at: DefaultTime }
  verifications: {
    id: Generated<number>
    copy_id: string
    operation_id: Optional<string>
    at: DefaultTime
    verdict: Verdict
    entries_checked: number
    bytes_read: number
    bad_entries: DefaultJson<{ ordinal: number; name: string; problem: string }[]>
  }
  setup_links: {
    token_sha256: string
    purpose: 'first_admin' | 'invite' | 'password'
    email: Optional<string>
    role: Optional<string>
    created_at: DefaultTime
    expires_at: Time
    used_at: OptionalTime
  }
  user_databases: { user_id: string; database_id: string }
  rate_limits: { key: string; count: number; window_started_at: Time }
  audit: {
    seq: number
    at: Time
    actor_kind: 'user' | 'token' | 'cli' | 'worker' | 'system' | 'anonymous'
    actor_id: Optional<string>
    actor_name: string
    action: string
    subject_kind: Optional<string>
    subject_id: Optional<string>
    outcome: 'attempted' | 'done' | 'denied' | 'failed'
    detail: DefaultJson<Record<string, unknown>>
    previous_hmac: string
    hmac: string
    /** null: a row from before keys had ids */
    key_id: Optional<string>
  }
  backup_logs: {
    id: string
    created_at: Date
    database: string | null
    backup_type: string
    status: 'success' | 'failed' | 'missed' | 'running'
    duration_seconds: number | null
    size_bytes: number | null
    error_message: string | null
  }
  recovery_logs: {
    id: string
    created_at: Date
    database: string | null
    recovery_type: string
    status: 'success' | 'failed' | 'running'
    duration_seconds: number | null
    error_message: string | null
  }
}

export type StorageConfig =
  | { path: string }
  | {
      bucket: string
      endpoint?: string
      region: string
      prefix: string
      pathStyle: boolean
      /** requestChecksumCalculation WHEN_REQUIRED: for stores that refuse the SDK's checksum headers */
      checksumWhenRequired: boolean
    }

export interface ToolReport {
  tool: 'pg_dump' | 'pg_restore'
  major: number
  version: string
  path: string
  /** at or above the security floor of its major */
  ok: boolean
}
