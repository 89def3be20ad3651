import type { Kysely } from 'kysely'
import { insertAlertEvent } from '#lib/catalog/alerts.ts'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { listOpenChannels } from '#lib/catalog/telling.ts'
import { secondsWithoutWorker, workersLackKeys } from '#lib/catalog/webs.ts'
import { LifeboatError } from '#lib/domain/errors.ts'
import { type OpenChannel, openedChannel } from '#lib/domain/watch/channels.ts'
import { named } from '#lib/domain/watch/result.ts'
import { openForWeb } from '#lib/secrets/for-web.ts'
import { channelSecretForWebPlace } from '#lib/secrets/places.ts'
import { deliverMessages } from './deliver.ts'
import { digest } from './digest.ts'
import { escalate } from './escalate.ts'
import { keepToClock } from './keep-to-clock.ts'
import { watchRound } from './round.ts'
import { tellNews } from './tell.ts'

/** a worker that is started anew is back by then */
const patienceSeconds = 60

export interface StandIn {
  /** what the addresses of channels are sealed with for the web */
  webSecret: () => string
  baseUrl: string | null
  /** the catalogue's clock; tests move it */
  clock?: () => Promise<Date>
  chance?: () => number
}

/**
 * What the web does while no worker lives: it makes the rounds that need only the catalogue, and tells through the channels whose address it can
 * open. It also tells while none of those that live holds a key: they open no channel. It backs nothing up, and it sends no heartbeat: the service outside is to notice. Returns false where a worker lives, or none ever did.
 */
export async function standIn(
  catalog: Kysely<Catalog>,
  { webSecret, baseUrl, clock = () => catalogueNow(catalog), chance }: StandIn,
): Promise<boolean> {
  const now = await clock()
  await keepToClock(catalog, now)
  const silent = await secondsWithoutWorker(catalog, now)
  // its rounds go on, but it opens no channel
  if (await workersLackKeys(catalog, now)) await deliver(catalog, (await tryToOpen(catalog, webSecret)).opened, { baseUrl, clock, chance })
  if (silent === null || silent < patienceSeconds) return false
  const { opened, closed } = await tryToOpen(catalog, webSecret)
  await watchRound(catalog, now)
  await tellNews(catalog, now)
  // where it reaches nobody, the level is left to a worker
  if (opened.size > 0) await escalate(catalog, now, [...opened.keys()])
  await sayThrough(
    catalog,
    [...opened.values()].map((one) => one.name),
    closed,
    now,
  )
  await deliver(catalog, opened, { baseUrl, clock, chance })
  // last: nothing of it is urgent
  await digest(catalog, now)
  return true
}

async function deliver(
  catalog: Kysely<Catalog>,
  opened: Opened,
  { baseUrl, clock, chance }: { baseUrl: string | null; clock: () => Promise<Date>; chance: (() => number) | undefined },
): Promise<void> {
  await deliverMessages(catalog, {
    open: (channel) => {
      const one = opened.get(channel.id)
      if (one === undefined) throw new LifeboatError('wrong_key', 'The console cannot open it.')
      return one.channel
    },
    baseUrl,
    clock,
    channelIds: [...opened.keys()],
    ...(chance === undefined ? {} : { chance }),
  })
}

type Opened = Map<string, { name: string; channel: OpenChannel }>

/** What cannot be opened here is left to the workers, untried: an attempt that must fail would put the next one off. */
async function tryToOpen(catalog: Kysely<Catalog>, webSecret: () => string): Promise<{ opened: Opened; closed: string[] }> {
  const opened: Opened = new Map()
  const closed: string[] = []
  for (const row of await listOpenChannels(catalog)) {
    try {
      if (row.secret_for_web === null && row.secret_sealed !== null) throw new LifeboatError('wrong_key', 'It is sealed for workers alone.')
      const secret = row.secret_for_web === null ? null : openForWeb(row.secret_for_web, webSecret(), channelSecretForWebPlace(row.id))
      opened.set(row.id, { name: row.name, channel: openedChannel(row.kind, row.config, secret, row.private_allowed) })
    } catch {
      closed.push(row.name)
    }
  }
  return { opened, closed }
}

/** In the history of the alert that no worker lives: who hears of things now, and who does not. */
async function sayThrough(catalog: Kysely<Catalog>, names: readonly string[], closed: readonly string[], now: Date): Promise<void> {
  const through =
    names.length === 0
      ? 'The console stands in, and can open no channel: nobody is told.'
      : `The console stands in, and tells through ${named(names)}.`
  const left = closed.length === 0 ? '' : ` What is for ${named(closed)} waits for a worker: the console cannot open it.`
  const words = `${through}${left}`
  const alert = await catalog.selectFrom('alerts').select('id').where('kind', '=', 'workers').where('resolved_at', 'is', null).executeTakeFirst()
  if (alert === undefined) return
  const said = await catalog.selectFrom('alert_events').select('id').where('alert_id', '=', alert.id).where('words', '=', words).executeTakeFirst()
  if (said === undefined) await insertAlertEvent(catalog, { alertId: alert.id, at: now, kind: 'told', words, told: false })
}
