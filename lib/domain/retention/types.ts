import type { Keep, ScheduledTier } from '../keep.ts'
import type { CopyState, LookVerdict, Tier } from '../states.ts'

/** How long backups of a tier stay. Of several that fit, the most precise decides: database and storage, database, storage, neither. */
export interface RetentionRule {
  id: string
  /** null: every database */
  databaseId: string | null
  /** null: every storage */
  storageId: string | null
  tier: ScheduledTier
  keep: Keep
  /** a shorter one that waits; `keep` null: the rule goes away, and the next less precise one decides */
  pending: { keep: Keep | null; from: Date } | null
}

/** What must be kept whatever the rules say: by age, on every storage, backups of a tier of databases with a tag. */
export interface RetentionDuty {
  id: string
  name: string
  tag: string
  tier: ScheduledTier
  keep: Keep
  /** it was taken away and acts until then; null: it stays */
  endsAt: Date | null
}

export interface RetentionSettings {
  /** copies, in one run; the others wait for the next */
  deletionsPerRun: number
  /** a shorter rule waits so long before it acts */
  shrinkDelayHours: number
  /** a safety backup stays so long, and at least until its undo period is over */
  safetyDays: number
  /** what nobody looked at, or was never read back, is not deleted by rule before */
  unlookedDays: number
}

export interface RetentionCopy {
  id: string
  storageId: string
  state: CopyState
  storedBytes: number
  verifiedAt: Date | null
  /** a lock of the storage forbids deleting it before; null: none is known */
  retainedUntil: Date | null
}

export interface RetentionBackup {
  id: string
  databaseId: string
  tier: Tier
  createdAt: Date
  suspicious: boolean
  looked: LookVerdict | null
  undoUntil: Date | null
  /** that were not released; any kind holds */
  holds: readonly { kind: string; reason: string }[]
  copies: readonly RetentionCopy[]
}

export interface RetentionDatabase {
  id: string
  tags: readonly string[]
  /** it has lost them; duties go on knowing it by them until then */
  endingTags?: readonly { tag: string; endsAt: Date }[]
  isCatalogue: boolean
}

export interface RetentionInput {
  /** the catalogue's clock, never that of a worker */
  now: Date
  rules: readonly RetentionRule[]
  duties: readonly RetentionDuty[]
  settings: RetentionSettings
  databases: readonly RetentionDatabase[]
  backups: readonly RetentionBackup[]
  /** copies that were seen to be there: of the verified ones only these count. Absent: each counts that the catalogue calls verified */
  seen?: ReadonlySet<string>
}

/** keep: it stays. delete: it goes in this run. wait: a rule lets it go, and something else still stands in the way. */
export type RetentionAction = 'keep' | 'delete' | 'wait'

/**
 * Why a copy stays, waits or goes; `explain.ts` has the sentences. `until` says when it would go if verified backups go on coming in every
 * period: without newer ones nothing goes.
 */
export type RetentionReason =
  | { kind: 'rule'; tier: ScheduledTier; keep: Keep; until: Date }
  | { kind: 'duty'; name: string; tier: ScheduledTier; keep: Keep; until: Date }
  /** anything that is written down as a hold, known or not */
  | { kind: 'hold'; hold: string; reason: string }
  /** the newest one of its database on this storage that was read back and is not suspicious */
  | { kind: 'last_verified' }
  | { kind: 'catalogue' }
  | { kind: 'manual' }
  | { kind: 'imported' }
  | { kind: 'safety'; until: Date }
  /** suspicious, and nobody has said what of it */
  | { kind: 'not_looked_at'; until: Date }
  /** never read back, damaged or gone: it does not count */
  | { kind: 'unverified'; until: Date }
  | { kind: 'locked'; until: Date }
  /** a shorter rule lets it go, and does not act yet */
  | { kind: 'pending_rule'; tier: ScheduledTier; keep: Keep | null; from: Date }
  /** its time is over by the clock, and no newer verified backup has come since, or a single one after a long step in time; `tier`: only one of that tier takes its place */
  | { kind: 'nothing_newer'; tier: ScheduledTier | null }
  /** its date is later than the catalogue's clock: one of both is wrong */
  | { kind: 'from_the_future'; createdAt: Date }
  | { kind: 'no_rule'; tier: ScheduledTier }
  /** nothing of it lies there yet: it waits, is being stored, or failed */
  | { kind: 'not_stored'; state: CopyState }
  /** this run has deleted as many as one may */
  | { kind: 'cap'; limit: number }
  /** why it goes */
  | { kind: 'past_rule'; tier: ScheduledTier; keep: Keep }
  | { kind: 'past_safety'; days: number }
  /** its deletion was begun before and is finished */
  | { kind: 'begun' }

/** What is to become of one copy. */
export interface CopyFate {
  copyId: string
  backupId: string
  databaseId: string
  storageId: string
  tier: Tier
  createdAt: Date
  state: CopyState
  storedBytes: number
  action: RetentionAction
  /** the one that holds it longest first */
  reasons: readonly RetentionReason[]
  /** when it would go if verified backups go on coming; null: not by rule, or no date is known. Of one that is deleted: `now` */
  until: Date | null
}

export interface RetentionPlan {
  at: Date
  /** every copy that is not deleted yet, in the order of the input */
  copies: CopyFate[]
  /** those that go in this run, the oldest first; at most `deletionsPerRun` */
  deletions: CopyFate[]
}
