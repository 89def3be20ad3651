import type { Keep, ScheduledTier } from './keep.ts'
import type { Finding } from './plan.ts'
import type { CopyState, DriftKind, LookVerdict, SlotState, Tier } from './states.ts'

/**
 * What the console shows and /api/v1 answers about schedules, retention, holds, storages and keys. Times are ISO 8601 strings in UTC,
 * sizes bytes. null means unknown or never: it is never shown as good.
 */
export interface SlotView {
  at: string
  state: SlotState
  /** due, unserved and past its grace: a missed run, whatever row says so */
  missed: boolean
  reason: string | null
  operation: { id: string; state: string } | null
}
export interface ScheduleView {
  id: string
  database: { id: string; name: string }
  tier: ScheduledTier
  cron: string
  timeZone: string
  /** the cron expression in words */
  words: string
  /** in order; the first is the primary. Empty: every storage that the database may use */
  storages: { id: string; name: string }[]
  pausedAt: string | null
  createdAt: string
  /** the next five, oldest first; empty while paused */
  next: string[]
  /** the last fourteen that were due, oldest first */
  last: SlotView[]
}
/** Of a cron expression that is being typed. */
export interface SchedulePreview {
  words: string
  timeZone: string
  next: string[]
}

export interface RetentionRuleView {
  id: string
  database: { id: string; name: string } | null
  storage: { id: string; name: string } | null
  tier: ScheduledTier
  keep: Keep
  /** a shorter one that waits; `keep` null: the rule goes away */
  pending: { keep: Keep | null; from: string } | null
  changedAt: string
  changedName: string
}
export interface RetentionDutyView {
  id: string
  name: string
  tag: string
  tier: ScheduledTier
  keep: Keep
  reference: string
  /** databases with its tag */
  databases: { id: string; name: string }[]
  /** it was taken away and acts until then; null: it stays */
  endsAt: string | null
}
export interface RetentionView {
  rules: RetentionRuleView[]
  duties: RetentionDutyView[]
  settings: { deletionsPerRun: number; shrinkDelayHours: number; safetyDays: number; unlookedDays: number }
  /** where rule and duty contradict each other, and duties that nothing meets */
  findings: Finding[]
  /** pruning is off until an admin has looked; null: it is on */
  paused: { since: string; reason: string; operationId: string | null } | null
  lastPrune: { operationId: string; at: string; deleted: number; freedBytes: number } | null
  nextPruneAt: string | null
}
/** Why one copy stays, or goes. */
export interface KeptCopy {
  copyId: string
  storage: { id: string; name: string }
  state: CopyState
  action: 'keep' | 'delete' | 'wait'
  /** sentences, the one that holds it longest first */
  reasons: string[]
  /** when it would go as the history stands; null: not by rule */
  until: string | null
}
export interface KeptView {
  backupId: string
  /** one sentence: `kept until 3 March 2027 by monthly, 12 months` */
  words: string
  until: string | null
  copies: KeptCopy[]
}
/** The same in short, for a row of a list. */
export type KeptUntil = Pick<KeptView, 'backupId' | 'words' | 'until'>
export interface SimulatedBackup {
  id: string
  name: string
  database: { id: string; name: string }
  tier: Tier
  createdAt: string
  storedBytes: number
  /** under the rules in force, and under those that are tried out */
  now: { action: 'keep' | 'delete' | 'wait'; until: string | null; words: string }
  tried: { action: 'keep' | 'delete' | 'wait'; until: string | null; words: string }
}
export interface SimulationView {
  /** the catalogue's clock when it was worked out */
  at: string
  /** those whose fate changes or that go; the newest first, at most 500 */
  backups: SimulatedBackup[]
  more: number
  totals: { kept: number; deleted: number; waiting: number; freedBytes: number }
  storages: { id: string; name: string; freedBytes: number; deleted: number; kept: number }[]
  /** deletions by day (UTC), as the history stands */
  timeline: { day: string; deleted: number; bytes: number }[]
  dutiesBroken: Finding[]
  /** the change would wait until then before it acts; null: at once */
  actsFrom: string | null
}

export interface HoldView {
  id: string
  backup: { id: string; name: string; database: { id: string; name: string } }
  kind: string
  reason: string
  placedAt: string
  placedName: string
  releasedAt: string | null
  releasedName: string | null
  releaseReason: string | null
}
export interface LookView {
  verdict: LookVerdict
  at: string
  name: string
  note: string | null
}

export interface StorageDrift {
  kind: DriftKind
  path: string
  objects: number
  bytes: number
  foundAt: string
  seenAt: string
  /** what it is and what can be done, in words */
  words: string
  actions: ('adopt' | 'remove' | 'repair' | 'abort')[]
}
/** What will become of a storage's room. */
export interface StorageForecast {
  /** of the last 90 days; null: too few days are known */
  growthBytesPerDay: number | null
  days: number
  /** total of the disk, or the budget; null: nothing bounds it */
  limitBytes: number | null
  usedShare: number | null
  /** at or above 80 % */
  warns: boolean
  fillsAt: string | null
  words: string
}
export interface StorageDetail {
  usage: { day: string; usedBytes: number; totalBytes: number | null; freeBytes: number | null }[]
  forecast: StorageForecast
  drift: StorageDrift[]
  reconciledAt: string | null
  bucket: {
    versioning: 'enabled' | 'suspended' | 'off' | 'unknown'
    objectLock: boolean | null
    defaultMode: string | null
    defaultDays: number | null
    at: string
  } | null
  /** copies that wait for this storage, or failed and will be made again */
  waiting: {
    copyId: string
    backupId: string
    backup: string
    database: string
    state: CopyState
    problem: string | null
    nextTryAt: string | null
  }[]
  /** readable copies that were not read back for longer than the cycle asks for */
  unverified: number
  oldestVerifiedAt: string | null
}

export interface KeyView {
  id: string
  purpose: 'active' | 'older' | 'recovery' | 'kms'
  createdAt: string
  /** live workers that hold it, by host */
  heldBy: string[]
  /** readable copies that it opens */
  copies: number
  /** copies that no other master key opens, also those that are damaged, missing or on their way */
  onlyOpener: number
  /** of `copies`, those that a lock keeps: they stay readable with this key, also after others open them too */
  locked: number
  lockedUntil: string | null
  /** copies need it and no live worker holds it */
  lost: boolean
  words: string
}
export interface KeysView {
  keys: KeyView[]
  kms: { keyArn: string; region: string; endpoint: string | null } | null
  /** copies that the newest key does not open yet */
  toRewrap: number
  rewrap: { operationId: string; state: string } | null
}
