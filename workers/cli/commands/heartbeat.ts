import type { Command } from 'commander'
import { readHeartbeat } from '#lib/catalog/views/watch.ts'
import { readHeartbeatSettings } from '#lib/catalog/watch-settings.ts'
import { formatUtc } from '#lib/domain/units.ts'
import { heartbeatInput } from '#lib/domain/watch/heartbeat.ts'
import type { HeartbeatView } from '#lib/domain/watch-views.ts'
import { removeHeartbeat, setHeartbeat } from '#lib/operations/watch-settings.ts'
import { heartbeatUrlPlace } from '#lib/secrets/places.ts'
import { sealSecret } from '#lib/secrets/seal.ts'
import { confirm } from '../ask.ts'
import { consent, typedUrl, urlOption } from '../channel-options.ts'
import { print } from '../output.ts'
import { parsed } from '../parsed.ts'
import { sealingKey, withSession } from '../session.ts'
import { tryTelling } from '../try-telling.ts'

interface SetOptions {
  urlFile?: string
  newUrl?: boolean
  every?: string
  silentWhileCritical?: boolean
  allowPrivate?: boolean
  yes?: boolean
}

export function addHeartbeat(program: Command): void {
  const heartbeat = program
    .command('heartbeat')
    .description('a service that hears of Lifeboat and calls when it hears nothing: show, set, test, remove')
  heartbeat
    .command('show')
    .description('where it goes, and when it last arrived')
    .action(async () => {
      printHeartbeat(await withSession((session) => readHeartbeat(session.catalog, session.actor)))
    })
  urlOption(heartbeat.command('set'))
    .description('tell a service after each healthy cycle; what is not said stays')
    .option('--new-url', 'another address, which you are asked for')
    .option('--every <seconds>', 'at most this often, 60 to 3600')
    .option('--silent-while-critical', 'also silent while a critical alert is open')
    .option('--no-silent-while-critical', 'only silent while Lifeboat itself does not watch')
    .option('--allow-private', 'consent to plain http, and to addresses of this machine and of private networks; asks first')
    .option('--no-allow-private', 'withdraw it; the address is asked for again')
    .option('--yes', 'do not ask')
    .action(async (options: SetOptions) => {
      await consent(options)
      const view = await withSession(async (session) => {
        const before = await readHeartbeatSettings(session.catalog)
        const withdrawn = options.allowPrivate === false && before.privateAllowed
        const wantsUrl = options.urlFile !== undefined || options.newUrl === true || before.urlSealed === null || withdrawn
        const input = parsed(heartbeatInput, {
          everySeconds: options.every === undefined ? before.everySeconds : Number(options.every),
          silentWhileCritical: options.silentWhileCritical ?? before.silentWhileCritical,
          privateAllowed: options.allowPrivate ?? before.privateAllowed,
          ...(wantsUrl ? { url: await typedUrl(options.urlFile) } : {}),
        })
        await setHeartbeat(session.catalog, session.actor, input, async (plain) => sealSecret(plain, await sealingKey(session), heartbeatUrlPlace()))
        return readHeartbeat(session.catalog, session.actor)
      })
      printHeartbeat(view)
    })
  heartbeat
    .command('test')
    .description('send one now and show the true answer; exits 3 when it did not arrive')
    .action(async () => {
      process.exitCode = await withSession((session) => tryTelling(session, { of: 'heartbeat' }))
    })
  heartbeat
    .command('remove')
    .description('tell no service any more')
    .option('--yes', 'do not ask')
    .action(async (options: { yes?: boolean }) => {
      await withSession(async (session) => {
        await confirm('Tell no service any more? Nobody outside notices then when Lifeboat is gone.', options.yes === true)
        await removeHeartbeat(session.catalog, session.actor)
      })
      printHeartbeat(null)
    })
}

function printHeartbeat(heartbeat: HeartbeatView | null): void {
  print({ heartbeat }, () => {
    if (heartbeat === null) return 'No service hears of Lifeboat: nobody outside notices when it is gone.'
    const { host, everySeconds, silentWhileCritical, privateAllowed, lastOkAt, failingSince, problem, withheld } = heartbeat
    return [
      `${host} hears of Lifeboat every ${everySeconds} s${silentWhileCritical ? ', unless a critical alert is open' : ''}.`,
      ...(privateAllowed ? ['It may be plain http, this machine or a private network.'] : []),
      lastOkAt === null ? 'It never arrived yet.' : `It last arrived ${formatUtc(lastOkAt)}.`,
      ...(failingSince === null ? [] : [`It fails since ${formatUtc(failingSince)}: ${problem ?? 'unknown'}`]),
      ...(withheld === null ? [] : [`The last one was withheld: ${withheld}`]),
    ].join('\n')
  })
}
