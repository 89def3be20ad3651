import type { ChannelChangeInput, NewChannelInput } from '#lib/domain/watch/channel-input.ts'
import { type ChannelKind, channelConfigs } from '#lib/domain/watch/channels.ts'
import { type Severity, severities } from '#lib/domain/watch/check-kinds.ts'
import { type ChosenTopic, chosenTopics } from '#lib/domain/watch/message.ts'
import type { ChannelView } from '#lib/domain/watch-views.ts'
import { graded } from './channel-words.ts'

/** What the form holds, as it is typed. A secret that is left empty stays as it is stored. */
export interface ChannelFields {
  kind: ChannelKind
  name: string
  url: string
  by: 'smtp' | 'sendmail'
  host: string
  port: string
  security: 'tls' | 'starttls' | 'none'
  username: string
  password: string
  from: string
  /** one address a line, or with commas */
  to: string
  severities: Severity[]
  topics: ChosenTopic[]
  databaseIds: string[]
  digest: 'none' | 'daily' | 'weekly'
  privateAllowed: boolean
}

export function fieldsOf(channel: ChannelView | null): ChannelFields {
  const mail = channel?.kind === 'email' ? channelConfigs.email.parse(channel.config) : null
  return {
    kind: channel?.kind ?? 'slack',
    name: channel?.name ?? '',
    url: '',
    by: mail?.by ?? 'smtp',
    host: mail?.host ?? '',
    port: String(mail?.port ?? 587),
    security: mail?.security ?? 'starttls',
    username: mail?.username ?? '',
    password: '',
    from: mail?.from ?? '',
    to: mail?.to.join('\n') ?? '',
    severities: channel?.severities ?? [...severities],
    topics: channel?.topics ?? ['alert', 'recovered', 'restore'],
    databaseIds: channel?.databases.map((one) => one.id) ?? [],
    digest: channel?.digest ?? 'none',
    privateAllowed: channel?.privateAllowed ?? false,
  }
}

/** Why it cannot be saved yet, in a sentence; null: it can. What is wrong with an address is said by the server. */
export function missingIn(fields: ChannelFields, isNew: boolean): string | null {
  if (fields.name.trim() === '') return 'Give the channel a name.'
  if (fields.topics.some(graded) && fields.severities.length === 0) return 'Say which alerts: critical, warnings or both.'
  if (fields.kind !== 'email') return isNew && fields.url.trim() === '' ? 'Give the address of the webhook.' : null
  if (fields.by === 'smtp' && fields.host.trim() === '') return 'Give the name of the mail server.'
  if (fields.from.trim() === '') return 'Give the address that mails come from.'
  return addressesIn(fields.to).length === 0 ? 'Give at least one address that mails go to.' : null
}

export function addressesIn(text: string): string[] {
  return text.split(/[\s,;]+/).filter((one) => one !== '')
}

function routingIn(fields: ChannelFields) {
  return {
    severities: severities.filter((one) => fields.severities.includes(one)),
    databaseIds: fields.databaseIds,
    topics: chosenTopics.filter((one) => fields.topics.includes(one)),
    digest: fields.digest === 'none' ? null : fields.digest,
    privateAllowed: fields.privateAllowed,
  }
}

function mailIn(fields: ChannelFields) {
  const { by, security } = fields
  return {
    by,
    host: fields.host.trim(),
    port: Number(fields.port),
    security,
    username: fields.username.trim(),
    from: fields.from.trim(),
    to: addressesIn(fields.to),
  }
}

export function newChannel(fields: ChannelFields): NewChannelInput {
  const common = { name: fields.name.trim(), ...routingIn(fields) }
  if (fields.kind === 'email') return { kind: 'email', ...common, ...mailIn(fields), password: fields.password }
  return { kind: fields.kind, ...common, url: fields.url.trim() }
}

/** Only what differs: so a password is asked for again only where it must be. */
export function changeOf(fields: ChannelFields, channel: ChannelView): ChannelChangeInput {
  const before = fieldsOf(channel)
  const gone = new Set(channel.databases.filter((one) => one.removed).map((one) => one.id))
  const there = fields.databaseIds.filter((one) => !gone.has(one))
  const after = { name: fields.name.trim(), ...routingIn(fields), ...(fields.kind === 'email' ? mailIn(fields) : {}) }
  const then: Record<string, unknown> = { name: before.name, ...routingIn(before), ...(fields.kind === 'email' ? mailIn(before) : {}) }
  const changed = Object.fromEntries(Object.entries(after).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(then[key])))
  return {
    ...changed,
    // whoever chooses anew chooses among those that are there; where none of them is left, an empty list would be everything
    ...('databaseIds' in changed && there.length > 0 ? { databaseIds: there } : {}),
    ...(fields.kind !== 'email' && fields.url.trim() !== '' ? { url: fields.url.trim() } : {}),
    ...(fields.kind === 'email' && fields.password !== '' ? { password: fields.password } : {}),
  }
}
