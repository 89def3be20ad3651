import type { ChannelRouting } from './channels.ts'
import type { CheckKind, Severity } from './check-kinds.ts'
import type { ChosenTopic } from './message.ts'

export interface RoutedChannel extends Pick<ChannelRouting, 'severities' | 'databaseIds' | 'topics'> {
  id: string
}

/** What a channel could be told of. `severity` null: it has none, and goes to every channel that chose its topic. */
export interface Routed {
  topic: ChosenTopic
  severity: Severity | null
  databaseId: string | null
  /** the alert is about this; a channel is not told of its own failing */
  about?: { kind: CheckKind; subject: string }
}

/** Does this channel hear of it? One that chose databases hears nothing of what belongs to none. */
export function hears(channel: RoutedChannel, of: Routed): boolean {
  if (!channel.topics.includes(of.topic)) return false
  if (of.severity !== null && !channel.severities.includes(of.severity)) return false
  if (channel.databaseIds.length > 0 && (of.databaseId === null || !channel.databaseIds.includes(of.databaseId))) return false
  return !(of.about?.kind === 'channel' && of.about.subject === channel.id)
}

/** After so many messages in so many minutes, or with so many events at once, a channel gets what follows together. */
export const storm = { messages: 5, minutes: 15, holdSeconds: 120 } as const
