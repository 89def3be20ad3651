import { type Command, Option } from 'commander'
import { knownSessionSecret } from '#lib/auth/session-secret.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { severities } from '#lib/domain/watch/check-kinds.ts'
import { chosenTopics } from '#lib/domain/watch/message.ts'
import type { SealChannel } from '#lib/operations/channels.ts'
import { sealForWeb } from '#lib/secrets/for-web.ts'
import { channelSecretForWebPlace, channelSecretPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { confirm, readSecretFile, secret } from './ask.ts'
import { findDatabase } from './find.ts'
import { sealingKey, type Session } from './session.ts'

export interface RoutingOptions {
  severity?: string[]
  database?: string[]
  topic?: string[]
  digest?: string
  allowPrivate?: boolean
  yes?: boolean
}

export interface MailOptions {
  to?: string[]
  from?: string
  smtp?: string
  sendmail?: boolean
  security?: string
  username?: string
  passwordFile?: string
}

export function routingOptions(command: Command): Command {
  return command
    .addOption(new Option('--severity <severity...>', 'alerts of these only').choices(severities))
    .option('--database <name...>', 'what concerns these only; all: every one, and what concerns none')
    .addOption(new Option('--topic <topic...>', 'what it hears of').choices(chosenTopics))
    .addOption(new Option('--digest <when>', 'a summary besides').choices(['daily', 'weekly', 'none']))
    .option('--allow-private', 'consent to plain http, and to addresses of this machine and of private networks; asks first')
    .option('--no-allow-private', 'withdraw it; an address that cannot be read here is asked for again')
    .option('--yes', 'do not ask')
}

/** An address, a token in it, a password: none of them stands on the command line, where other accounts of the machine can read it. */
export function urlOption(command: Command): Command {
  return command.option('--url-file <file>', 'a file that holds the address; without it you are asked')
}

export function mailOptions(command: Command): Command {
  return command
    .option('--to <address...>', 'who is written to')
    .option('--from <address>', 'the sender')
    .option('--smtp <host[:port]>', 'the mail server; port 587 unless you say another')
    .option('--sendmail', 'the machine’s own mail system instead')
    .addOption(
      new Option('--security <how>', 'tls: from the first byte, as on port 465; none: needs --allow-private').choices(['tls', 'starttls', 'none']),
    )
    .option('--username <name>', 'at the mail server')
    .option('--password-file <file>', 'a file that holds the password; without it you are asked where there is a user name')
}

/** What was said of what a channel hears of; what was not said is left out. */
export async function routingOf(session: Session, { severity, database, topic, digest, allowPrivate }: RoutingOptions) {
  const ids: string[] = []
  for (const name of (database ?? []).filter((one) => one !== 'all')) ids.push((await findDatabase(session, name)).id)
  return {
    ...(severity === undefined ? {} : { severities: severity }),
    ...(database === undefined ? {} : { databaseIds: ids }),
    ...(topic === undefined ? {} : { topics: topic }),
    ...(digest === undefined ? {} : { digest: digest === 'none' ? null : digest }),
    ...(allowPrivate === undefined ? {} : { privateAllowed: allowPrivate }),
  }
}

/** What was said of a mail channel but for its password. Throws `usage`. */
export function mailOf({ to, from, smtp, sendmail, security, username }: MailOptions) {
  if (smtp !== undefined && sendmail) throw new LifeboatError('usage', 'Is it --smtp or --sendmail?', 'Nothing was changed.')
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(smtp ?? '') ?? []
  if (smtp !== undefined && bracketed === undefined && !plain)
    throw new LifeboatError('usage', `"${smtp}" is no mail server.`, '--smtp mail.example.com:587')
  return {
    ...(to === undefined ? {} : { to }),
    ...(from === undefined ? {} : { from }),
    ...(smtp === undefined ? {} : { by: 'smtp', host: bracketed ?? plain ?? '', ...(port === undefined ? {} : { port: Number(port) }) }),
    ...(sendmail ? { by: 'sendmail' } : {}),
    ...(security === undefined ? (port === '465' ? { security: 'tls' } : {}) : { security }),
    ...(username === undefined ? {} : { username }),
  }
}

export async function consent(options: { allowPrivate?: boolean; yes?: boolean }): Promise<void> {
  if (options.allowPrivate !== true) return
  await confirm('Lifeboat will send to plain http, to this machine and to private networks for this one. Go on?', options.yes === true)
}

/** The address from its file, or typed unseen. */
export async function typedUrl(file: string | undefined): Promise<string> {
  const url = await secret('Address', file)
  if (url !== null) return url.trim()
  throw new LifeboatError('usage', 'The address is missing.', 'Put it in a file that only you can read: --url-file FILE')
}

export async function typedPassword({ passwordFile, username }: MailOptions): Promise<string | undefined> {
  if (passwordFile !== undefined) return readSecretFile(passwordFile)
  if (username === undefined || username === '') return undefined
  return (await secret(`Password of ${username}`, undefined)) ?? undefined
}

/** As the console seals: for the workers, and for the web where its secret is known on this machine. */
export function sealerOf(session: Session): SealChannel {
  return async (id, plain) => {
    const webSecret = knownSessionSecret()
    return {
      sealed: sealSecret(plain, await sealingKey(session), channelSecretPlace(id)),
      forWeb: webSecret === null ? null : sealForWeb(plain, webSecret, channelSecretForWebPlace(id)),
    }
  }
}
