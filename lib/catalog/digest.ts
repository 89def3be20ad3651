import { type Kysely, sql } from 'kysely'
import type { DigestAlert, DigestCheck, DigestDatabase, DigestFacts } from '#lib/domain/watch/digest-facts.ts'
import type { DigestEvery, DigestPeriod } from '#lib/domain/watch/digest-period.ts'
import type { Catalog } from './schema.ts'

export interface DigestChannel {
  id: string
  every: DigestEvery
  /** empty: every one, and what belongs to none */
  databaseIds: string[]
  since: Date
}

/** Channels that carry messages now and want a digest. */
export async function listDigestChannels(db: Kysely<Catalog>): Promise<DigestChannel[]> {
  const { rows } = await sql<DigestChannel>`
    SELECT id, digest AS every, database_ids AS "databaseIds", created_at AS since
    FROM channels WHERE digest IS NOT NULL AND removed_at IS NULL AND paused_at IS NULL ORDER BY name`.execute(db)
  return rows
}

/** a run that is still owed so long after its moment was not made: as in `backup_logs` */
const owedMinutes = 15

/** What a digest of that period tells a channel. `databaseIds` empty: everything. */
export async function readDigestFacts(
  db: Kysely<Catalog>,
  { every, databaseIds }: Pick<DigestChannel, 'every' | 'databaseIds'>,
  { from, to }: { from: Date; to: Date },
  now: Date,
): Promise<DigestFacts> {
  const limited = databaseIds.length > 0
  const of = (column: string) => (limited ? sql`AND ${sql.ref(column)} = ANY (${databaseIds}::uuid[])` : sql``)
  const [databases, storages, checks, alerts] = await Promise.all([
    sql<DigestDatabase>`
      SELECT d.id, d.name, ran.made, ran.failed, ran.cancelled,
        (SELECT count(*)::int FROM slots s JOIN schedules c ON c.id = s.schedule_id
          WHERE c.database_id = d.id AND s.slot >= ${from} AND s.slot < ${to}
            AND (s.state IN ('missed', 'skipped') OR (s.state = 'owed' AND s.slot < ${now}::timestamptz - make_interval(mins => ${owedMinutes})))) AS missed,
        EXISTS (SELECT FROM backups b JOIN copies p ON p.backup_id = b.id
          WHERE b.database_id = d.id AND p.state IN ('stored', 'verified', 'retained', 'corrupt', 'missing')) AS "hasCopies"
      FROM databases d CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE o.state IN ('succeeded', 'succeeded_with_findings'))::int AS made,
          count(*) FILTER (WHERE o.state IN ('failed', 'interrupted'))::int AS failed, count(*) FILTER (WHERE o.state = 'cancelled')::int AS cancelled
        FROM operations o WHERE o.database_id = d.id AND o.kind = 'backup' AND NOT o.dry_run AND o.finished_at >= ${from} AND o.finished_at < ${to}
      ) ran
      WHERE d.removed_at IS NULL ${of('d.id')} ORDER BY d.name`.execute(db),
    limited ? { rows: [] } : sql<{ id: string; name: string }>`SELECT id, name FROM storages WHERE removed_at IS NULL ORDER BY name`.execute(db),
    sql<DigestCheck>`SELECT kind, subject, status, words, checked_at AS "checkedAt" FROM checks WHERE true ${of('database_id')}`.execute(db),
    sql<DigestAlert>`
      SELECT id, kind, subject_name AS "subjectName", database_id AS "databaseId", severity, words, opened_at AS "openedAt",
        acknowledged_name AS "acknowledgedName", silenced_until AS "silencedUntil"
      FROM alerts WHERE resolved_at IS NULL ${of('database_id')} ORDER BY severity, opened_at, id`.execute(db),
  ])
  return { every, from, to, now, limited, databases: databases.rows, storages: storages.rows, checks: checks.rows, alerts: alerts.rows }
}

/** The periods of the digests of this kind that this channel got, waits for or, `lost`, never got; none: there was none, or it is forgotten. */
export async function listDigestPeriods(db: Kysely<Catalog>, channelId: string, every: DigestEvery): Promise<DigestPeriod[]> {
  const { rows } = await sql<DigestPeriod>`
    SELECT (content -> 'data' ->> 'from')::timestamptz AS from, (content -> 'data' ->> 'to')::timestamptz AS to, state = 'given_up' AS lost FROM messages
    WHERE channel_id = ${channelId} AND topic = 'digest' AND dedupe_key LIKE ${`digest:${every}:%`}`.execute(db)
  return rows
}

export async function wasTold(db: Kysely<Catalog>, channelId: string, dedupeKey: string): Promise<boolean> {
  const row = await db.selectFrom('messages').select('id').where('channel_id', '=', channelId).where('dedupe_key', '=', dedupeKey).executeTakeFirst()
  return row !== undefined
}
