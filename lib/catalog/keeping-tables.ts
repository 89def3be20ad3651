import type { Generated } from 'kysely'
import type { Keep, ScheduledTier } from '#lib/domain/keep.ts'
import type { DriftKind, SlotState } from '#lib/domain/states.ts'
import type { DefaultJson, DefaultTime, Json, Optional, OptionalJson, OptionalTime, Time } from './column-types.ts'

/** What a bucket says of itself; `at`: when it was asked. */
export interface BucketFacts {
  versioning: 'enabled' | 'suspended' | 'off' | 'unknown'
  objectLock: boolean | null
  defaultMode: 'GOVERNANCE' | 'COMPLIANCE' | null
  defaultDays: number | null
  at: string
}

/** The tables of schedules, retention, holds and of what is known of storages. */
export interface KeepingTables {
  schedules: {
    id: Generated<string>
    database_id: string
    tier: ScheduledTier
    cron: string
    time_zone: Generated<string>
    /** in order, the first is the primary; empty: every storage that the database may use */
    storage_ids: Generated<string[]>
    paused_at: OptionalTime
    created_at: DefaultTime
    removed_at: OptionalTime
    /** slots up to here have rows */
    slots_through: DefaultTime
    changed_at: DefaultTime
  }
  slots: {
    schedule_id: string
    slot: Time
    operation_id: Optional<string>
    state: Generated<SlotState>
    reason: Optional<string>
    decided_at: OptionalTime
  }
  retention_rules: {
    id: Generated<string>
    /** null: every database */
    database_id: Optional<string>
    /** null: every storage */
    storage_id: Optional<string>
    tier: ScheduledTier
    keep: Json<Keep>
    /** a shorter one that waits; `keep` null: the rule goes away */
    pending: OptionalJson<{ keep: Keep | null; from: string }>
    changed_at: DefaultTime
    changed_name: Generated<string>
  }
  retention_duties: {
    id: Generated<string>
    name: string
    tag: string
    tier: ScheduledTier
    keep: Json<Keep>
    reference: Generated<string>
    created_at: DefaultTime
    removed_at: OptionalTime
  }
  holds: {
    id: Generated<string>
    backup_id: string
    /** `legal`, `manual`; any other text holds too */
    kind: string
    reason: string
    placed_at: DefaultTime
    placed_by: Optional<string>
    placed_name: string
    released_at: OptionalTime
    released_by: Optional<string>
    released_name: Optional<string>
    release_reason: Optional<string>
  }
  storage_usage: { storage_id: string; day: string; used_bytes: number; total_bytes: Optional<number>; free_bytes: Optional<number> }
  storage_drift: {
    storage_id: string
    kind: DriftKind
    path: string
    objects: Generated<number>
    bytes: Generated<number>
    detail: DefaultJson<Record<string, unknown>>
    found_at: DefaultTime
    seen_at: DefaultTime
  }
  /** kept by the catalogue itself: how many copies on a storage, and backups of a database, can be read */
  copy_counts: { storage_id: string; database_id: string; readable: number }
  backup_counts: { database_id: string; restorable: number }
  upkeep: { task: string; subject: Generated<string>; last_at: OptionalTime; next_at: DefaultTime; operation_id: Optional<string> }
}
