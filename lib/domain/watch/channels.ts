import { z } from 'zod'
import { severities } from './check-kinds.ts'
import { chosenTopics } from './message.ts'

export const channelKinds = ['slack', 'email', 'webhook'] as const
export type ChannelKind = (typeof channelKinds)[number]

/** A header is one line: what could begin another is refused, not repaired. FAULTS.md section 3, 25. */
const oneLine = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'No line breaks or control characters.')

/** One mailbox, as RFC 5321 has it without quoted local parts: nothing in it can end a header or begin an argument. */
export const mailAddress = z
  .string()
  .trim()
  .max(254)
  .regex(
    /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
    'This is no e-mail address.',
  )

/** What stands in `channels.config`; never a secret. */
export const channelConfigs = {
  /** the address of the webhook is the secret; `host` is for people */
  slack: z.object({ host: z.string() }),
  email: z.object({
    /** `sendmail`: the machine's own, at this path */
    by: z.enum(['smtp', 'sendmail']),
    host: z.string().max(253).default(''),
    port: z.number().int().min(1).max(65_535).default(587),
    /** tls: from the first byte (465); starttls: required; none: plain, only with consent */
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    username: z.string().max(200).default(''),
    from: mailAddress,
    to: z.array(mailAddress).min(1).max(50),
    sendmailPath: z.string().default('/usr/sbin/sendmail'),
  }),
  /** the address may hold a token, so it is a secret too; `host` is for people */
  webhook: z.object({ host: z.string() }),
} as const
export type ChannelConfig<Kind extends ChannelKind = ChannelKind> = z.output<(typeof channelConfigs)[Kind]>

/** What is sealed: JSON of this. */
export const channelSecrets = {
  slack: z.object({ url: z.url() }),
  email: z.object({ password: z.string().default('') }),
  /** signingKey: what the signature is made with; made by Lifeboat, shown once */
  webhook: z.object({ url: z.url(), signingKey: z.string().min(16) }),
} as const
export type ChannelSecret<Kind extends ChannelKind = ChannelKind> = z.output<(typeof channelSecrets)[Kind]>

/** A channel with its secret opened: what a message can be sent through. */
export type OpenChannel = {
  [Kind in ChannelKind]: { kind: Kind; config: ChannelConfig<Kind>; secret: ChannelSecret<Kind>; privateAllowed: boolean }
}[ChannelKind]

/** Throws a ZodError where what is stored is not what its kind needs. `secret`: the opened JSON; null: it has none. */
export function openedChannel(kind: ChannelKind, config: unknown, secret: string | null, privateAllowed: boolean): OpenChannel {
  const opened: unknown = JSON.parse(secret ?? '{}')
  switch (kind) {
    case 'slack':
      return { kind, config: channelConfigs.slack.parse(config), secret: channelSecrets.slack.parse(opened), privateAllowed }
    case 'email':
      return { kind, config: channelConfigs.email.parse(config), secret: channelSecrets.email.parse(opened), privateAllowed }
    case 'webhook':
      return { kind, config: channelConfigs.webhook.parse(config), secret: channelSecrets.webhook.parse(opened), privateAllowed }
  }
}

/** What a channel hears of. */
export const channelRouting = z.object({
  severities: z.array(z.enum(severities)).default([...severities]),
  /** empty: every database, and what belongs to none */
  databaseIds: z.array(z.uuid()).max(200).default([]),
  topics: z.array(z.enum(chosenTopics)).default(['alert', 'recovered', 'restore']),
  digest: z.enum(['daily', 'weekly']).nullable().default(null),
})
export type ChannelRouting = z.output<typeof channelRouting>

export const channelName = oneLine.max(80)
