import type { AlertView, WatchState } from './watch-views.ts'
import type { HoldView, KeptView, LookView, StorageDetail, StorageForecast } from './keeping-views.ts'
import type { Manifest } from './manifest.ts'
import type { Finding, Plan } from './plan.ts'
import type { OperationKind } from './kinds.ts'
import type { CopyState, OperationState, RunbookOutcome, RunbookScenario, Tier, Verdict } from './states.ts'

/**
 * What the console shows and /api/v1 answers: pages read these from lib/catalog/views, the browser gets the same shapes as JSON.
 * Times are ISO 8601 strings in UTC, sizes bytes, durations seconds. null means unknown or never: it is never shown as good.
 */
export interface OperationView {
  id: string
  kind: OperationKind
  dryRun: boolean
  state: OperationState
  title: string
  database: { id: string; name: string } | null
  backupId: string | null
  requestedName: string
  requestedVia: string
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  durationSeconds: number | null
  progress: {
    phase?: string
    doneBytes?: number
    totalBytes?: number
    doneItems?: number
    totalItems?: number
    itemNoun?: string
    bytesPerSecond?: number
    secondsLeft?: number
    current?: string
  }
  findings: Finding[]
  error: { code: string; message: string; hint: string } | null
  after: string | null
  /** a second person's word; null: none is asked for */
  approval: { state: 'needed' | 'given' | 'refused'; name: string | null; at: string | null } | null
  worker: string | null
}
export interface OperationDetail extends OperationView {
  input: Record<string, unknown>
  result: Record<string, unknown> | null
  events: OperationEvent[]
  followedBy: { id: string; title: string; state: OperationState }[]
}
export interface OperationEvent {
  id: number
  at: string
  kind: 'state' | 'phase' | 'progress' | 'log' | 'warning' | 'error'
  message: string
  data: Record<string, unknown>
}
export interface CopyView {
  id: string
  storage: { id: string; name: string; kind: 'local' | 's3' }
  state: CopyState
  storedBytes: number
  storedAt: string | null
  verifiedAt: string | null
  problem: string | null
  /** a lock of the storage forbids deleting it before */
  retainedUntil: string | null
  /** when a copy that waits or failed is tried again */
  nextTryAt: string | null
}
export interface BackupView {
  id: string
  name: string
  database: { id: string; name: string }
  tier: Tier
  state: CopyState
  createdAt: string
  finishedAt: string | null
  tables: number
  rows: number
  rawBytes: number
  storedBytes: number
  verifiedAt: string | null
  provenAt: string | null
  suspicious: string | null
  /** what a person said of a suspicious one; null: nobody looked */
  look: LookView | null
  /** open holds */
  holds: number
  copies: CopyView[]
}
export interface BackupDetail extends BackupView {
  path: string
  operationId: string | null
  serverVersion: string | null
  toolVersion: string | null
  keyId: string | null
  manifestSha256: string | null
  /** imported: the file that it was made from */
  origin: NonNullable<Manifest['origin']> | null
  contents: {
    ordinal: number
    kind: string
    schema: string | null
    name: string | null
    rows: number | null
    rawBytes: number
    storedBytes: number
    rawSha256: string
  }[]
  verifications: {
    at: string
    storage: string
    verdict: Verdict
    entriesChecked: number
    bytesRead: number
    badEntries: { ordinal: number; name: string; problem: string }[]
    operationId: string | null
  }[]
  holdList: HoldView[]
  /** null: not worked out here */
  kept: KeptView | null
  restores: { operationId: string; at: string; outcome: string | null; target: string | null; state: OperationState }[]
}
/** One table in the comparison of two backups; `change` says what happened on the way from the older to the newer. */
export interface TableChange {
  schema: string
  table: string
  change: 'new' | 'gone' | 'changed' | 'same'
  rowsBefore: number | null
  rowsAfter: number | null
  rawBytesBefore: number | null
  rawBytesAfter: number | null
}
export interface DatabaseView {
  id: string
  name: string
  host: string
  port: number
  dbname: string
  username: string
  sslMode: 'verify-full' | 'disable'
  isSample: boolean
  reachable: boolean | null
  checkedAt: string | null
  problem: string | null
  serverVersion: string | null
  tlsVersion: string | null
  sizeBytes: number | null
  rpoObjectiveSeconds: number
  rtoObjectiveSeconds: number
  /** of the newest restorable backup; null: none */
  newestRestorableAt: string | null
  backupCount: number
  tags: string[]
  /** where its copies may lie; null: anywhere */
  allowedRegions: string[] | null
  isCatalogue: boolean
  /** open schedules; 0: nothing happens by itself */
  scheduleCount: number
}
/** One day of the 90-day strip, oldest first. `idle`: nothing was owed and nothing ran. */
export type DayMark = {
  day: string
  mark: 'succeeded' | 'late' | 'failed' | 'overdue' | 'never_ran' | 'idle'
  succeeded: number
  failed: number
  missed: number
}
export interface DatabaseSafety {
  database: DatabaseView
  /** seconds since the newest restorable point; null: nothing to restore */
  lossSeconds: number | null
  objectiveMet: boolean
  /** seconds since the newest point that was read back whole and still can be read; null: there is none */
  verifiedLossSeconds: number | null
  /** measured from finished restores: median; null: unmeasured */
  recoverySeconds: number | null
  recoveryMeasuredFrom: number
  provenAt: string | null
  verifiedAt: string | null
  places: string[]
  strip: DayMark[]
  lastFailure: { at: string; message: string; operationId: string } | null
  running: { id: string; title: string } | null
}
export interface OverviewView {
  /** without Lifeboat's own catalogue */
  databases: DatabaseSafety[]
  /** null: it is not protected, or the asker may not see it */
  catalogue: DatabaseSafety | null
  running: OperationView[]
  recent: OperationView[]
  storages: StorageView[]
  workers: WorkerView[]
  recoveryKeyConfirmed: boolean
  /** of every database a verified copy, no older than twice its objective, lies on a storage that is not local */
  copyElsewhere: boolean
  watch: WatchState
  /** open ones, the worst first, at most ten; nobody has taken them on before those that somebody has */
  alerts: AlertView[]
}
export interface StorageView {
  id: string
  name: string
  kind: 'local' | 's3'
  /** path, or s3://bucket/prefix at endpoint: never a secret */
  place: string
  budgetBytes: number | null
  totalBytes: number | null
  freeBytes: number | null
  usedBytes: number | null
  reachable: boolean | null
  checkedAt: string | null
  problem: string | null
  copies: number
  region: string | null
  agreement: string | null
  medium: 'online' | 'offline'
  lockMode: 'GOVERNANCE' | 'COMPLIANCE' | null
  lockDays: number | null
  forecast: StorageForecast | null
  /** only where one storage is read */
  detail?: StorageDetail
}
export interface WorkerView {
  id: string
  host: string
  pid: number
  version: string
  heartbeatAt: string
  /** heartbeat younger than 30 s */
  alive: boolean
  tools: { tool: string; major: number; version: string; ok: boolean }[]
}
export interface ReportsView {
  days: number
  /** oldest first, one per UTC day */
  success: { day: string; owed: number; succeeded: number; failed: number; missed: number }[]
  recoveries: {
    type: string
    count: number
    failed: number
    averageSeconds: number | null
    longestSeconds: number | null
    p50Seconds: number | null
    p95Seconds: number | null
  }[]
  objectiveSeconds: number | null
  sizes: { day: string; rawBytes: number; storedBytes: number }[]
}
/** A page of a list; `nextCursor` null: the end. */
export interface Page<T> {
  rows: T[]
  nextCursor: string | null
}
/** What ⌘K finds; `href` is a path of the console. */
export interface SearchHit {
  kind: 'database' | 'backup' | 'operation' | 'storage'
  id: string
  title: string
  detail: string
  href: string
}
export interface BackupComparison {
  older: BackupView
  newer: BackupView
  changes: TableChange[]
}
/** A runbook that somebody follows or followed: what was done, when and by whom. */
export interface RunbookRunView {
  id: string
  scenario: RunbookScenario
  database: { id: string; name: string } | null
  begunAt: string
  begunBy: string
  endedAt: string | null
  endedBy: string | null
  outcome: RunbookOutcome | null
  note: string | null
  /** in the order in which they were done */
  steps: {
    /** id of the step in the runbook */
    step: string
    doneAt: string
    doneBy: string
    note: string | null
    /** the evidence: what Lifeboat itself did in this step */
    operation: { id: string; title: string; state: OperationState } | null
  }[]
}
export type { Plan }
export type { CaCertificateView, MeView, RecoveryKeyView, RecoverySheetView, UserView } from './people-views.ts'
