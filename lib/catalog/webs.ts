import { type Kysely, sql } from 'kysely'
import type { Catalog } from './schema.ts'

/** Web processes write that they live, so that the workers notice a dead one. A row is made with the first heartbeat, and made again if it is gone. */
export async function webHeartbeat(db: Kysely<Catalog>, web: { id: string; host: string; pid: number }): Promise<void> {
  await db
    .insertInto('webs')
    .values(web)
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ heartbeat_at: sql<Date>`now()` }))
    .execute()
}

export async function endWeb(db: Kysely<Catalog>, id: string): Promise<void> {
  await db.updateTable('webs').set({ ended_at: sql<Date>`now()` }).where('id', '=', id).execute()
}

/** Forgets webs that have been silent for 30 days. */
export async function forgetSilentWebs(db: Kysely<Catalog>): Promise<void> {
  await db.deleteFrom('webs').where('heartbeat_at', '<', sql<Date>`now() - interval '30 days'`).execute()
}

/** Whether a worker lives, and none that does holds a key: none can open the address of a channel. */
export async function workersLackKeys(db: Kysely<Catalog>, now: Date): Promise<boolean> {
  const { rows } = await sql<{ lack: boolean | null }>`
    SELECT bool_and(sealing_key IS NULL) AS lack FROM workers
    WHERE ended_at IS NULL AND heartbeat_at > ${now}::timestamptz - interval '20 seconds'`.execute(db)
  return rows[0]?.lack === true
}

/** For how long no worker has been alive, in seconds; null: one is, or there never was one. */
export async function secondsWithoutWorker(db: Kysely<Catalog>, now: Date): Promise<number | null> {
  const { rows } = await sql<{ seconds: number | null; alive: boolean }>`
    SELECT extract(epoch FROM ${now}::timestamptz - max(coalesce(ended_at, heartbeat_at)))::float8 AS seconds,
      coalesce(bool_or(ended_at IS NULL AND heartbeat_at > ${now}::timestamptz - interval '20 seconds'), false) AS alive
    FROM workers`.execute(db)
  const [found] = rows
  return found === undefined || found.alive ? null : found.seconds
}
