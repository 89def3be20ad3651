import pg from 'pg'

export const largeSize = { databases: 50, backups: 200_000, events: 1_000_000 }

/**
 * A catalogue as it is after eleven years of fifty databases: 200,000 backups with two copies each, their operations, a million events, two
 * verifications of each copy and the slots of a year. Written by SQL, the newest backup an hour old.
 */
export async function fillCatalogue(superuserUrl: string): Promise<void> {
  const { databases, backups, events } = largeSize
  const each = backups / databases
  const admin = new pg.Client({ connectionString: superuserUrl })
  await admin.connect()
  try {
    for (const statement of statements(databases, each, events / backups)) await admin.query(statement)
  } finally {
    await admin.end()
  }
}

function statements(databases: number, each: number, eventsEach: number): string[] {
  // the triggers that count would take minutes for so many rows at once; the counts are written afterwards as a migration writes them
  return [
    'set search_path = lifeboat; set session_replication_role = replica',
    `insert into storages (name, kind, config, reachable, checked_at, used_bytes, total_bytes, free_bytes)
    select 'storage ' || n, case n when 1 then 'local' else 's3' end, '{"bucket": "b", "region": "r", "prefix": "", "pathStyle": false}', true, now(), 1e12, 2e12, 1e12
    from generate_series(1, 3) n`,
    `insert into databases (name, host, port, dbname, username, reachable, checked_at, server_version_num, size_bytes)
    select 'database ' || lpad(n::text, 3, '0'), 'db' || n || '.example.com', 5432, 'app', 'backup', true, now(), 150020, 1e9
    from generate_series(1, ${databases}::int) n`,
    `insert into schedules (database_id, tier, cron, storage_ids)
    select d.id, t.tier, t.cron, (select array_agg(id order by name) from storages)
    from databases d cross join (values ('daily', '0 3 * * *'), ('weekly', '0 1 * * 0'), ('monthly', '0 2 1 * *')) as t(tier, cron)`,
    `
    with numbered as (select id, name, row_number() over (order by name) - 1 as at from databases),
    made as (
      insert into operations (id, kind, state, title, input, database_id, requested_name, requested_via, created_at, started_at, finished_at)
      select gen_random_uuid(), 'backup', case when n % 50 = 7 then 'failed' else 'succeeded' end, 'Back up ' || name || ' (daily)',
        jsonb_build_object('tier', 'daily', 'databaseId', id), id, 'Lifeboat', 'scheduler',
        now() - interval '1 hour' - n * interval '1 day', now() - interval '1 hour' - n * interval '1 day', now() - interval '50 minutes' - n * interval '1 day'
      from numbered cross join generate_series(0, ${each}::int - 1) n
      returning id, database_id, created_at, finished_at)
    insert into backups (id, name, path, database_id, tier, attempt, operation_id, created_at, finished_at, tables, rows, raw_bytes, stored_bytes, key_id,
      manifest_sha256, verified_at, suspicious)
    select gen_random_uuid(), 'backup_daily_' || to_char(created_at, 'YYYYMMDD_HH24MISS'), 'p/daily/' || id, database_id,
      case when extract(day from created_at) = 1 then 'monthly' when extract(dow from created_at) = 0 then 'weekly' else 'daily' end,
      left(id::text, 8), id, created_at, finished_at, 120, 1000000, 1e9, 2e8, 'k', md5(id::text) || md5(id::text), finished_at,
      case when extract(doy from created_at) = 100 then 'The data shrank by 93 % against the median of the last 10 backups.' end
    from made`,
    `insert into copies (backup_id, storage_id, state, stored_bytes, stored_at, verified_at)
    select b.id, s.id, 'verified', 2e8, b.finished_at, b.finished_at from backups b
    join (select id, row_number() over (order by name) as n from storages) s on s.n <= 2`,
    `insert into verifications (copy_id, at, verdict, entries_checked, bytes_read)
    select id, verified_at, 'valid', 120, 2e8 from copies`,
    `insert into operation_events (operation_id, at, kind, message)
    select o.id, o.created_at, (array['state', 'phase', 'log', 'phase', 'state'])[n], 'what happened, in a sentence of usual length ' || n
    from operations o cross join generate_series(1, ${eventsEach}::int) n`,
    `insert into slots (schedule_id, slot, operation_id, state)
    select s.id, o.created_at, o.id, 'filled' from schedules s join operations o on o.database_id = s.database_id
    where s.tier = 'daily' and o.created_at > now() - interval '1 year'`,
    `insert into holds (backup_id, kind, reason, placed_name) select id, 'legal', 'a lawsuit', 'ann' from backups where extract(doy from created_at) = 200`,
    `update copies set state = 'stored', verified_at = null where mod(hashtext(id::text), 20) = 0`,
    `update backups set state = best_copy_state(id)`,
    `insert into copy_counts select c.storage_id, b.database_id, count(*) from copies c join backups b on b.id = c.backup_id group by 1, 2`,
    `insert into backup_counts select database_id, count(*) from backups group by 1`,
    'vacuum analyze',
  ]
}
