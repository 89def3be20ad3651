import { createHmac } from 'node:crypto'
import type { ChannelSecret } from '#lib/domain/watch/channels.ts'
import type { MessageContent } from '#lib/domain/watch/message.ts'
import { guardedRequest } from './guarded-request.ts'
import { sentByHttp } from './http-answer.ts'
import { absolute } from './links.ts'
import type { Sent } from './sent.ts'

/**
 * A generic webhook: JSON by POST, signed. `Lifeboat-Signature: t=<seconds since 1970>,v1=<hex>` is HMAC-SHA256 over `<t>.<body>` with the signing
 * key as its UTF-8 bytes; `Lifeboat-Id` is the same for every attempt at one message. Format 1: `{format, id, topic, severity, title, tone, lead, parts, href, at, data}`.
 */
export async function sendToWebhook(
  secret: ChannelSecret<'webhook'>,
  content: MessageContent,
  about: {
    messageId: string
    topic: string
    severity: string | null
    privateAllowed: boolean
    baseUrl: string | null
    now: Date
    signal?: AbortSignal
  },
): Promise<Sent> {
  const body = JSON.stringify({
    format: 1,
    id: about.messageId,
    topic: about.topic,
    severity: about.severity,
    title: content.title,
    tone: content.tone,
    lead: content.lead,
    parts: content.parts.map((part) => ({ ...part, href: absolute(part.href, about.baseUrl) ?? part.href })),
    href: absolute(content.href, about.baseUrl) ?? content.href,
    at: content.at,
    data: content.data,
  })
  const answer = await guardedRequest({
    url: secret.url,
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Lifeboat',
      'lifeboat-id': about.messageId,
      'lifeboat-signature': signatureOf(body, secret.signingKey, about.now),
    },
    body,
    privateAllowed: about.privateAllowed,
    ...(about.signal === undefined ? {} : { signal: about.signal }),
  })
  return sentByHttp(answer, 'The webhook')
}

export function signatureOf(body: string, signingKey: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1_000)
  return `t=${seconds},v1=${createHmac('sha256', signingKey).update(`${seconds}.${body}`).digest('hex')}`
}
