import { isLoopback } from '../connection-url.ts'
import { asLifeboatError } from '../errors.ts'
import { channelParts, type NewChannelInput, newChannelInput } from './channel-input.ts'
import { type ChannelConfig, type ChannelSecret, mailAddress } from './channels.ts'
import { type ContactInput, contactInput } from './escalation.ts'

/** The names of the older scripts' `.env.backup`. */
export interface TellingEnvironment {
  SLACK_WEBHOOK_URL?: string | undefined
  /** separated by commas, semicolons or spaces */
  BACKUP_EMAIL_RECIPIENTS?: string | undefined
  /** unset: the machine's own sendmail */
  SMTP_HOST?: string | undefined
  SMTP_PORT?: string | undefined
  SMTP_USER?: string | undefined
  SMTP_PASSWORD?: string | undefined
  EMERGENCY_CONTACT_PRIMARY?: string | undefined
  EMERGENCY_CONTACT_SECONDARY?: string | undefined
  EMERGENCY_EMAIL_PRIMARY?: string | undefined
}

export interface NamedChannel {
  kind: 'slack' | 'email'
  name: string
  privateAllowed: boolean
  config: ChannelConfig
  secret: ChannelSecret
}

export interface NamedThere {
  channels: NamedChannel[]
  contacts: ContactInput[]
  /** kinds and levels whose variable is set, also where it is of no use: what was made of it before stays */
  kinds: NamedChannel['kind'][]
  levels: ContactInput['level'][]
  /** in words, without the values: one of them may be a secret */
  problems: string[]
}

/** Which channels and contacts the environment asks for. `hostname`: of this machine, for the sender of mails where nothing better is known. */
export function namedByEnvironment(environment: TellingEnvironment, hostname: string): NamedThere {
  const { SLACK_WEBHOOK_URL: slack, BACKUP_EMAIL_RECIPIENTS: recipients } = environment
  const named: NamedThere = { channels: [], contacts: [], kinds: [], levels: [], problems: [] }
  if (slack !== undefined) {
    named.kinds.push('slack')
    addChannel(named, 'SLACK_WEBHOOK_URL', { kind: 'slack', name: 'Slack (environment)', url: slack })
  }
  if (recipients !== undefined) {
    named.kinds.push('email')
    const words = recipients.split(/[\s,;]+/).filter((word) => word !== '')
    const to = words.filter((word) => mailAddress.safeParse(word).success)
    if (to.length < words.length) named.problems.push('BACKUP_EMAIL_RECIPIENTS: some of it are no e-mail addresses; they are left out.')
    addChannel(named, 'BACKUP_EMAIL_RECIPIENTS, SMTP_*', { kind: 'email', name: 'E-mail (environment)', to, ...senderOf(environment, hostname) })
  } else if (environment.SMTP_HOST !== undefined) {
    named.problems.push('SMTP_HOST is set and BACKUP_EMAIL_RECIPIENTS is not: nobody is written to.')
  }
  const { EMERGENCY_CONTACT_PRIMARY: first, EMERGENCY_CONTACT_SECONDARY: second, EMERGENCY_EMAIL_PRIMARY: mail } = environment
  addContact(named, { level: 'dba', variables: 'EMERGENCY_CONTACT_PRIMARY, EMERGENCY_EMAIL_PRIMARY', name: 'Primary contact', text: first, mail })
  addContact(named, { level: 'devops', variables: 'EMERGENCY_CONTACT_SECONDARY', name: 'Secondary contact', text: second, mail: undefined })
  return named
}

/** Whoever sets the environment owns the machine: a mail server of the own network needs no further consent. */
function senderOf({ SMTP_HOST: host, SMTP_PORT: port, SMTP_USER: user, SMTP_PASSWORD: password }: TellingEnvironment, hostname: string) {
  const own = mailAddress.safeParse(`lifeboat@${hostname}`).success ? `lifeboat@${hostname}` : 'lifeboat@localhost'
  if (host === undefined) return { by: 'sendmail', from: own }
  const labels = host.split('.')
  const domain = labels.length > 2 ? labels.slice(1).join('.') : host
  const isName = /\.[a-z][a-z-]*$/i.test(host)
  return {
    by: 'smtp',
    host,
    port: port === undefined ? 587 : Number(port),
    // to the same machine nothing leaves it, and what serves mail there seldom has a certificate
    security: port === '465' ? 'tls' : isLoopback(host) ? 'none' : 'starttls',
    username: user ?? '',
    password: password ?? '',
    from: user !== undefined && mailAddress.safeParse(user).success ? user : isName ? `lifeboat@${domain}` : own,
    privateAllowed: true,
  }
}

function addChannel(named: NamedThere, variables: string, typed: Record<string, unknown>): void {
  const parsed = newChannelInput.safeParse(typed)
  if (!parsed.success) {
    const fields = new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? '')))
    named.problems.push(`${variables}: no channel can be made of it (${[...fields].join(', ')}).`)
    return
  }
  try {
    const { kind, name, privateAllowed } = parsed.data as NewChannelInput & { kind: NamedChannel['kind'] }
    named.channels.push({ kind, name, privateAllowed, ...channelParts(parsed.data, '') })
  } catch (thrown) {
    const { message, hint } = asLifeboatError(thrown)
    named.problems.push(`${variables}: no channel can be made of it. ${message} ${hint}`.trimEnd())
  }
}

interface Named {
  level: ContactInput['level']
  variables: string
  name: string
  /** `Jane Doe +49 30 123456`, a number, an address, or all of them */
  text: string | undefined
  mail: string | undefined
}

function addContact(named: NamedThere, { level, variables, name, text = '', mail }: Named): void {
  if (text === '' && mail === undefined) return
  named.levels.push(level)
  const words = text.split(/[\s,;<>]+/)
  const written = words.find((word) => mailAddress.safeParse(word).success)
  const rest = words.filter((word) => word !== written).join(' ')
  // the longest: `24/7` stands before many a number
  const numbers = [...rest.matchAll(/[+(]{0,2}\d[0-9 ()./-]{2,}/g)].map(([number]) => number.trim())
  const phone = numbers.toSorted((a, b) => b.length - a.length)[0] ?? null
  const called = (phone === null ? rest : rest.replace(phone, ' ')).replaceAll(/[^\p{L}\p{N} .'’-]+/gu, ' ').replaceAll(/\s+/g, ' ')
  const parsed = contactInput.safeParse({ level, name: called.trim() === '' ? name : called, email: mail ?? written ?? null, phone })
  if (parsed.success) named.contacts.push(parsed.data)
  else named.problems.push(`${variables}: there is neither a telephone number nor an e-mail address in it.`)
}
