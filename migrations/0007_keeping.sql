-- Backups that happen by themselves, are kept by rule, and lie in several places.

ALTER TABLE lifeboat.schedules
  ADD COLUMN slots_through timestamptz NOT NULL DEFAULT now(),  -- slots up to here have rows; the next one is later
  ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
-- its storages in order, the first is the primary; empty: every storage that the database may use
ALTER TABLE lifeboat.schedules ALTER COLUMN storage_ids SET DEFAULT '{}';
CREATE UNIQUE INDEX schedules_tier ON lifeboat.schedules (database_id, tier) WHERE removed_at IS NULL;

-- Rows exist before their moment, so that a run that nobody made is seen although every process was down.
ALTER TABLE lifeboat.slots
  ADD COLUMN reason text,                    -- why it was late, skipped or missed
  ADD COLUMN decided_at timestamptz;
CREATE INDEX slots_moment ON lifeboat.slots (slot) INCLUDE (schedule_id, state, operation_id);
CREATE INDEX slots_owed ON lifeboat.slots (slot) WHERE state = 'owed';
CREATE INDEX slots_operation ON lifeboat.slots (operation_id) WHERE operation_id IS NOT NULL;

-- How long backups of a tier stay. The most precise rule decides: database and storage, database, storage, neither.
CREATE TABLE lifeboat.retention_rules (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  database_id uuid REFERENCES lifeboat.databases,  -- null: every database
  storage_id uuid REFERENCES lifeboat.storages,    -- null: every storage
  tier text NOT NULL CHECK (tier IN ('daily', 'weekly', 'monthly')),
  keep jsonb NOT NULL,                       -- {"unit": "days" | "weeks" | "months" | "years", "count": 30}
  pending jsonb,                             -- a shorter one that waits: {"keep": …, "from": time}; keep null: the rule goes away
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_name text NOT NULL DEFAULT 'Lifeboat'
);
CREATE UNIQUE INDEX retention_rules_place ON lifeboat.retention_rules (
  coalesce(database_id, '00000000-0000-0000-0000-000000000000'), coalesce(storage_id, '00000000-0000-0000-0000-000000000000'), tier);
INSERT INTO lifeboat.retention_rules (tier, keep) VALUES
  ('daily', '{"unit": "days", "count": 30}'),
  ('weekly', '{"unit": "weeks", "count": 12}'),
  ('monthly', '{"unit": "months", "count": 12}');

-- What must be kept whatever the rules say: backups of a tier, of databases with a tag.
CREATE TABLE lifeboat.retention_duties (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  tag text NOT NULL,
  tier text NOT NULL CHECK (tier IN ('daily', 'weekly', 'monthly')),
  keep jsonb NOT NULL,
  reference text NOT NULL DEFAULT '',        -- what it rests on, in words
  created_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz
);
INSERT INTO lifeboat.retention_duties (name, tag, tier, keep, reference) VALUES
  ('SOX', 'financial', 'monthly', '{"unit": "years", "count": 7}', 'Sarbanes-Oxley Act: records of financial data, seven years');

-- Anything but a released row holds its backup, whatever its kind says.
CREATE TABLE lifeboat.holds (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  backup_id uuid NOT NULL REFERENCES lifeboat.backups,
  kind text NOT NULL,                        -- legal, manual; an unknown one holds too
  reason text NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now(),
  placed_by text,                            -- user id; null for the CLI and for what a storage told
  placed_name text NOT NULL,
  released_at timestamptz,
  released_by text,
  released_name text,
  release_reason text
);
CREATE INDEX holds_backup ON lifeboat.holds (backup_id);
CREATE INDEX holds_open ON lifeboat.holds (placed_at) WHERE released_at IS NULL;

ALTER TABLE lifeboat.databases
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
  ADD COLUMN allowed_regions text[],         -- where its copies may lie; null: anywhere
  ADD COLUMN is_catalogue boolean NOT NULL DEFAULT false;

ALTER TABLE lifeboat.storages
  ADD COLUMN region text,                    -- where its bytes lie, as its owner says; compared with databases.allowed_regions
  ADD COLUMN agreement text,                 -- what that rests on: a contract, a clause
  ADD COLUMN medium text NOT NULL DEFAULT 'online' CHECK (medium IN ('online', 'offline')),  -- offline: it may be absent, and copies wait for it
  ADD COLUMN lock_mode text CHECK (lock_mode IN ('GOVERNANCE', 'COMPLIANCE')),  -- set on each object that we store
  ADD COLUMN lock_days int CHECK (lock_days BETWEEN 1 AND 36500),
  ADD COLUMN bucket jsonb;                   -- what the bucket said of itself: {versioning, objectLock, defaultMode, defaultDays, at}

ALTER TABLE lifeboat.copies
  ADD COLUMN tombstoned_at timestamptz,      -- written before anything of it is deleted
  ADD COLUMN tombstone jsonb,                -- {"why": words, "operationId": …}
  ADD COLUMN retained_until timestamptz,     -- a lock of the storage forbids deleting it before
  ADD COLUMN lock_mode text,
  ADD COLUMN tries int NOT NULL DEFAULT 0,   -- to make a copy that waits or failed
  ADD COLUMN next_try_at timestamptz,
  ADD COLUMN key_ids text[] NOT NULL DEFAULT '{}';  -- every key that opens it: master keys, a recovery key, one of AWS KMS; empty: not known, that of its backup
CREATE INDEX copies_storage ON lifeboat.copies (storage_id, state);
CREATE INDEX copies_to_make ON lifeboat.copies (next_try_at) WHERE state IN ('waiting', 'failed');
CREATE INDEX copies_to_delete ON lifeboat.copies (tombstoned_at) WHERE state = 'delete_pending';

ALTER TABLE lifeboat.backups
  ADD COLUMN looked_at timestamptz,          -- at a suspicious backup
  ADD COLUMN looked_by text,
  ADD COLUMN looked_name text,
  ADD COLUMN looked_verdict text CHECK (looked_verdict IN ('fine', 'bad')),
  ADD COLUMN looked_note text,
  ADD COLUMN undo_until timestamptz;         -- a safety backup stays at least until then
CREATE INDEX backups_suspicious ON lifeboat.backups (created_at DESC) WHERE suspicious IS NOT NULL AND looked_at IS NULL;

-- One row a day: growth and the day it fills are told from these.
CREATE TABLE lifeboat.storage_usage (
  storage_id uuid NOT NULL REFERENCES lifeboat.storages,
  day date NOT NULL,
  used_bytes bigint NOT NULL,
  total_bytes bigint,
  free_bytes bigint,
  PRIMARY KEY (storage_id, day)
);

-- Where a storage and the catalogue disagree, as the last reconcile saw it.
CREATE TABLE lifeboat.storage_drift (
  storage_id uuid NOT NULL REFERENCES lifeboat.storages,
  kind text NOT NULL CHECK (kind IN ('no_manifest', 'unknown_backup', 'missing_objects', 'foreign', 'unfinished_upload')),
  path text NOT NULL,
  objects int NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  detail jsonb NOT NULL DEFAULT '{}',
  found_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (storage_id, kind, path)
);

-- When each of the daily tasks ran for each storage or database, and when it is due again.
CREATE TABLE lifeboat.upkeep (
  task text NOT NULL,
  subject text NOT NULL DEFAULT '',          -- id of what it is done to; empty: once for everything
  last_at timestamptz,
  next_at timestamptz NOT NULL DEFAULT now(),
  operation_id uuid REFERENCES lifeboat.operations,
  PRIMARY KEY (task, subject)
);

-- Lists and the overview stay fast on 200,000 backups: the state of a backup, which is that of its best copy, and how many can be read are
-- written beside them by the same transaction that changes a copy.
ALTER TABLE lifeboat.backups ADD COLUMN state text NOT NULL DEFAULT 'failed';
CREATE TABLE lifeboat.copy_counts (
  storage_id uuid NOT NULL REFERENCES lifeboat.storages,
  database_id uuid NOT NULL REFERENCES lifeboat.databases,
  readable int NOT NULL,
  PRIMARY KEY (storage_id, database_id)
);
CREATE TABLE lifeboat.backup_counts (
  database_id uuid PRIMARY KEY REFERENCES lifeboat.databases,
  restorable int NOT NULL
);

CREATE FUNCTION lifeboat.best_copy_state(backup uuid) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT coalesce((SELECT c.state FROM lifeboat.copies c WHERE c.backup_id = backup ORDER BY array_position(
    ARRAY['verified', 'retained', 'stored', 'storing', 'waiting', 'corrupt', 'missing', 'failed', 'delete_pending', 'deleted'], c.state) LIMIT 1), 'failed')
$$;

CREATE FUNCTION lifeboat.copy_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  changed lifeboat.copies := coalesce(NEW, OLD);
  was int := CASE WHEN TG_OP <> 'INSERT' AND OLD.state IN ('verified', 'retained', 'stored') THEN 1 ELSE 0 END;
  now_is int := CASE WHEN TG_OP <> 'DELETE' AND NEW.state IN ('verified', 'retained', 'stored') THEN 1 ELSE 0 END;
  best text := lifeboat.best_copy_state(changed.backup_id);
  of_database uuid;
BEGIN
  UPDATE lifeboat.backups b SET state = best WHERE b.id = changed.backup_id AND b.state <> best;
  IF was <> now_is THEN
    SELECT b.database_id INTO of_database FROM lifeboat.backups b WHERE b.id = changed.backup_id;
    IF found THEN
      INSERT INTO lifeboat.copy_counts AS n VALUES (changed.storage_id, of_database, now_is - was)
        ON CONFLICT (storage_id, database_id) DO UPDATE SET readable = n.readable + now_is - was;
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER copy_changed AFTER INSERT OR DELETE OR UPDATE OF state ON lifeboat.copies FOR EACH ROW EXECUTE FUNCTION lifeboat.copy_changed();

CREATE FUNCTION lifeboat.backup_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  was int := CASE WHEN TG_OP <> 'INSERT' AND OLD.finished_at IS NOT NULL AND OLD.state IN ('verified', 'retained', 'stored') THEN 1 ELSE 0 END;
  now_is int := CASE WHEN TG_OP <> 'DELETE' AND NEW.finished_at IS NOT NULL AND NEW.state IN ('verified', 'retained', 'stored') THEN 1 ELSE 0 END;
BEGIN
  IF was <> now_is THEN
    INSERT INTO lifeboat.backup_counts AS n VALUES ((coalesce(NEW, OLD)).database_id, now_is - was)
      ON CONFLICT (database_id) DO UPDATE SET restorable = n.restorable + now_is - was;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER backup_changed AFTER INSERT OR DELETE OR UPDATE OF state, finished_at ON lifeboat.backups FOR EACH ROW EXECUTE FUNCTION lifeboat.backup_changed();

UPDATE lifeboat.backups SET state = lifeboat.best_copy_state(id);
INSERT INTO lifeboat.copy_counts SELECT c.storage_id, b.database_id, count(*) FROM lifeboat.copies c JOIN lifeboat.backups b ON b.id = c.backup_id
  WHERE c.state IN ('verified', 'retained', 'stored') GROUP BY 1, 2;
CREATE INDEX backups_restorable ON lifeboat.backups (database_id, created_at DESC)
  WHERE finished_at IS NOT NULL AND state IN ('verified', 'retained', 'stored');
CREATE INDEX backups_listed ON lifeboat.backups (created_at DESC, id DESC) WHERE finished_at IS NOT NULL AND state <> 'deleted';
CREATE INDEX backups_state ON lifeboat.backups (state, created_at DESC) WHERE state NOT IN ('verified', 'deleted');
CREATE INDEX backups_unverified ON lifeboat.backups (created_at DESC) WHERE verified_at IS NULL;
CREATE INDEX backups_read_back ON lifeboat.backups (database_id, created_at DESC) WHERE finished_at IS NOT NULL AND state IN ('verified', 'retained');
CREATE INDEX backups_verified ON lifeboat.backups (database_id, verified_at DESC) WHERE verified_at IS NOT NULL;
CREATE INDEX backups_proven ON lifeboat.backups (database_id, proven_at DESC) WHERE proven_at IS NOT NULL;
CREATE INDEX operations_recoveries ON lifeboat.operations (database_id, finished_at) WHERE kind IN ('restore', 'clone', 'drill') AND NOT dry_run;
CREATE INDEX operations_backups ON lifeboat.operations (database_id, created_at) WHERE kind = 'backup' AND NOT dry_run;
-- the days of the strip are read from these two alone
CREATE INDEX operations_days ON lifeboat.operations (created_at) INCLUDE (database_id, state, requested_via, retry_of) WHERE kind = 'backup' AND NOT dry_run;
CREATE INDEX operations_of_backup ON lifeboat.operations (backup_id) WHERE backup_id IS NOT NULL;
CREATE INDEX verifications_copy ON lifeboat.verifications (copy_id, id DESC);

-- A slot that nothing serves is a missed run a quarter of an hour after its moment, whatever its row still says.
CREATE OR REPLACE VIEW lifeboat.backup_logs AS
  SELECT o.id::text AS id, o.created_at, d.name AS database, coalesce(o.input ->> 'tier', 'manual') AS backup_type,
    CASE WHEN o.state IN ('succeeded', 'succeeded_with_findings') THEN 'success'
         WHEN o.state IN ('failed', 'interrupted', 'cancelled') THEN 'failed'
         ELSE 'running' END AS status,
    extract(epoch FROM o.finished_at - o.started_at)::double precision AS duration_seconds,
    b.stored_bytes AS size_bytes,
    o.error ->> 'message' AS error_message
  FROM lifeboat.operations o
  LEFT JOIN lifeboat.databases d ON d.id = o.database_id
  LEFT JOIN lifeboat.backups b ON b.operation_id = o.id
  WHERE o.kind = 'backup' AND NOT o.dry_run
  UNION ALL
  SELECT s.schedule_id || '@' || to_char(s.slot AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISS'), s.slot, d.name, c.tier, 'missed', NULL, NULL,
    coalesce(s.reason, 'no backup ran for this slot')
  FROM lifeboat.slots s JOIN lifeboat.schedules c ON c.id = s.schedule_id JOIN lifeboat.databases d ON d.id = c.database_id
  WHERE s.state IN ('missed', 'skipped') OR (s.state = 'owed' AND s.slot < now() - interval '15 minutes');

-- The application backs its own catalogue up: pg_dump reads the sequences too.
GRANT SELECT ON ALL SEQUENCES IN SCHEMA lifeboat TO lifeboat_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA lifeboat GRANT SELECT ON SEQUENCES TO lifeboat_app;
