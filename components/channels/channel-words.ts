import type { Tone } from '#components/ui/chip.tsx'
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

export const severityWords = { critical: 'critical', warning: 'warnings' } satisfies Record<Severity, string>

/** How a channel stands; a message that arrived once says nothing about one that is paused or fails. */
export function stateOf(channel: ChannelView): { tone: Tone; word: 'paused' | 'fails' | 'works' | 'not tried yet' } {
  if (channel.pausedAt !== null) return { tone: 'none', word: 'paused' }
  if (channel.failingSince !== null) return { tone: 'bad', word: 'fails' }
  return channel.lastOkAt === null ? { tone: 'warn', word: 'not tried yet' } : { tone: 'ok', word: 'works' }
}

/** What it hears of, in one sentence. */
export function routingWords(channel: Pick<ChannelView, 'severities' | 'topics' | 'databases' | 'digest'>): string {
  const topics = channel.topics.map((topic) => {
    const words = topicWords[topic].toLowerCase()
    return topic === 'alert' && channel.severities.length === 1 ? `${words} (${severityWords[channel.severities[0] ?? 'critical']} only)` : words
  })
  const digest = channel.digest === null ? [] : [`a ${channel.digest} digest`]
  const what = [...topics, ...digest]
  const of = channel.databases.length === 0 ? 'everything' : channel.databases.map((one) => one.name).join(', ')
  return what.length === 0 ? 'Hears of nothing by itself; escalations may go by it.' : `Hears of ${listed(what)}, of ${of}.`
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
