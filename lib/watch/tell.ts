import type { Kysely, Selectable } from 'kysely'
import { insertAlertEvent, type AlertRow } from '#lib/catalog/alerts.ts'
import { countMessagesSince, insertMessage } from '#lib/catalog/messages.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import {
  alertsKnownTo,
  type EventToTell,
  listAlertsById,
  listOpenChannels,
  lockEventsToTell,
  lockOperationsToTell,
  lockStorm,
  markEventsTold,
  markOperationsTold,
} from '#lib/catalog/telling.ts'
import { type AlertNews, composeAlerts } from '#lib/domain/watch/compose-alerts.ts'
import { composeOperations, type FinishedOperation, tellingKinds, topicOf } from '#lib/domain/watch/compose-operations.ts'
import { hears, type RoutedChannel, storm } from '#lib/domain/watch/routing.ts'

/**
 * Puts into the outbox what happened since the last time: to every channel that hears of it, once. `now`: the catalogue's clock. Several processes
 * may do it at once: each event is composed by one of them. Returns how many messages were made.
 */
export async function tellNews(catalog: Kysely<Catalog>, now: Date): Promise<number> {
  return catalog.transaction().execute(async (trx) => {
    const channels = (await listOpenChannels(trx)).map(toRouted)
    return (await tellAlerts(trx, channels, now)) + (await tellOperations(trx, channels, now))
  })
}

function toRouted(row: Selectable<Catalog['channels']>): RoutedChannel {
  return { id: row.id, severities: row.severities, databaseIds: row.database_ids, topics: row.topics }
}

async function tellAlerts(trx: Kysely<Catalog>, channels: readonly RoutedChannel[], now: Date): Promise<number> {
  const events = await lockEventsToTell(trx)
  if (events.length === 0) return 0
  const alerts = await listAlertsById(trx, [...new Set(events.map((event) => event.alertId))])
  const news = alerts.flatMap((alert) => newsOf(alert, events, now))
  const told = new Set<string>()
  let made = 0
  for (const channel of channels) {
    const heard = await heardBy(trx, channel, news)
    if (heard.length === 0) continue
    for (const one of heard) told.add(one.alert.id)
    made += await putAlerts(trx, channel, heard, now)
  }
  for (const { what, alert } of news) {
    if (what === 'resolved' || told.has(alert.id)) continue
    await insertAlertEvent(trx, { alertId: alert.id, at: now, kind: 'told', words: 'No channel hears of this: nobody was told.', told: false })
  }
  const ids = events.map((event) => event.id)
  await markEventsTold(trx, ids, now)
  return made
}

/**
 * What the events of one alert come to: the last of them counts. A silence keeps its recovery quiet, and its opening cannot be silenced; that it
 * became critical is told in spite of it, because whoever silenced it saw a warning.
 */
function newsOf(alert: AlertRow, events: readonly EventToTell[], now: Date): AlertNews[] {
  const own = events.filter((event) => event.alertId === alert.id)
  const last = own.at(-1)
  if (last === undefined) return []
  const silenced = alert.silenced_until !== null && alert.silenced_until > now
  if (silenced && last.kind === 'resolved') return []
  const what = last.kind === 'worsened' && own.some((event) => event.kind === 'opened') ? 'opened' : last.kind
  return [{ what, at: last.at, alert }]
}

/** A recovery is told to those who were told of the alert. */
async function heardBy(trx: Kysely<Catalog>, channel: RoutedChannel, news: readonly AlertNews[]): Promise<AlertNews[]> {
  const heard = news.filter(({ what, alert }) =>
    hears(channel, {
      topic: what === 'resolved' ? 'recovered' : 'alert',
      // one that was critical may have eased before it ended: who heard of it is asked below
      severity: what === 'resolved' ? null : alert.severity,
      databaseId: alert.database_id,
      about: { kind: alert.kind, subject: alert.subject },
    }),
  )
  const ended = heard.filter((one) => one.what === 'resolved').map((one) => one.alert.id)
  if (ended.length === 0) return heard
  const known = await alertsKnownTo(trx, channel.id, ended)
  return heard.filter((one) => one.what !== 'resolved' || known.has(one.alert.id))
}

/** One message for what came together. In a storm it waits a little for more, and what comes until it goes out is put into it. */
async function putAlerts(trx: Kysely<Catalog>, channel: RoutedChannel, news: readonly AlertNews[], now: Date): Promise<number> {
  const recent = await countMessagesSince(trx, channel.id, new Date(now.getTime() - storm.minutes * 60_000))
  if (recent < storm.messages) return (await putMessage(trx, channel, news, now, now)) ? 1 : 0
  const gathering = await lockStorm(trx, channel.id, now)
  if (gathering === null) return (await putMessage(trx, channel, news, now, new Date(now.getTime() + storm.holdSeconds * 1_000))) ? 1 : 0
  const ids = [...new Set([...gathering.alertIds, ...news.map((one) => one.alert.id)])]
  const alerts = await listAlertsById(trx, ids)
  const all = alerts.map(
    (alert): AlertNews => ({ what: alert.resolved_at === null ? 'opened' : 'resolved', at: alert.resolved_at ?? alert.opened_at, alert }),
  )
  const [first, ...rest] = all
  if (first === undefined) return 0
  await trx
    .updateTable('messages')
    .set({ content: JSON.stringify(composeAlerts([first, ...rest])), alert_ids: ids, topic: topicOfAll(all), severity: severityOfAll(all) })
    .where('id', '=', gathering.id)
    .execute()
  return 0
}

async function putMessage(trx: Kysely<Catalog>, channel: RoutedChannel, news: readonly AlertNews[], now: Date, goes: Date): Promise<boolean> {
  const [first, ...rest] = news
  if (first === undefined) return false
  const names = news.map((one) => `${one.alert.id}:${one.what}:${one.at.getTime()}`)
  const put = await insertMessage(trx, {
    channelId: channel.id,
    dedupeKey: `${goes > now ? 'storm' : 'alerts'}:${names[0]}:${names.length}`,
    topic: topicOfAll(news),
    severity: severityOfAll(news),
    content: composeAlerts([first, ...rest]),
    at: now,
    nextTryAt: goes,
    alertIds: news.map((one) => one.alert.id),
  })
  return put
}

function topicOfAll(news: readonly AlertNews[]): 'alert' | 'recovered' {
  return news.every((one) => one.what === 'resolved') ? 'recovered' : 'alert'
}

function severityOfAll(news: readonly AlertNews[]): 'critical' | 'warning' | null {
  const open = news.filter((one) => one.what !== 'resolved')
  if (open.length === 0) return null
  return open.some((one) => one.alert.severity === 'critical') ? 'critical' : 'warning'
}

async function tellOperations(trx: Kysely<Catalog>, channels: readonly RoutedChannel[], now: Date): Promise<number> {
  const operations = await lockOperationsToTell(trx, tellingKinds, now)
  let made = 0
  for (const channel of channels) {
    for (const topic of ['backup_succeeded', 'backup_failed', 'restore'] as const) {
      const heard = operations.filter(
        (one) => topicOf(one.kind, one.state) === topic && hears(channel, { topic, severity: null, databaseId: one.databaseId }),
      )
      if (await putOperations(trx, channel.id, topic, heard, now)) made += 1
    }
  }
  const ids = operations.map((one) => one.id)
  await markOperationsTold(trx, ids, now)
  return made
}

async function putOperations(
  trx: Kysely<Catalog>,
  channelId: string,
  topic: 'backup_succeeded' | 'backup_failed' | 'restore',
  heard: readonly FinishedOperation[],
  now: Date,
): Promise<boolean> {
  const [first, ...rest] = heard
  if (first === undefined) return false
  return insertMessage(trx, {
    channelId,
    dedupeKey: `${topic}:${first.id}`,
    topic,
    severity: null,
    content: composeOperations([first, ...rest]),
    at: now,
    operationId: first.id,
  })
}
