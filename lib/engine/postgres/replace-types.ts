import type { Finding } from '#lib/domain/plan.ts'
import type { BackupTable } from './backup-table.ts'

/** all: the table afterwards holds the backup's rows and no others. The rest keep what is only live: rows are told apart by primary key. */
export type RowsMode = 'all' | 'missing' | 'changed' | 'missing_and_changed'

export interface ReplaceOptions {
  backup: BackupTable
  rows: RowsMode
  /** waiting for each lock; default 10 s: whoever comes meanwhile waits behind */
  lockTimeoutMs?: number
  /** private directory: keyed digests of keys and rows are kept there while rows are held against each other, and removed */
  stagingDir: string
  signal: AbortSignal
  onProgress?(progress: ReplaceProgress): void
}
export interface ReplaceProgress {
  phase: 'looking for rows that would be left without their parent' | 'locking' | 'loading' | 'comparing' | 'recreating keys'
  rawBytes: number
}

/** What stands in the way of bringing rows back into a live table, and what happens to everything that hangs on it. */
export interface ReplacePlan {
  /** of the live table; null: there is none, and `findings` says so */
  oid: number | null
  findings: Finding[]
  /** for Plan.dependencies */
  dependencies: { object: string; what: string }[]
}

export interface ReplaceHooks {
  /**
   * Called once the transaction has its id and before its first write: keep `xid` where a later process finds it. `pg_xact_status` of it
   * tells committed from aborted, whatever happened to this process.
   */
  onTransaction(xid: string): Promise<void>
  /** Called with everything done but the COMMIT; a throw rolls all of it back. */
  beforeCommit(): Promise<void>
}

export interface ReplaceResult {
  oid: number
  xid: string
  /** rows that the table held before; null where only some were brought back */
  emptied: number | null
  inserted: number
  updated: number
  /** only live by primary key, yet refused by another unique key of the live table: left as they were live */
  skipped: number
  /** same: to the byte; same_rows: every row to the byte, in an order that may be another; rows: each row that was brought back was looked at */
  verdict: 'same' | 'same_rows' | 'rows'
  /** that were raised to the backup's value */
  sequences: { schema: string; name: string; value: string }[]
}
