import type { ChannelSecret } from '#lib/domain/watch/channels.ts'
import type { MessageContent } from '#lib/domain/watch/message.ts'
import { guardedRequest } from './guarded-request.ts'
import { sentByHttp } from './http-answer.ts'
import { notDelivered, type Sent } from './sent.ts'
import { isSlackHost, slackBody } from './slack-body.ts'

/** What Slack says in words, in its own documentation of incoming webhooks; anything else is not repeated. */
const slackErrors: Record<string, string> = {
  no_service: 'this webhook was switched off or removed',
  no_service_id: 'this webhook does not exist',
  no_team: 'its workspace does not exist',
  team_disabled: 'its workspace is switched off',
  channel_not_found: 'its channel does not exist',
  channel_is_archived: 'its channel is archived',
  action_prohibited: 'an administrator of the workspace forbids it',
  posting_to_general_channel_denied: 'posting to this channel is not allowed',
  invalid_token: 'the address is not valid',
  no_active_hooks: 'the webhook is switched off',
}

/** Slack’s incoming webhooks; `privateAllowed` lets tests and imitations stand in, and with it the list of hosts does not hold. */
export async function sendToSlack(
  secret: ChannelSecret<'slack'>,
  content: MessageContent,
  { privateAllowed, baseUrl, signal }: { privateAllowed: boolean; baseUrl: string | null; signal?: AbortSignal },
): Promise<Sent> {
  if (!privateAllowed && !isSlackHost(secret.url)) return notDelivered('This address is not one of Slack’s webhooks.', { permanent: true })
  const answer = await guardedRequest({
    url: secret.url,
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Lifeboat' },
    body: JSON.stringify(slackBody(content, baseUrl)),
    privateAllowed,
    ...(signal === undefined ? {} : { signal }),
  })
  const known = answer.kind === 'answered' && answer.status >= 400 ? slackErrors[answer.text.trim()] : undefined
  if (known === undefined || answer.kind !== 'answered') return sentByHttp(answer, 'Slack')
  return notDelivered(`Slack refused it: ${known} (${answer.status}).`, { permanent: true })
}
