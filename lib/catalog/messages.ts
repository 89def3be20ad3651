import { type Kysely, type Selectable, sql } from 'kysely'
import type { MessageContent, Topic } from '#lib/domain/watch/message.ts'
import type { Severity } from '#lib/domain/watch/check-kinds.ts'
import { droppedWith } from './channels.ts'
import type { Catalog } from './schema.ts'

export type MessageRow = Selectable<Catalog['messages']>

/** Puts a message into the outbox; false: this channel was told so already. `dedupeKey`: once per channel, whatever happens around it. */
export async function insertMessage(
  db: Kysely<Catalog>,
  message: {
    channelId: string
    dedupeKey: string
    topic: Topic
    severity: Severity | null
    content: MessageContent
    at: Date
    /** when it goes out; default: at once */
    nextTryAt?: Date
    recipient?: string | null
    alertIds?: readonly string[]
    operationId?: string | null
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('messages')
    .values({
      channel_id: message.channelId,
      dedupe_key: message.dedupeKey,
      topic: message.topic,
      severity: message.severity,
      content: JSON.stringify(message.content),
      created_at: message.at,
      next_try_at: message.nextTryAt ?? message.at,
      recipient: message.recipient ?? null,
      alert_ids: [...(message.alertIds ?? [])],
      operation_id: message.operationId ?? null,
    })
    .onConflict((conflict) => conflict.columns(['channel_id', 'dedupe_key']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** a claim outlives every deadline of a sending, and a process that died with one gives it back after this */
export const claimSeconds = 120

/**
 * Takes the oldest due message of a channel of which nothing is on its way: at most one per channel, so that order stays and a hanging channel
 * holds nobody else. null: nothing is due. `channelIds`: among these alone.
 */
export async function claimMessage(db: Kysely<Catalog>, now: Date, channelIds?: readonly string[]): Promise<MessageRow | null> {
  const { rows } = await sql<MessageRow>`
    UPDATE messages SET claimed_until = ${now}::timestamptz + make_interval(secs => ${claimSeconds}), tries = tries + 1
    WHERE id = (
      SELECT m.id FROM messages m JOIN channels c ON c.id = m.channel_id
      WHERE m.state = 'waiting' AND m.next_try_at <= ${now} AND (m.claimed_until IS NULL OR m.claimed_until <= ${now})
        AND c.paused_at IS NULL AND c.removed_at IS NULL
        ${channelIds === undefined ? sql`` : sql`AND c.id = ANY (${channelIds}::uuid[])`}
        AND NOT EXISTS (SELECT FROM messages o WHERE o.channel_id = m.channel_id AND o.state = 'waiting' AND o.claimed_until > ${now})
      ORDER BY m.next_try_at, m.id LIMIT 1
      FOR UPDATE OF c SKIP LOCKED
    ) AND state = 'waiting' AND (claimed_until IS NULL OR claimed_until <= ${now})
    RETURNING *`.execute(db)
  return rows[0] ?? null
}

/** It went out; where the channel failed before, what waits for it is tried at once. */
export async function markSent(db: Kysely<Catalog>, message: MessageRow, answer: string, now: Date): Promise<void> {
  await db.updateTable('messages').set({ state: 'sent', sent_at: now, answer, claimed_until: null }).where('id', '=', message.id).execute()
  const before = await db.selectFrom('channels').select('failing_since').where('id', '=', message.channel_id).executeTakeFirst()
  await db
    .updateTable('channels')
    .set({ last_tried_at: now, last_ok_at: now, failing_since: null, problem: null })
    .where('id', '=', message.channel_id)
    .execute()
  if (before?.failing_since == null) return
  await db
    .updateTable('messages')
    .set({ next_try_at: now })
    .where('channel_id', '=', message.channel_id)
    .where('state', '=', 'waiting')
    .where('next_try_at', '>', now)
    // one that gathers a storm and was never tried waits on purpose
    .where((eb) => eb.or([eb('tries', '>', 0), eb('dedupe_key', 'not like', 'storm:%')]))
    .execute()
}

/** What a failed attempt puts off as well: everything of its channel, what goes to the same addresses, or nothing. */
export type PutsOff = 'channel' | 'addresses' | 'nothing'

/** It did not go out, and is tried again at `next`, as is what it `putsOff`; `next` null: it is given up. */
export async function markFailed(
  db: Kysely<Catalog>,
  message: MessageRow,
  { answer, now, next, putsOff }: { answer: string; now: Date; next: Date | null; putsOff: PutsOff },
): Promise<void> {
  await db
    .updateTable('messages')
    .set({ answer, claimed_until: null, ...(next === null ? { state: 'given_up' as const } : { next_try_at: next }) })
    .where('id', '=', message.id)
    .execute()
  // one person's address that is refused says nothing of the channel; the history of the alert names it
  if (putsOff === 'nothing' && message.recipient !== null) return
  await db
    .updateTable('channels')
    .set((eb) => ({ last_tried_at: now, problem: answer, failing_since: eb.fn.coalesce('failing_since', eb.val(now)) }))
    .where('id', '=', message.channel_id)
    .execute()
  if (putsOff === 'nothing' || next === null) return
  let others = db
    .updateTable('messages')
    .set({ next_try_at: next })
    .where('channel_id', '=', message.channel_id)
    .where('state', '=', 'waiting')
    .where('next_try_at', '<', next)
    // one that gathers a storm goes on gathering until its own time
    .where((eb) => eb.or([eb('tries', '>', 0), eb('dedupe_key', 'not like', 'storm:%')]))
  if (putsOff === 'addresses') others = others.where('recipient', 'is not distinct from', message.recipient)
  await others.execute()
}

/** How many messages a channel got, or is about to get, since that moment. */
export async function countMessagesSince(db: Kysely<Catalog>, channelId: string, since: Date): Promise<number> {
  const { count } = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('channel_id', '=', channelId)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** a day after it was given up, which is three after it was made */
const givenUpHours = 96

/** The oldest critical message that is still on its way, or was given up within a day; null: there is none. What somebody dropped with its channel is none. */
export async function oldestUndelivered(db: Kysely<Catalog>, now: Date): Promise<Date | null> {
  const since = new Date(now.getTime() - givenUpHours * 3_600_000)
  const row = await db
    .selectFrom('messages')
    .innerJoin('channels', 'channels.id', 'messages.channel_id')
    .select((eb) => eb.fn.min('messages.created_at').as('at'))
    .where('messages.severity', '=', 'critical')
    .where('channels.removed_at', 'is', null)
    .where('channels.paused_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('messages.state', '=', 'waiting'),
        eb.and([
          eb('messages.state', '=', 'given_up'),
          eb('messages.created_at', '>', since),
          eb('messages.answer', 'not in', Object.values(droppedWith)),
        ]),
      ]),
    )
    .executeTakeFirst()
  return row?.at ?? null
}
