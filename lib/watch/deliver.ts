import type { Kysely, Selectable } from 'kysely'
import { insertAlertEvent } from '#lib/catalog/alerts.ts'
import { claimMessage, markFailed, markSent, type MessageRow, type PutsOff } from '#lib/catalog/messages.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import { asLifeboatError } from '#lib/domain/errors.ts'
import type { OpenChannel } from '#lib/domain/watch/channels.ts'
import { nextTry } from '#lib/domain/watch/retry.ts'
import { send } from '#lib/notify/send.ts'
import { notDelivered, type Sent } from '#lib/notify/sent.ts'

export type ChannelRow = Selectable<Catalog['channels']>

export interface Delivery {
  /** opens a channel's secret; throws where this process cannot */
  open: (channel: ChannelRow) => OpenChannel
  /** the console's public address; null: unknown */
  baseUrl: string | null
  /** the catalogue's clock */
  clock: () => Promise<Date>
  /** from 0 to 1, for the pause before the next attempt */
  chance?: () => number
  signal?: AbortSignal
  /** only these; default: every channel */
  channelIds?: readonly string[]
}

const inOneRound = 50

/**
 * Sends what is due, one message at a time per channel and all channels side by side. Whatever happens touches the rows of the message and its
 * channel, nothing else: a backup neither waits for it nor hears of it. Several processes may do it at once. Returns what went out and what did not;
 * throws what the catalogue threw first, once nothing is on its way any more.
 */
export async function deliverMessages(catalog: Kysely<Catalog>, delivery: Delivery): Promise<{ sent: number; failed: number }> {
  const counted = { sent: 0, failed: 0 }
  const channels: Promise<void>[] = []
  const errors: unknown[] = []
  const note = (error: unknown) => {
    errors.push(error)
  }
  try {
    while (errors.length === 0) {
      const message = await claimMessage(catalog, await delivery.clock(), delivery.channelIds)
      if (message === null) break
      // what fails on one channel is waited for like the others: a rejection that nobody hears of ends the process
      channels.push(drain(catalog, delivery, message, counted).catch(note))
    }
  } catch (error) {
    note(error)
  }
  await Promise.all(channels)
  if (errors.length > 0) throw errors[0]
  return counted
}

async function drain(catalog: Kysely<Catalog>, delivery: Delivery, first: MessageRow, counted: { sent: number; failed: number }): Promise<void> {
  let message: MessageRow | null = first
  for (let at = 0; message !== null && at < inOneRound; at += 1) {
    const sent = await deliverOne(catalog, delivery, message)
    counted[sent.ok ? 'sent' : 'failed'] += 1
    if (!sent.ok && putsOff(sent) === 'channel') return
    message = delivery.signal?.aborted === true ? null : await claimMessage(catalog, await delivery.clock(), [message.channel_id])
  }
}

async function deliverOne(catalog: Kysely<Catalog>, delivery: Delivery, message: MessageRow): Promise<Sent> {
  const channel = await catalog.selectFrom('channels').selectAll().where('id', '=', message.channel_id).executeTakeFirstOrThrow()
  const sent = await attempt(delivery, channel, message)
  const now = await delivery.clock()
  await catalog.transaction().execute(async (trx) => {
    if (sent.ok) {
      await markSent(trx, message, sent.answer, now)
      return note(trx, message, now, `Told through ${channel.name}${message.recipient === null ? '' : `, to ${message.recipient}`}. ${sent.answer}`)
    }
    const next = nextTry({ createdAt: message.created_at, tries: message.tries }, sent, now, (delivery.chance ?? Math.random)())
    await markFailed(trx, message, { answer: sent.answer, now, next, putsOff: putsOff(sent) })
    if (next === null) return note(trx, message, now, `Could not be told through ${channel.name}, and was given up after three days. ${sent.answer}`)
    if (message.tries === 1) return note(trx, message, now, `Not told through ${channel.name} yet, it is tried again. ${sent.answer}`)
  })
  return sent
}

function putsOff({ onlyThis, onlyTo }: Sent): PutsOff {
  if (onlyThis) return 'nothing'
  return onlyTo ? 'addresses' : 'channel'
}

async function attempt(delivery: Delivery, channel: ChannelRow, message: MessageRow): Promise<Sent> {
  try {
    return await send(delivery.open(channel), message.content, {
      messageId: messageIdOf(message),
      topic: message.topic,
      severity: message.severity,
      recipient: message.recipient,
      baseUrl: delivery.baseUrl,
      now: new Date(),
      ...(delivery.signal === undefined ? {} : { signal: delivery.signal }),
    })
  } catch (error) {
    const known = asLifeboatError(error)
    const words = known.code === 'wrong_key' || known.code === 'corrupt' ? known.message : 'Its settings cannot be read.'
    return notDelivered(`${words} Type its address or password in again.`, { permanent: true })
  }
}

/** The same for every attempt, from this installation and no other: the channel's id is random. */
function messageIdOf(message: MessageRow): string {
  return `lifeboat-${message.channel_id}-${message.id}`
}

/** In the history of each alert that the message is about. */
async function note(trx: Kysely<Catalog>, message: MessageRow, at: Date, words: string): Promise<void> {
  for (const alertId of message.alert_ids) await insertAlertEvent(trx, { alertId, at, kind: 'told', words, told: false })
}
