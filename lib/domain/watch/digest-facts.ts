import type { CheckKind, CheckStatus, Severity } from './check-kinds.ts'
import type { DigestEvery } from './digest-period.ts'

/** What became of the backups of one database within the period. */
export interface DigestDatabase {
  id: string
  name: string
  made: number
  /** attempts that failed or were interrupted */
  failed: number
  cancelled: number
  /** runs that were owed and were not made: missed, skipped, or still owed */
  missed: number
  /** there is one that could be damaged, or read back */
  hasCopies: boolean
}

export interface DigestCheck {
  kind: CheckKind
  subject: string
  status: CheckStatus
  words: string
  checkedAt: Date
}

export interface DigestAlert {
  id: string
  kind: CheckKind
  subjectName: string
  databaseId: string | null
  severity: Severity
  words: string
  openedAt: Date
  acknowledgedName: string | null
  silencedUntil: Date | null
}

export interface DigestFacts {
  every: DigestEvery
  from: Date
  to: Date
  now: Date
  /** the channel hears of these databases only, and of nothing that belongs to none */
  limited: boolean
  /** by name */
  databases: readonly DigestDatabase[]
  storages: readonly { id: string; name: string }[]
  checks: readonly DigestCheck[]
  /** open ones, worst and oldest first */
  alerts: readonly DigestAlert[]
}

/** What is said of each database, and of each storage. */
export const saidOfDatabase = ['restorable_point', 'copies_bad', 'copies_unverified', 'rehearsal'] as const satisfies readonly CheckKind[]
export const saidOfStorage = ['storage_room'] as const satisfies readonly CheckKind[]
