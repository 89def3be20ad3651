import { type Kysely, type Selectable, sql } from 'kysely'
import type { Catalog, ToolReport } from './schema.ts'

export type WorkerRow = Selectable<Catalog['workers']>

/** A worker that was not heard of for this long counts as dead. */
export const aliveSeconds = 20

export interface WorkerFacts {
  toolMajors: number[]
  tools: ToolReport[]
  keyIds: string[]
  storageIds: string[]
  /** PEM, public half; null without a key */
  sealingKey: string | null
}

export async function registerWorker(
  db: Kysely<Catalog>,
  worker: WorkerFacts & { id: string; host: string; pid: number; version: string; schemaVersion: string },
): Promise<void> {
  await db
    .insertInto('workers')
    .values({
      id: worker.id,
      host: worker.host,
      pid: worker.pid,
      version: worker.version,
      schema_version: worker.schemaVersion,
      tool_majors: worker.toolMajors,
      tools: JSON.stringify(worker.tools),
      key_ids: worker.keyIds,
      storage_ids: worker.storageIds,
      sealing_key: worker.sealingKey,
    })
    .execute()
}

/** Its clock is compared with the catalogue's in the same statement: what the way there takes makes it look behind by as much, at most. */
export async function heartbeat(db: Kysely<Catalog>, id: string, facts: WorkerFacts): Promise<void> {
  await db
    .updateTable('workers')
    .set({
      heartbeat_at: sql<Date>`now()`,
      clock_skew_seconds: sql<number>`extract(epoch from ${new Date()}::timestamptz - clock_timestamp())::float8`,
      tool_majors: facts.toolMajors,
      tools: JSON.stringify(facts.tools),
      key_ids: facts.keyIds,
      storage_ids: facts.storageIds,
      sealing_key: facts.sealingKey,
    })
    .where('id', '=', id)
    .execute()
}

export async function endWorker(db: Kysely<Catalog>, id: string): Promise<void> {
  await db.updateTable('workers').set({ ended_at: sql<Date>`now()` }).where('id', '=', id).execute()
}

/** Workers that were heard of lately and have not said goodbye. */
export async function listLiveWorkers(db: Kysely<Catalog>): Promise<WorkerRow[]> {
  return db
    .selectFrom('workers')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('heartbeat_at', '>', sql<Date>`now() - make_interval(secs => ${aliveSeconds})`)
    .orderBy('started_at')
    .execute()
}

/** Forgets workers that have been silent for a day; operations keep their ids. */
export async function forgetSilentWorkers(db: Kysely<Catalog>): Promise<void> {
  await db.deleteFrom('workers').where('heartbeat_at', '<', sql<Date>`now() - interval '1 day'`).execute()
}
