import type { OpenChannel } from '#lib/domain/watch/channels.ts'
import type { MessageContent, Topic } from '#lib/domain/watch/message.ts'
import type { Severity } from '#lib/domain/watch/check-kinds.ts'
import { sendByMail } from './email.ts'
import type { Sent } from './sent.ts'
import { sendToSlack } from './slack.ts'
import { sendToWebhook } from './webhook.ts'

export interface SendAbout {
  /** the same for every attempt at one message; letters, digits and hyphens */
  messageId: string
  topic: Topic
  severity: Severity | null
  /** a mail to this address instead of the channel's */
  recipient?: string | null
  /** the console's public address; null: unknown, and then nothing is linked */
  baseUrl: string | null
  now: Date
  signal?: AbortSignal
}

/** One attempt to tell one message through one channel. Never throws: whatever happened is the answer. */
export async function send(channel: OpenChannel, content: MessageContent, about: SendAbout): Promise<Sent> {
  const { privateAllowed } = channel
  switch (channel.kind) {
    case 'slack':
      return sendToSlack(channel.secret, content, { ...about, privateAllowed })
    case 'email':
      return sendByMail(channel.config, channel.secret, content, { ...about, recipient: about.recipient ?? null, privateAllowed })
    case 'webhook':
      return sendToWebhook(channel.secret, content, { ...about, privateAllowed })
  }
}
