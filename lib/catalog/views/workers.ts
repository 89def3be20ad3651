import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Actor } from '#lib/domain/actor.ts'
import type { WorkerView } from '#lib/domain/views.ts'
import { iso } from './scope.ts'

/** Living ones first, then those that fell silent in the last day without saying goodbye. Machines are not scoped by database. */
export async function listWorkers(catalog: Kysely<Catalog>, _actor: Actor): Promise<WorkerView[]> {
  const rows = await catalog
    .selectFrom('workers')
    .select(['id', 'host', 'pid', 'version', 'heartbeat_at', 'tools'])
    .select(sql<boolean>`heartbeat_at > now() - interval '30 seconds'`.as('alive'))
    .where('ended_at', 'is', null)
    .where(sql<boolean>`heartbeat_at > now() - interval '1 day'`)
    .orderBy('heartbeat_at', 'desc')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    host: row.host,
    pid: row.pid,
    version: row.version,
    heartbeatAt: iso(row.heartbeat_at),
    alive: row.alive,
    tools: row.tools.map(({ tool, major, version, ok }) => ({ tool, major, version, ok })),
  }))
}
