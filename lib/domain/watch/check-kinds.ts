import { isAhead } from './clock-ahead.ts'

/** What Lifeboat looks at by itself. DESIGN: a check is a health check; an alert is the open condition that it raised. */

export const checkStatuses = ['ok', 'warning', 'critical', 'unknown'] as const
/** `unknown`: it could not be looked at, or there is nothing yet to judge by. It is never shown as good, and never resolves an alert. */
export type CheckStatus = (typeof checkStatuses)[number]

export const severities = ['critical', 'warning'] as const
export type Severity = (typeof severities)[number]

/**
 * What a check looks at: one row per subject. `tier`: a database and a tier, `<database id>:<tier>`; `machine`: one that workers run on, by the name
 * of its host; `installation`: once, an empty subject.
 */
export type SubjectKind = 'database' | 'tier' | 'storage' | 'machine' | 'channel' | 'installation'

export interface CheckKindFacts {
  title: string
  /** what it answers */
  question: string
  subject: SubjectKind
  /** from one look to the next, in seconds; a result older than three of these is stale, which is unknown */
  everySeconds: number
  /** of its value; null: it has none */
  unit: 'seconds' | 'milliseconds' | 'share' | 'count' | 'bytes' | 'days' | null
  /** it must have been well for this long before its alert is resolved, in seconds: what comes and goes is told once */
  steadySeconds: number
  /** its escalation begins with the alert, without the first delay */
  escalatesAtOnce?: true
}

const everyRound = 60

export const checkKinds = {
  backup: tier('Backups', 'did the last owed backup of this tier succeed?', 0),
  restorable_point: {
    title: 'Newest restorable point',
    question: 'how much would be lost now?',
    subject: 'database',
    everySeconds: everyRound,
    unit: 'seconds',
    steadySeconds: 0,
  },
  database_reachable: {
    title: 'Database reachable',
    question: 'does the database answer?',
    subject: 'database',
    everySeconds: 60,
    unit: 'milliseconds',
    steadySeconds: 180,
    escalatesAtOnce: true,
  },
  database_connections: database('Connections', 'how many of its connections are taken?', 60, 'share', 300),
  database_replication: database('Replication', 'do its standbys and slots keep up?', 60, 'bytes', 300),
  database_archiving: database('WAL archiving', 'does the server archive its WAL?', 60, null, 300),
  client_tools: database('Client tools', 'can a worker dump and restore this version of PostgreSQL?', everyRound, null, 0),
  certificate: {
    title: 'Certificate',
    question: 'when does its certificate end?',
    subject: 'database',
    everySeconds: 3600,
    unit: 'days',
    steadySeconds: 0,
  },
  storage_certificate: {
    title: 'Certificate of a storage',
    question: 'when does its certificate end?',
    subject: 'storage',
    everySeconds: 3600,
    unit: 'days',
    steadySeconds: 0,
  },
  storage_reachable: storage('Storage reachable', 'does it take and give back what is stored?', 300, 'milliseconds', 600),
  storage_room: storage('Room', 'how full is it?', 300, 'share', 600),
  storage_drift: storage('Drift', 'is there on it what the catalogue says?', everyRound, 'count', 0),
  copies_bad: database('Damaged copies', 'is any copy corrupt or missing?', 300, 'count', 0),
  copies_waiting: database('Copies to be made', 'does each backup lie where it should?', 300, 'count', 0),
  copies_unverified: database('Copies read back', 'were its copies read back lately?', 300, 'count', 0),
  suspicious: database('Suspicious backups', 'does a backup wait for somebody to look at it?', everyRound, 'count', 0),
  rehearsal: database('Rehearsal', 'was its recovery rehearsed lately, and did it work?', everyRound, 'days', 0),
  recovery_time: database('Recovery time', 'did recovery stay within its objective?', everyRound, 'seconds', 0),
  native_backups: installation('Supabase’s own backups', 'does Supabase still make its backups?', 3600, 'seconds', 0),
  workers: installation('Workers', 'is a worker alive?', everyRound, 'count', 60),
  worker_tools: {
    title: 'Tools of a worker',
    question: 'are its PostgreSQL tools safe to use?',
    subject: 'machine',
    everySeconds: everyRound,
    unit: null,
    steadySeconds: 0,
  },
  clock: {
    title: 'Clock of a worker',
    question: 'does its clock agree with the catalogue’s?',
    subject: 'machine',
    everySeconds: everyRound,
    unit: 'seconds',
    steadySeconds: 300,
  },
  web: installation('Console', 'does a console answer?', everyRound, 'count', 60),
  queue: installation('Queue', 'how long does work wait?', everyRound, 'seconds', 120),
  stuck_operations: installation('Stuck operations', 'does anything run without moving?', everyRound, 'count', 0),
  swaps: installation('Replaced databases', 'was every replacement settled?', everyRound, 'count', 0),
  keys: installation('Keys', 'can every backup still be opened?', 600, 'count', 0),
  recovery_key: installation('Recovery key', 'was the recovery key saved?', everyRound, null, 0),
  channel: {
    title: 'Channel',
    question: 'do messages arrive?',
    subject: 'channel',
    everySeconds: everyRound,
    unit: 'count',
    steadySeconds: 300,
  },
  heartbeat: installation('Outbound heartbeat', 'does the service that watches Lifeboat hear of it?', everyRound, null, 300),
  watch: installation('The watch itself', 'are the other checks made in time?', everyRound, 'count', 120),
} as const satisfies Record<string, CheckKindFacts>

export type CheckKind = keyof typeof checkKinds

export const checkKindNames = Object.keys(checkKinds) as CheckKind[]

export function isCheckKind(kind: string): kind is CheckKind {
  return kind in checkKinds
}

/** A result that was not renewed for three intervals says nothing any more, and neither does one that the clock has yet to reach. */
export function isStale(kind: CheckKind, at: Date, now: Date): boolean {
  return isAhead(at, now) || now.getTime() - at.getTime() > checkKinds[kind].everySeconds * 3_000
}

/** What one look saw. */
export interface CheckResult {
  kind: CheckKind
  /** as its kind says; '' for the installation */
  subject: string
  /** for people; '' for the installation */
  subjectName: string
  databaseId: string | null
  storageId: string | null
  status: CheckStatus
  /** a whole sentence: what was seen. Never a secret, never a raw answer of a foreign server */
  words: string
  value: number | null
  /** ids and numbers for links, kept with the alert: operationId, backupId, level, … */
  detail: Record<string, unknown>
}

function tier(title: string, question: string, steadySeconds: number): CheckKindFacts {
  return { title, question, subject: 'tier', everySeconds: everyRound, unit: null, steadySeconds }
}

function database(title: string, question: string, everySeconds: number, unit: CheckKindFacts['unit'], steadySeconds: number): CheckKindFacts {
  return { title, question, subject: 'database', everySeconds, unit, steadySeconds }
}

function storage(title: string, question: string, everySeconds: number, unit: CheckKindFacts['unit'], steadySeconds: number): CheckKindFacts {
  return { title, question, subject: 'storage', everySeconds, unit, steadySeconds }
}

function installation(title: string, question: string, everySeconds: number, unit: CheckKindFacts['unit'], steadySeconds: number): CheckKindFacts {
  return { title, question, subject: 'installation', everySeconds, unit, steadySeconds }
}
