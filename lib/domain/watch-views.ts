import type { ChannelKind } from './watch/channels.ts'
import type { CheckKind, CheckKindFacts, CheckStatus, Severity } from './watch/check-kinds.ts'
import type { EscalationLevel, EscalationPolicy } from './watch/escalation.ts'
import type { ChosenTopic, Topic } from './watch/message.ts'

/**
 * What the console shows and /api/v1 answers about checks, alerts, channels, contacts and logs. Times are ISO 8601 strings in UTC. null means
 * unknown or never: it is never shown as good.
 */
export interface CheckView {
  kind: CheckKind
  title: string
  question: string
  subject: string
  subjectName: string
  database: { id: string; name: string } | null
  storage: { id: string; name: string } | null
  /** `unknown` also where the last result is stale */
  status: CheckStatus
  /** it was not looked at in time; `words` are then those of the last look */
  stale: boolean
  words: string
  value: number | null
  unit: CheckKindFacts['unit']
  since: string
  checkedAt: string
  everySeconds: number
  /** the open alert; null: none */
  alertId: string | null
}
export interface CheckHistory {
  kind: CheckKind
  title: string
  subject: string
  subjectName: string
  unit: CheckKindFacts['unit']
  /** oldest first; between two points the status was that of the earlier, unless it is `gap` */
  points: { at: string; status: CheckStatus; value: number | null; words: string }[]
  /** where nothing was looked at: from the last result before to the first one after */
  gaps: { from: string; to: string }[]
}
/** When Lifeboat last looked at all. */
export interface WatchState {
  lastRoundAt: string | null
  /** no round was made in time: nothing that is shown is known to be so now */
  stale: boolean
  openCritical: number
  openWarning: number
  acknowledged: number
  /** checks whose status is unknown, or whose last result is stale */
  unknown: number
  /** channels that are not paused; 0: nobody is told of anything */
  channels: number
  /** whose last message did not go out */
  deadChannels: string[]
  heartbeat: HeartbeatView | null
}
export type AlertState = 'open' | 'acknowledged' | 'resolved'
export interface AlertView {
  id: string
  kind: CheckKind
  title: string
  subject: string
  subjectName: string
  database: { id: string; name: string } | null
  storage: { id: string; name: string } | null
  severity: Severity
  state: AlertState
  words: string
  /** what it means for the data */
  means: string
  /** the one thing to do first, and where */
  firstStep: { words: string; href: string | null }
  openedAt: string
  since: string
  seenAt: string
  resolvedAt: string | null
  resolution: string | null
  /** how often it came back before it was steady */
  flaps: number
  acknowledged: { at: string; name: string; note: string } | null
  silenced: { until: string; name: string; reason: string } | null
  escalated: { level: EscalationLevel; at: string } | null
}
export interface AlertDetail extends AlertView {
  /** what to do, in order */
  steps: { words: string; href: string | null; command: string | null }[]
  /** the guided recovery that this may come to */
  runbook: { title: string; href: string } | null
  /** the newest 200, oldest first */
  events: { at: string; kind: string; words: string; name: string }[]
  /** how many there are before those */
  olderEvents: number
  /** who was told, by which channel, and whether it went out */
  told: { channel: string; recipient: string | null; topic: Topic; at: string; state: 'waiting' | 'sent' | 'given_up'; answer: string | null }[]
  nextEscalation: { level: EscalationLevel; at: string; names: string[] } | null
}
export interface ChannelView {
  id: string
  name: string
  kind: ChannelKind
  /** where it leads, in words: never a secret */
  place: string
  config: Record<string, unknown>
  severities: Severity[]
  /** it hears of these alone; also those that were taken off the list, of which it hears no more. Empty, and none hidden: of everything */
  databases: { id: string; name: string; removed: boolean }[]
  /** of its databases, those that the reader may not see */
  unseenDatabases: number
  topics: ChosenTopic[]
  digest: 'daily' | 'weekly' | null
  privateAllowed: boolean
  origin: 'person' | 'environment'
  pausedAt: string | null
  lastTriedAt: string | null
  lastOkAt: string | null
  failingSince: string | null
  problem: string | null
  /** messages that wait */
  waiting: number
  /** it can also speak while no worker lives */
  speaksAlone: boolean
  /** the last ten, newest first */
  messages: {
    id: number
    topic: Topic
    title: string
    createdAt: string
    state: 'waiting' | 'sent' | 'given_up'
    tries: number
    sentAt: string | null
    answer: string | null
  }[]
}
export interface ContactView {
  id: string
  level: EscalationLevel
  name: string
  email: string | null
  phone: string | null
  note: string
  position: number
  origin: 'person' | 'environment'
}
export interface EscalationView {
  policy: EscalationPolicy
  /** by level, in order */
  contacts: ContactView[]
  /** no mail server is set up: contacts cannot be written to */
  mailMissing: boolean
}
export interface HeartbeatView {
  host: string
  everySeconds: number
  privateAllowed: boolean
  silentWhileCritical: boolean
  lastTriedAt: string | null
  lastOkAt: string | null
  failingSince: string | null
  problem: string | null
  withheld: string | null
}
/** One line of `lifeboat logs` and of the search over events. */
export interface LogLine {
  id: number
  at: string
  kind: 'state' | 'phase' | 'progress' | 'log' | 'warning' | 'error'
  message: string
  operation: { id: string; kind: string; title: string }
  database: { id: string; name: string } | null
  /** a common fault, explained; null: none that is known */
  explained: { what: string; remedy: string } | null
}
/** What Supabase itself keeps; Lifeboat can neither read nor verify it. */
export interface NativeBackupView {
  projectRef: string
  id: string
  at: string
  status: string
  physical: boolean
  seenAt: string
}
