import type { Generated } from 'kysely'
import type { ChannelConfig, ChannelKind } from '#lib/domain/watch/channels.ts'
import type { CheckKind, CheckStatus, Severity } from '#lib/domain/watch/check-kinds.ts'
import type { EscalationLevel } from '#lib/domain/watch/escalation.ts'
import type { ChosenTopic, MessageContent, Topic } from '#lib/domain/watch/message.ts'
import type { DefaultJson, DefaultTime, Json, Optional, OptionalTime, Time } from './column-types.ts'

/** The tables of checks, alerts, channels and contacts. */
export interface WatchingTables {
  checks: {
    kind: CheckKind
    /** as its kind says: an id, an id and a tier, or '' */
    subject: string
    subject_name: string
    database_id: Optional<string>
    storage_id: Optional<string>
    status: CheckStatus
    words: string
    value: Optional<number>
    detail: DefaultJson<Record<string, unknown>>
    since: DefaultTime
    checked_at: DefaultTime
    recorded_at: OptionalTime
  }
  check_results: {
    id: Generated<number>
    kind: CheckKind
    subject: string
    at: DefaultTime
    status: CheckStatus
    words: string
    value: Optional<number>
  }
  probes: {
    kind: 'database' | 'storage' | 'native_backups'
    subject: string
    next_at: DefaultTime
    last_at: OptionalTime
  }
  alerts: {
    id: Generated<string>
    kind: CheckKind
    subject: string
    subject_name: string
    database_id: Optional<string>
    storage_id: Optional<string>
    severity: Severity
    words: string
    detail: DefaultJson<Record<string, unknown>>
    opened_at: Time
    since: Time
    seen_at: Time
    /** less than its severity since then, and that is not steady enough yet to believe */
    calmer_since: OptionalTime
    flaps: Generated<number>
    resolved_at: OptionalTime
    resolution: Optional<string>
    acknowledged_at: OptionalTime
    acknowledged_by: Optional<string>
    acknowledged_name: Optional<string>
    acknowledged_note: Optional<string>
    silenced_until: OptionalTime
    silenced_name: Optional<string>
    silenced_reason: Optional<string>
    escalated_level: Optional<EscalationLevel>
    escalated_at: OptionalTime
  }
  alert_events: {
    id: Generated<number>
    alert_id: string
    at: Time
    kind: 'opened' | 'worsened' | 'eased' | 'returned' | 'resolved' | 'acknowledged' | 'silenced' | 'unsilenced' | 'escalated' | 'told'
    words: string
    actor_name: Generated<string>
    /** channels were told of it; set at once where nobody is to be told */
    composed_at: OptionalTime
  }
  channels: {
    id: Generated<string>
    name: string
    kind: ChannelKind
    config: Json<ChannelConfig>
    secret_sealed: Optional<string>
    /** the same for the web alone, which tells when no worker lives; null: it cannot */
    secret_for_web: Optional<string>
    severities: Generated<Severity[]>
    database_ids: Generated<string[]>
    topics: Generated<ChosenTopic[]>
    digest: Optional<'daily' | 'weekly'>
    private_allowed: Generated<boolean>
    origin: Generated<'person' | 'environment'>
    created_at: DefaultTime
    paused_at: OptionalTime
    removed_at: OptionalTime
    last_tried_at: OptionalTime
    last_ok_at: OptionalTime
    failing_since: OptionalTime
    problem: Optional<string>
  }
  messages: {
    id: Generated<number>
    channel_id: string
    recipient: Optional<string>
    dedupe_key: string
    topic: Topic
    severity: Optional<Severity>
    content: Json<MessageContent>
    alert_ids: Generated<string[]>
    operation_id: Optional<string>
    created_at: DefaultTime
    state: Generated<'waiting' | 'sent' | 'given_up'>
    tries: Generated<number>
    next_try_at: DefaultTime
    claimed_until: OptionalTime
    sent_at: OptionalTime
    answer: Optional<string>
  }
  contacts: {
    id: Generated<string>
    level: EscalationLevel
    name: string
    email: Optional<string>
    phone: Optional<string>
    note: Generated<string>
    position: Generated<number>
    origin: Generated<'person' | 'environment'>
    created_at: DefaultTime
    removed_at: OptionalTime
  }
  webs: {
    id: string
    host: string
    pid: number
    started_at: DefaultTime
    heartbeat_at: DefaultTime
    ended_at: OptionalTime
  }
  native_backups: {
    project_ref: string
    id: string
    at: Time
    status: string
    physical: Generated<boolean>
    seen_at: DefaultTime
  }
}
