import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { aliveSeconds } from '#lib/catalog/workers.ts'

export interface Readiness {
  catalogue: 'up'
  workers: { id: string; heartbeatAgeSeconds: number; alive: boolean }[]
  /** age of the oldest operation that waits for a worker; null: none waits */
  queueAgeSeconds: number | null
}

export async function readReadiness(catalog: Kysely<Catalog>): Promise<Readiness> {
  const workers = await catalog
    .selectFrom('workers')
    .select(['id', sql<number>`round(extract(epoch from now() - heartbeat_at))::int`.as('age')])
    .where('ended_at', 'is', null)
    .orderBy('heartbeat_at', 'desc')
    .execute()
  const queue = await catalog
    .selectFrom('operations as waiting')
    .leftJoin('operations as before', 'before.id', 'waiting.after')
    .select(sql<number | null>`round(extract(epoch from now() - min(waiting.created_at)))::int`.as('age'))
    .where('waiting.state', '=', 'queued')
    .where(sql<boolean>`coalesce(before.state, 'succeeded') in ('succeeded', 'succeeded_with_findings')`)
    .executeTakeFirst()
  return {
    catalogue: 'up',
    workers: workers.map(({ id, age }) => ({ id, heartbeatAgeSeconds: age, alive: age <= aliveSeconds })),
    queueAgeSeconds: queue?.age ?? null,
  }
}
