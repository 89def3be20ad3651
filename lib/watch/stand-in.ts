import type { Kysely } from 'kysely'
import { catalogueNow } from '#lib/catalog/clock.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { secondsWithoutWorker } from '#lib/catalog/webs.ts'
import { openedChannel } from '#lib/domain/watch/channels.ts'
import { openForWeb } from '#lib/secrets/for-web.ts'
import { channelSecretForWebPlace } from '#lib/secrets/places.ts'
import { deliverMessages } from './deliver.ts'
import { digest } from './digest.ts'
import { escalate } from './escalate.ts'
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
 * open. It backs nothing up, and it sends no heartbeat: the service outside is to notice. Returns false where a worker lives, or none ever did.
 */
export async function standIn(
  catalog: Kysely<Catalog>,
  { webSecret, baseUrl, clock = () => catalogueNow(catalog), chance }: StandIn,
): Promise<boolean> {
  const now = await clock()
  const silent = await secondsWithoutWorker(catalog, now)
  if (silent === null || silent < patienceSeconds) return false
  await watchRound(catalog, now)
  await tellNews(catalog, now)
  await escalate(catalog, now)
  const mine = await catalog.selectFrom('channels').select('id').where('secret_for_web', 'is not', null).where('removed_at', 'is', null).execute()
  await deliverMessages(catalog, {
    open: (channel) => {
      const secret = openForWeb(channel.secret_for_web ?? '', webSecret(), channelSecretForWebPlace(channel.id))
      return openedChannel(channel.kind, channel.config, secret, channel.private_allowed)
    },
    baseUrl,
    clock,
    channelIds: mine.map((one) => one.id),
    ...(chance === undefined ? {} : { chance }),
  })
  // last: nothing of it is urgent
  await digest(catalog, now)
  return true
}
