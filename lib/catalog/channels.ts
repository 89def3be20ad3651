import type { Insertable, Kysely, Selectable, Updateable } from 'kysely'
import type { Catalog } from './schema.ts'

export type ChannelRow = Selectable<Catalog['channels']>

/** null: another channel has this name. */
export async function insertChannel(db: Kysely<Catalog>, values: Insertable<Catalog['channels']>): Promise<ChannelRow | null> {
  const row = await db
    .insertInto('channels')
    .values(values)
    .onConflict((conflict) => conflict.column('name').where('removed_at', 'is', null).doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Locked until the transaction ends; null: there is none, or it was removed. */
export async function lockChannel(trx: Kysely<Catalog>, id: string): Promise<ChannelRow | null> {
  return (await trx.selectFrom('channels').selectAll().where('id', '=', id).where('removed_at', 'is', null).forUpdate().executeTakeFirst()) ?? null
}

export async function findChannelByName(db: Kysely<Catalog>, name: string): Promise<ChannelRow | null> {
  return (await db.selectFrom('channels').selectAll().where('name', '=', name).where('removed_at', 'is', null).executeTakeFirst()) ?? null
}

export async function updateChannel(db: Kysely<Catalog>, id: string, values: Updateable<Catalog['channels']>): Promise<void> {
  await db.updateTable('channels').set(values).where('id', '=', id).execute()
}

/** What waits for it is tried at once: somebody has put it right, or says so. */
export async function wakeMessages(db: Kysely<Catalog>, channelId: string, now: Date): Promise<void> {
  await db
    .updateTable('messages')
    .set({ next_try_at: now })
    .where('channel_id', '=', channelId)
    .where('state', '=', 'waiting')
    .where('next_try_at', '>', now)
    .execute()
}

/** Another place was never tried: what the one before did says nothing of it. */
export const neverTried = { last_tried_at: null, last_ok_at: null, failing_since: null, problem: null }

/** The answer of what was dropped. */
export const droppedWith = {
  paused: 'The channel was paused.',
  removed: 'The channel was removed.',
  unnamed: 'The channel is not named in the environment any more.',
} as const

/** What waits for it goes nowhere any more. */
export async function dropMessages(db: Kysely<Catalog>, channelId: string, why: keyof typeof droppedWith): Promise<void> {
  await db
    .updateTable('messages')
    .set({ state: 'given_up', answer: droppedWith[why] })
    .where('channel_id', '=', channelId)
    .where('state', '=', 'waiting')
    .execute()
}
