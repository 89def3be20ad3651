import { type Kysely, sql } from 'kysely'
import type { Catalog } from '#lib/catalog/schema.ts'
import { operationKinds } from '#lib/domain/kinds.ts'
import { readReadiness } from '#lib/catalog/views/readiness.ts'
import type { Gauges } from './gauges.ts'

/** The queue, the workers, and how the last run of each kind ended. */
export async function measureOperations(catalog: Kysely<Catalog>, { gauge }: Gauges): Promise<void> {
  const counts = gauge('operations', 'Operations by kind and state, dry runs left out', ['kind', 'state'])
  const counted = await catalog
    .selectFrom('operations')
    .select(['kind', 'state', sql<number>`count(*)::int`.as('n')])
    .where('dry_run', '=', false)
    .groupBy(['kind', 'state'])
    .execute()
  for (const { kind, state, n } of counted) counts.set({ kind, state }, n)

  const depth = gauge('queue_depth', 'Operations that wait for a worker', ['kind'])
  for (const kind of operationKinds) depth.set({ kind }, counted.find((one) => one.kind === kind && one.state === 'queued')?.n ?? 0)

  const ok = gauge('last_run_success', '1: the last run of this kind ended well, 0: it did not', ['kind', 'database'])
  const seconds = gauge('last_run_duration_seconds', 'How long the last run of this kind took', ['kind', 'database'])
  const at = gauge('last_run_timestamp_seconds', 'When the last run of this kind ended', ['kind', 'database'])
  const { rows } = await sql<{ kind: string; name: string; ok: boolean; seconds: number | null; at: number }>`
    SELECT k.kind, d.name, o.ok, o.seconds, o.at
    FROM databases d CROSS JOIN unnest(${['backup', 'verify', 'restore', 'clone']}::text[]) AS k(kind)
    CROSS JOIN LATERAL (
      SELECT state IN ('succeeded', 'succeeded_with_findings') AS ok, extract(epoch FROM finished_at - started_at)::float8 AS seconds,
        extract(epoch FROM finished_at)::float8 AS at
      FROM operations WHERE database_id = d.id AND kind = k.kind AND NOT dry_run AND finished_at IS NOT NULL
      ORDER BY finished_at DESC LIMIT 1) o
    WHERE d.removed_at IS NULL ORDER BY d.name, k.kind`.execute(catalog)
  for (const row of rows) {
    const labels = { kind: row.kind, database: row.name }
    ok.set(labels, row.ok ? 1 : 0)
    at.set(labels, row.at)
    if (row.seconds !== null) seconds.set(labels, row.seconds)
  }

  const ready = await readReadiness(catalog)
  gauge('workers_alive', 'Workers with a fresh heartbeat').set(ready.workers.filter((worker) => worker.alive).length)
  gauge('queue_age_seconds', 'Age of the oldest operation that waits for a worker').set(ready.queueAgeSeconds ?? 0)
}
