import { CircleCheck, CircleHelp, CirclePause, type LucideIcon, OctagonX } from 'lucide-react'
import type { Tone } from '#components/ui/chip.tsx'
import { formatCount } from '#lib/domain/units.ts'
import { databaseWords } from '#lib/domain/watch/routing-words.ts'
import type { ChannelKind } from '#lib/domain/watch/channels.ts'
import type { Severity } from '#lib/domain/watch/check-kinds.ts'
import type { ChosenTopic } from '#lib/domain/watch/message.ts'
import type { ChannelView } from '#lib/domain/watch-views.ts'

export const kindWords = { slack: 'Slack', email: 'E-mail', webhook: 'Webhook' } satisfies Record<ChannelKind, string>

export const topicWords = {
  alert: 'Alerts',
  recovered: 'Recoveries',
  backup_succeeded: 'Backups that succeeded',
  backup_failed: 'Backups that failed',
  restore: 'Restores, clones, imports',
} satisfies Record<ChosenTopic, string>

const severityWords = { critical: 'critical alerts', warning: 'warnings' } satisfies Record<Severity, string>

/** How a channel stands; a message that arrived once says nothing about one that is paused or fails. */
export function stateOf(channel: ChannelView): { tone: Tone; icon: LucideIcon; word: 'paused' | 'fails' | 'works' | 'not tried yet' } {
  if (channel.pausedAt !== null) return { tone: 'none', icon: CirclePause, word: 'paused' }
  if (channel.failingSince !== null) return { tone: 'bad', icon: OctagonX, word: 'fails' }
  return channel.lastOkAt === null ? { tone: 'warn', icon: CircleHelp, word: 'not tried yet' } : { tone: 'ok', icon: CircleCheck, word: 'works' }
}

type Routing = Pick<ChannelView, 'severities' | 'topics' | 'databases' | 'unseenDatabases' | 'digest'>

/** What it hears of, in one sentence. Without a severity neither alerts nor their recoveries come through. */
export function routingWords(channel: Routing): string {
  const severity = channel.severities.length === 1 ? (channel.severities[0] ?? null) : null
  const topics = channel.topics.flatMap((topic) => {
    if (!graded(topic)) return [topic === 'restore' ? 'restores (also clones and imports)' : topicWords[topic].toLowerCase()]
    if (channel.severities.length === 0) return []
    const alerts = severity === null ? 'alerts' : severityWords[severity]
    if (topic === 'alert') return [alerts]
    return [severity === null ? 'recoveries' : `recoveries of ${alerts}`]
  })
  const digest = channel.digest === null ? [] : [`a ${channel.digest} digest`]
  const what = [...topics, ...digest]
  const of = hearsOfAll(channel) ? 'everything' : databaseWords(channel)
  return what.length === 0 ? 'Hears of nothing by itself; escalations may go by it.' : `Hears of ${listed(what)}, of ${of}.`
}

/** These come with the severity of their alert. */
export function graded(topic: ChosenTopic): boolean {
  return topic === 'alert' || topic === 'recovered'
}

/** Whom the channels together leave in the dark; null: critical alerts of everything are told to somebody. Empty lists say it themselves. */
export function silenceWords(
  channels: readonly (Routing & Pick<ChannelView, 'pausedAt'>)[],
  databases: readonly { id: string; name: string }[],
): string | null {
  if (channels.length === 0) return null
  const awake = channels.filter((one) => one.pausedAt === null)
  if (awake.length === 0) return 'Nobody is told: every channel is paused'
  const hearing = awake.filter((one) => one.topics.includes('alert') && one.severities.includes('critical'))
  if (hearing.length === 0) return 'No channel that is not paused hears of critical alerts'
  if (hearing.some(hearsOfAll)) return null
  const unheard = databases.filter(({ id }) => !hearing.some((one) => one.databases.some((chosen) => chosen.id === id)))
  const named = unheard.length > 3 ? [formatCount(unheard.length, 'database')] : unheard.map((one) => one.name)
  return `No channel hears of critical alerts about ${listed([...named, 'storages', 'workers', 'keys'])}`
}

function hearsOfAll(channel: Pick<ChannelView, 'databases' | 'unseenDatabases'>): boolean {
  return channel.databases.length === 0 && channel.unseenDatabases === 0
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
