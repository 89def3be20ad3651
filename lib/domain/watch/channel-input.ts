import { z } from 'zod'
import { addressKind, hostForm, refusalOf } from '../addresses.ts'
import { LifeboatError } from '../errors.ts'
import { type ChannelConfig, type ChannelKind, channelConfigs, channelName, channelRouting, type ChannelSecret, mailAddress } from './channels.ts'

const url = z.string().trim().max(2_000)
const routing = channelRouting.shape
const privateAllowed = z.boolean()

/** The path of sendmail is not asked for: a program that a person may name is one that a stolen session may name. */
const mail = z.object({
  by: z.enum(['smtp', 'sendmail']),
  host: z.string().trim().max(253),
  port: z.number().int().min(1).max(65_535),
  security: z.enum(['tls', 'starttls', 'none']),
  username: z.string().trim().max(200),
  from: mailAddress,
  to: z.array(mailAddress).min(1).max(50),
})

/** A new channel, as a person describes it. */
export const newChannelInput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('slack'), name: channelName, url, ...routing, privateAllowed: privateAllowed.default(false) }),
  z.object({ kind: z.literal('webhook'), name: channelName, url, ...routing, privateAllowed: privateAllowed.default(false) }),
  z.object({
    kind: z.literal('email'),
    name: channelName,
    ...mail.shape,
    host: mail.shape.host.default(''),
    port: mail.shape.port.default(587),
    security: mail.shape.security.default('starttls'),
    username: mail.shape.username.default(''),
    /** sealed at once; left out: none is needed */
    password: z.string().max(500).default(''),
    ...routing,
    privateAllowed: privateAllowed.default(false),
  }),
])
export type NewChannelInput = z.output<typeof newChannelInput>

/** What is left out stays as it is. `url`, `password`: a new one; `newSigningKey`: the old signature ends. */
export const channelChangeInput = z
  .object({
    name: channelName,
    severities: routing.severities.unwrap(),
    databaseIds: routing.databaseIds.unwrap(),
    topics: routing.topics.unwrap(),
    digest: routing.digest.unwrap(),
    privateAllowed,
    url,
    ...mail.shape,
    password: z.string().max(500),
    newSigningKey: z.literal(true),
  })
  .partial()
export type ChannelChangeInput = z.output<typeof channelChangeInput>

/** What is stored of it: the config, and the secret that is to be sealed. Throws `usage` in words for whoever typed it. `signingKey`: of a webhook. */
export function channelParts(
  input: Pick<NewChannelInput, 'privateAllowed'> &
    ({ kind: 'slack' | 'webhook'; url: string } | ({ kind: 'email'; password: string } & Omit<ChannelConfig<'email'>, 'sendmailPath'>)),
  signingKey: string,
): { config: ChannelConfig; secret: ChannelSecret } {
  if (input.kind === 'email') {
    const { by, host, port, security, username, from, to } = input
    if (by === 'smtp') assertHost(host, input.privateAllowed)
    if (by === 'smtp' && security === 'none' && !input.privateAllowed) {
      throw new LifeboatError('usage', 'Mail would go out without encryption.', 'Choose TLS or STARTTLS, or consent to it for this channel.')
    }
    return { config: channelConfigs.email.parse({ by, host, port, security, username, from, to }), secret: { password: input.password } }
  }
  const host = hostOfUrl(input.kind, input.url, input.privateAllowed)
  return input.kind === 'slack' ? { config: { host }, secret: { url: input.url } } : { config: { host }, secret: { url: input.url, signingKey } }
}

const slackHosts = ['hooks.slack.com', 'hooks.slack-gov.com']

/** The same rules as when it is sent, told while somebody is there to hear them. What the name resolves to is looked at then. */
function hostOfUrl(kind: ChannelKind, typed: string, consented: boolean): string {
  const parsed = URL.canParse(typed) ? new URL(typed) : null
  if (parsed === null) throw new LifeboatError('usage', 'This is no address.', 'It begins with https:// and names a host.')
  assertUrl(parsed, consented)
  if (kind === 'slack' && !consented && !slackHosts.includes(parsed.hostname)) {
    throw new LifeboatError(
      'usage',
      `This is not one of Slack’s webhooks: they lie at ${slackHosts[0]}.`,
      'For anything else choose the kind webhook.',
    )
  }
  return parsed.host
}

/** Of everything that is asked over HTTP. Throws `usage`. */
export function assertUrl(parsed: URL, consented: boolean): void {
  if (parsed.protocol !== 'https:' && !(parsed.protocol === 'http:' && consented)) {
    throw new LifeboatError('usage', 'Only https is used.', 'Plain http needs your consent for this target.')
  }
  if (parsed.username !== '' || parsed.password !== '') throw new LifeboatError('usage', 'An address with a user name in it is not used.')
  assertHost(parsed.hostname, consented)
}

function assertHost(host: string, consented: boolean): void {
  if (host === '') throw new LifeboatError('usage', 'The name of the mail server is missing.')
  const form = hostForm(host)
  if (form.form === 'refused') throw new LifeboatError('usage', 'The host is neither a name nor an address in its usual form.')
  if (form.form === 'name') return
  const refusal = refusalOf(addressKind(form.address) ?? 'never', consented)
  if (refusal !== null) throw new LifeboatError('usage', refusal, consented ? '' : 'If that is meant, consent to it for this channel.')
}
