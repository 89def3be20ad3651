import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import { type EscalationPolicy, escalationPolicy } from '#lib/domain/watch/escalation.ts'
import { type HeartbeatSettings, heartbeatSettings, type HeartbeatState, heartbeatState } from '#lib/domain/watch/heartbeat.ts'
import type { Catalog } from './schema.ts'

/** Settings of the watch. What cannot be read counts as what was never set. */

export function readEscalation(db: Kysely<Catalog>): Promise<EscalationPolicy> {
  return read(db, 'escalation', escalationPolicy)
}

export function writeEscalation(db: Kysely<Catalog>, policy: EscalationPolicy): Promise<void> {
  return write(db, 'escalation', policy)
}

export function readHeartbeatSettings(db: Kysely<Catalog>): Promise<HeartbeatSettings> {
  return read(db, 'heartbeat', heartbeatSettings)
}

export function writeHeartbeatSettings(db: Kysely<Catalog>, settings: HeartbeatSettings): Promise<void> {
  return write(db, 'heartbeat', settings)
}

export function readHeartbeatState(db: Kysely<Catalog>): Promise<HeartbeatState> {
  return read(db, 'heartbeat_state', heartbeatState)
}

export function writeHeartbeatState(db: Kysely<Catalog>, state: HeartbeatState): Promise<void> {
  return write(db, 'heartbeat_state', state)
}

async function read<Shape extends z.ZodType>(db: Kysely<Catalog>, key: string, shape: Shape): Promise<z.output<Shape>> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  const parsed = shape.safeParse(row?.value ?? {})
  return parsed.success ? parsed.data : shape.parse({})
}

async function write(db: Kysely<Catalog>, key: string, value: object): Promise<void> {
  const text = JSON.stringify(value)
  await db
    .insertInto('settings')
    .values({ key, value: text })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text, changed_at: sql<Date>`now()` }))
    .execute()
}
