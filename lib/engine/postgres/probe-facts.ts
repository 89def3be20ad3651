import type { Client } from 'pg'
import type { ArchivingFacts, ConnectionFacts, ReplicationFacts } from '#lib/domain/watch/judge-database.ts'

// Inside inReadTransaction. Every name is qualified. Columns that came with later majors are read through to_jsonb: an older server has none.

/** Whoever may not see other sessions sees that they are there, but not what they are: then all with a database are counted. */
export async function readConnections(client: Client): Promise<ConnectionFacts> {
  const { rows } = await client.query<{ used: number; most: number }>(
    `SELECT (SELECT pg_catalog.count(*)::pg_catalog.int4 FROM pg_catalog.pg_stat_activity a
              WHERE a.backend_type = 'client backend' OR (a.backend_type IS NULL AND a.datid IS NOT NULL)) AS used,
            pg_catalog.current_setting('max_connections')::pg_catalog.int4
              - pg_catalog.current_setting('superuser_reserved_connections')::pg_catalog.int4
              - coalesce(nullif(pg_catalog.current_setting('reserved_connections', true), ''), '0')::pg_catalog.int4 AS most`,
  )
  return { used: rows[0]?.used ?? 0, limit: rows[0]?.most ?? 0 }
}

export async function readReplication(client: Client): Promise<ReplicationFacts> {
  const { rows } = await client.query<{ standby: boolean; sees: boolean; lsn: string | null }>(
    `SELECT pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS sees,
            (CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END)
              ::pg_catalog.text AS lsn`,
  )
  const { standby = false, sees = false, lsn = null } = rows[0] ?? {}
  return {
    standby: standby ? await readStandby(client) : null,
    followers: await readFollowers(client, sees, lsn),
    slots: await readSlots(client, lsn),
  }
}

async function readStandby(client: Client): Promise<ReplicationFacts['standby']> {
  const { rows } = await client.query<{ receiving: boolean; bytes: number | null; seconds: number | null }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver r WHERE r.pid IS NOT NULL) AS receiving,
            pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())::pg_catalog.float8 AS bytes,
            extract(epoch FROM pg_catalog.now() - pg_catalog.pg_last_xact_replay_timestamp())::pg_catalog.float8 AS seconds`,
  )
  const row = rows[0]
  return { receiving: row?.receiving ?? false, behindBytes: row?.bytes ?? null, behindSeconds: row?.seconds ?? null }
}

/** pg_basebackup follows too while it copies, and is no standby. */
async function readFollowers(client: Client, sees: boolean, lsn: string | null): Promise<ReplicationFacts['followers']> {
  const { rows } = await client.query<{ name: string | null; bytes: number | null; seconds: number | null }>(
    `SELECT s.application_name AS name,
            pg_catalog.pg_wal_lsn_diff($1::pg_catalog.pg_lsn, coalesce(s.replay_lsn, s.flush_lsn, s.write_lsn, s.sent_lsn))::pg_catalog.float8 AS bytes,
            extract(epoch FROM s.replay_lag)::pg_catalog.float8 AS seconds
     FROM pg_catalog.pg_stat_replication s WHERE s.state IS DISTINCT FROM 'backup' ORDER BY 2 DESC NULLS FIRST LIMIT 50`,
    [lsn],
  )
  if (!sees) return { unseen: rows.length }
  return rows.map((row) => ({ name: row.name ?? '', behindBytes: row.bytes === null ? null : Math.max(0, row.bytes), behindSeconds: row.seconds }))
}

async function readSlots(client: Client, lsn: string | null): Promise<ReplicationFacts['slots']> {
  const { rows } = await client.query<{ name: string; active: boolean; bytes: number | null; status: string | null }>(
    `SELECT s.slot_name::pg_catalog.text AS name, s.active, pg_catalog.to_jsonb(s) ->> 'wal_status' AS status,
            pg_catalog.pg_wal_lsn_diff($1::pg_catalog.pg_lsn, s.restart_lsn)::pg_catalog.float8 AS bytes
     FROM pg_catalog.pg_replication_slots s WHERE NOT s.temporary ORDER BY 4 DESC NULLS LAST LIMIT 50`,
    [lsn],
  )
  return rows.map((row) => ({
    name: row.name,
    active: row.active,
    retainedBytes: row.bytes === null ? null : Math.max(0, row.bytes),
    lost: row.status === 'lost',
  }))
}

export async function readArchiving(client: Client): Promise<ArchivingFacts> {
  const { rows } = await client.query<{
    mode: string
    standby: boolean
    archived: Date | null
    failed: Date | null
    failures: number
    from: Date | null
  }>(
    `SELECT pg_catalog.current_setting('archive_mode') AS mode, pg_catalog.pg_is_in_recovery() AS standby, a.last_archived_time AS archived,
            a.last_failed_time AS failed, a.failed_count::pg_catalog.float8 AS failures, a.stats_reset AS "from"
     FROM pg_catalog.pg_stat_archiver a`,
  )
  const row = rows[0]
  return {
    mode: row?.mode === 'on' || row?.mode === 'always' ? row.mode : 'off',
    inRecovery: row?.standby ?? false,
    lastArchivedAt: row?.archived ?? null,
    lastFailedAt: row?.failed ?? null,
    failedCount: row?.failures ?? 0,
    countedFrom: row?.from ?? null,
  }
}
