import type { Command } from 'commander'
import { type ChannelRow, findChannelByName } from '#lib/catalog/channels.ts'
import { listChannels, readChannel } from '#lib/catalog/views/channels.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { formatUtc } from '#lib/domain/units.ts'
import { channelChangeInput, newChannelInput } from '#lib/domain/watch/channel-input.ts'
import { databaseWords } from '#lib/domain/watch/routing-words.ts'
import type { ChannelView } from '#lib/domain/watch-views.ts'
import { addChannel, changeChannel, type MadeChannel, pauseChannel, removeChannel, resumeChannel } from '#lib/operations/channels.ts'
import { confirm } from '../ask.ts'
import {
  consent,
  mailOf,
  type MailOptions,
  mailOptions,
  type RoutingOptions,
  routingOf,
  routingOptions,
  sealerOf,
  typedPassword,
  typedUrl,
  urlOption,
} from '../channel-options.ts'
import { print, table } from '../output.ts'
import { parsed } from '../parsed.ts'
import { type Session, withSession } from '../session.ts'
import { tryTelling } from '../try-telling.ts'

interface ChangeOptions extends RoutingOptions, MailOptions {
  name?: string
  urlFile?: string
  newUrl?: boolean
  newSigningKey?: boolean
}

export function addChannels(program: Command): void {
  const channel = program.command('channel').description('who is told: list, add, change, pause, resume, test, remove')
  channel
    .command('list')
    .description('every channel, what it hears of, and what became of its last message')
    .action(async () => {
      const channels = await withSession((session) => listChannels(session.catalog, session.actor))
      print({ channels }, () =>
        channels.length === 0
          ? 'Nobody is told of anything. lifeboat channel add slack|email|webhook NAME changes that.'
          : table(['NAME', 'KIND', 'PLACE', 'HEARS OF', 'STATE'], channels.map(cells)),
      )
    })
  addAdds(channel.command('add').description('tell a Slack channel, addresses or a program'))
  routingOptions(mailOptions(urlOption(channel.command('change'))))
    .description('what is not said stays; a test message shows whether it works')
    .argument('<name>')
    .option('--name <name>', 'the new name')
    .option('--new-url', 'another address, which you are asked for')
    .option('--new-signing-key', 'of a webhook: the old signature ends; the address is asked for with it')
    .action(async (name: string, options: ChangeOptions) => {
      await withSession(async (session) => {
        const found = await findChannel(session, name)
        const change = await changeOf(session, found, options)
        if (Object.keys(change).length === 0) throw new LifeboatError('usage', 'What is to change?', 'lifeboat channel change --help')
        const input = parsed(channelChangeInput.strict(), change)
        await consent(options)
        const made = await changeChannel(session.catalog, session.actor, found.id, input, sealerOf(session))
        await printMade(session, made, 'was changed')
      })
    })
  for (const [name, act, says] of [
    ['pause', pauseChannel, 'tell it nothing; what happens meanwhile is not told afterwards'],
    ['resume', resumeChannel, 'tell it again, from now on'],
  ] as const) {
    channel
      .command(name)
      .description(says)
      .argument('<name>')
      .action(async (which: string) => {
        await withSession(async (session) => {
          const { id } = await findChannel(session, which)
          await act(session.catalog, session.actor, id)
          await printMade(session, { id, signingKey: null }, name === 'pause' ? 'is paused' : 'is told again')
        })
      })
  }
  channel
    .command('test')
    .description('send a test message and show the true answer of the other side; exits 3 when it did not arrive')
    .argument('<name>')
    .action(async (name: string) => {
      process.exitCode = await withSession(async (session) => {
        const { id } = await findChannel(session, name)
        return tryTelling(session, { of: 'channel', channelId: id })
      })
    })
  channel
    .command('remove')
    .description('take a channel away; what waits for it is dropped')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }) => {
      await withSession(async (session) => {
        const { id } = await findChannel(session, name)
        await confirm(`Take the channel ${name} away? It is told of nothing any more.`, options.yes === true)
        await removeChannel(session.catalog, session.actor, id)
        print({ channel: { id, name, removed: true } }, () => `${name} is told of nothing any more.`)
      })
    })
}

function addAdds(add: Command): void {
  for (const [kind, says] of [
    ['slack', 'an incoming webhook of Slack'],
    ['webhook', 'a signed POST to a program of yours; its signing key is shown once'],
  ] as const) {
    routingOptions(urlOption(add.command(kind)))
      .description(says)
      .argument('<name>')
      .action(async (name: string, options: RoutingOptions & { urlFile?: string }) =>
        make(options, async () => ({ kind, name, url: await typedUrl(options.urlFile) })),
      )
  }
  routingOptions(mailOptions(add.command('email')))
    .description('mail, through a mail server or the machine’s own sendmail')
    .argument('<name>')
    .action(async (name: string, options: RoutingOptions & MailOptions) => {
      if (options.smtp === undefined && !options.sendmail)
        throw new LifeboatError('usage', 'How does the mail go out?', '--smtp HOST[:PORT], or --sendmail')
      if (options.from === undefined || options.to === undefined)
        throw new LifeboatError('usage', 'Who writes to whom?', '--from ADDRESS --to ADDRESS…')
      await make(options, async () => {
        const password = await typedPassword(options)
        return { kind: 'email', name, ...mailOf(options), ...(password === undefined ? {} : { password }) }
      })
    })
}

async function make(options: RoutingOptions, typed: () => Promise<object>): Promise<void> {
  await consent(options)
  await withSession(async (session) => {
    const input = parsed(newChannelInput, { ...(await routingOf(session, options)), ...(await typed()) })
    const made = await addChannel(session.catalog, session.actor, input, sealerOf(session))
    await printMade(session, made, 'is told from now on')
  })
}

async function changeOf(session: Session, { kind, private_allowed }: ChannelRow, options: ChangeOptions): Promise<object> {
  const mail = mailOf(options)
  const wantsUrl = options.urlFile !== undefined || options.newUrl === true || options.newSigningKey === true
  if (kind === 'email' ? wantsUrl : Object.keys(mail).length > 0 || options.passwordFile !== undefined) {
    throw new LifeboatError(
      'usage',
      kind === 'email' ? 'A mail channel has no address of this kind.' : 'This is no mail channel.',
      'Nothing was changed.',
    )
  }
  const withdrawn = kind !== 'email' && private_allowed && options.allowPrivate === false
  const password = await typedPassword(options)
  return {
    ...(await routingOf(session, options)),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...mail,
    ...(password === undefined ? {} : { password }),
    ...(wantsUrl || withdrawn ? { url: await typedUrl(options.urlFile) } : {}),
    ...(options.newSigningKey ? { newSigningKey: true } : {}),
  }
}

async function findChannel(session: Session, name: string) {
  const row = await findChannelByName(session.catalog, name)
  if (row !== null) return row
  throw new LifeboatError('not_found', `There is no channel "${name}".`, 'lifeboat channel list shows them.')
}

async function printMade(session: Session, { id, signingKey }: MadeChannel, became: string): Promise<void> {
  const channel = await readChannel(session.catalog, session.actor, id)
  const key = signingKey === null ? '' : `\nThe key of its signatures, shown this once: ${signingKey}`
  print({ channel, ...(signingKey === null ? {} : { signingKey }) }, () => `${channel.name} ${became}: ${channel.place}.${key}`)
}

function cells(one: ChannelView): string[] {
  const hears = [
    ...(one.severities.length === 1 ? one.severities : []),
    ...one.topics,
    ...(one.digest === null ? [] : [`${one.digest} digest`]),
    ...(one.databases.length + one.unseenDatabases === 0 ? [] : [`of ${databaseWords(one)}`]),
  ]
  return [one.name, one.origin === 'environment' ? `${one.kind} (environment)` : one.kind, one.place, hears.join(' '), stateOf(one)]
}

function stateOf({ pausedAt, failingSince, problem, lastOkAt, waiting }: ChannelView): string {
  if (pausedAt !== null) return 'paused'
  const waits = waiting === 0 ? '' : `; ${waiting} wait`
  if (failingSince !== null) return `fails since ${formatUtc(failingSince)}: ${problem ?? 'unknown'}${waits}`
  return lastOkAt === null ? `never tried${waits}` : `answered ${formatUtc(lastOkAt)}${waits}`
}
