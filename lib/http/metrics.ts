import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { Gauge, Registry } from 'prom-client'
import type { Catalog } from '#lib/catalog/schema.ts'
import { readReadiness } from '#lib/catalog/views/readiness.ts'

/** Everything is read from the catalogue at the time of asking, so several web processes tell the same. */
export async function metricsText(catalog: Kysely<Catalog>): Promise<{ text: string; contentType: string }> {
  const registry = new Registry()
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name: `lifeboat_${name}`, help, labelNames, registers: [registry] })

  const operations = gauge('operations', 'Operations by kind and state, dry runs left out', ['kind', 'state'])
  const counted = await catalog
    .selectFrom('operations')
    .select(['kind', 'state', sql<number>`count(*)::int`.as('n')])
    .where('dry_run', '=', false)
    .groupBy(['kind', 'state'])
    .execute()
  for (const { kind, state, n } of counted) operations.set({ kind, state }, n)

  const age = gauge('restorable_point_age_seconds', 'Seconds since the newest restorable point; absent: there is none', ['database'])
  const { rows } = await sql<{ name: string; seconds: number }>`
    select databases.name, extract(epoch from now() - max(backups.created_at))::float8 as seconds
    from databases join backups on backups.database_id = databases.id
    where databases.removed_at is null and backups.finished_at is not null and exists (select from copies
      where copies.backup_id = backups.id and copies.state in ('stored', 'verified', 'retained'))
    group by databases.name`.execute(catalog)
  for (const { name, seconds } of rows) age.set({ database: name }, seconds)

  const copies = gauge('copies', 'Copies by state', ['state'])
  const states = await catalog
    .selectFrom('copies')
    .select(['state', sql<number>`count(*)::int`.as('n')])
    .groupBy('state')
    .execute()
  for (const { state, n } of states) copies.set({ state }, n)

  const ready = await readReadiness(catalog)
  gauge('workers_alive', 'Workers with a fresh heartbeat').set(ready.workers.filter((worker) => worker.alive).length)
  gauge('queue_age_seconds', 'Age of the oldest operation that waits for a worker').set(ready.queueAgeSeconds ?? 0)
  return { text: await registry.metrics(), contentType: registry.contentType }
}
