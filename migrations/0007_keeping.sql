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
  ADD COLUMN key_ids text[] NOT NULL DEFAULT '{}';  -- the master keys that open it; empty: that of its backup
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
