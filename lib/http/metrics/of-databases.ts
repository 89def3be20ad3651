import { type Kysely, sql } from 'kysely'
import { hasKeptCopy } from '#lib/catalog/kept-copy.ts'
import type { Catalog } from '#lib/catalog/schema.ts'
import type { Gauges } from './gauges.ts'

interface Row {
  name: string
  point: number | null
  verified: number | null
  proven: number | null
  objective: number
}

/** What lies further ahead was dated by another clock, and how old it is is not known: an age below zero would keep every rule quiet. Decision 034. */
const known = sql`now() + interval '1 minute'`

/** When each database was last safe, in which sense. Each is one step down an index, however long the history is. */
export async function measureDatabases(catalog: Kysely<Catalog>, { gauge }: Gauges): Promise<void> {
  const point = gauge('restorable_point_timestamp_seconds', 'Moment of the newest restorable point that is not dated ahead; absent: there is none', [
    'database',
  ])
  const age = gauge('restorable_point_age_seconds', 'Seconds since the newest restorable point; absent: there is none', ['database'])
  const objective = gauge('restorable_point_objective_seconds', 'How old the newest restorable point may be', ['database'])
  const verified = gauge('last_verified_timestamp_seconds', 'When a backup was last read back and found whole; absent: never', ['database'])
  const proven = gauge('last_proven_timestamp_seconds', 'When a restore was last compared with its backup to the byte; absent: never', ['database'])
  const { rows } = await sql<Row & { now: number }>`
    SELECT d.name, extract(epoch FROM now())::float8 AS now, d.rpo_objective_seconds AS objective,
      (SELECT extract(epoch FROM created_at)::float8 FROM backups WHERE database_id = d.id AND finished_at IS NOT NULL
        AND state IN ('verified', 'retained', 'stored') AND ${hasKeptCopy(sql`backups.id`)} AND created_at <= ${known}
        ORDER BY created_at DESC LIMIT 1) AS point,
      (SELECT extract(epoch FROM verified_at)::float8 FROM backups WHERE database_id = d.id AND verified_at <= ${known} ORDER BY verified_at DESC LIMIT 1) AS verified,
      (SELECT extract(epoch FROM proven_at)::float8 FROM backups WHERE database_id = d.id AND proven_at <= ${known} ORDER BY proven_at DESC LIMIT 1) AS proven
    FROM databases d WHERE d.removed_at IS NULL ORDER BY d.name`.execute(catalog)
  for (const row of rows) {
    const database = row.name
    objective.set({ database }, row.objective)
    if (row.point !== null) {
      point.set({ database }, row.point)
      age.set({ database }, row.now - row.point)
    }
    if (row.verified !== null) verified.set({ database }, row.verified)
    if (row.proven !== null) proven.set({ database }, row.proven)
  }
  await measureBackups(catalog, { gauge })
}

/** The newest backup that ended well, by database and tier. */
async function measureBackups(catalog: Kysely<Catalog>, { gauge }: Pick<Gauges, 'gauge'>): Promise<void> {
  const labels = ['database', 'tier'] as const
  const success = gauge('backup_last_success_timestamp_seconds', 'When the newest backup of this tier that is there was finished', labels)
  const duration = gauge('backup_last_duration_seconds', 'How long the newest backup of this tier took', labels)
  const stored = gauge('backup_last_stored_bytes', 'What the newest backup of this tier takes on one storage', labels)
  const raw = gauge('backup_last_raw_bytes', 'The data in the newest backup of this tier, before compression', labels)
  const { rows } = await sql<{ name: string; tier: string; at: number; seconds: number; stored: number; raw: number }>`
    SELECT d.name, t.tier, b.at, b.seconds, b.stored, b.raw
    FROM databases d CROSS JOIN unnest(array['daily', 'weekly', 'monthly', 'manual', 'safety', 'imported']) AS t(tier)
    CROSS JOIN LATERAL (
      SELECT extract(epoch FROM finished_at)::float8 AS at, extract(epoch FROM finished_at - created_at)::float8 AS seconds,
        stored_bytes AS stored, raw_bytes AS raw
      FROM backups WHERE database_id = d.id AND tier = t.tier AND finished_at <= ${known} AND state IN ('verified', 'retained', 'stored')
        AND created_at <= ${known}
      ORDER BY created_at DESC LIMIT 1) b
    WHERE d.removed_at IS NULL ORDER BY d.name, t.tier`.execute(catalog)
  for (const { name: database, tier, at, seconds, stored: bytes, raw: rawBytes } of rows) {
    success.set({ database, tier }, at)
    duration.set({ database, tier }, seconds)
    stored.set({ database, tier }, bytes)
    raw.set({ database, tier }, rawBytes)
  }
}
