-- The catalogue. Run as its owner; the application works as the role lifeboat_app, which may not alter it.
-- Times are timestamptz, sizes are bytes, durations are seconds.

CREATE SCHEMA IF NOT EXISTS lifeboat;
CREATE SCHEMA IF NOT EXISTS auth;

DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'lifeboat_app') THEN
    CREATE ROLE lifeboat_app NOLOGIN;
  END IF;
  -- an owner that is no superuser needs the membership to hand the queue's schema over
  IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
    AND NOT pg_catalog.pg_has_role(current_user, 'lifeboat_app', 'MEMBER') THEN
    EXECUTE format('GRANT lifeboat_app TO %I', current_user);
  END IF;
END $$;

CREATE TABLE lifeboat.settings (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE lifeboat.keys (
  id text PRIMARY KEY,                       -- 16 hex digits of the key's fingerprint
  purpose text NOT NULL CHECK (purpose IN ('active', 'recovery', 'signing', 'sealing')),
  public_key text,                           -- PEM; null for the symmetric active key
  created_at timestamptz NOT NULL DEFAULT now(),
  confirmed_at timestamptz,                  -- recovery: part of it was typed back
  retired_at timestamptz
);

CREATE TABLE lifeboat.ca_certificates (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  pem text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE lifeboat.databases (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  host text NOT NULL,
  port int NOT NULL CHECK (port BETWEEN 1 AND 65535),
  dbname text NOT NULL,
  username text NOT NULL,
  password_sealed text,                      -- sealed to the workers' public key
  ssl_mode text NOT NULL DEFAULT 'verify-full' CHECK (ssl_mode IN ('verify-full', 'disable')),
  ca_id uuid REFERENCES lifeboat.ca_certificates,
  rpo_objective_seconds int NOT NULL DEFAULT 90000,
  rto_objective_seconds int NOT NULL DEFAULT 1200,
  is_sample boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz,
  reachable boolean,                         -- null: never checked
  checked_at timestamptz,
  problem text,
  server_version text,
  server_version_num int,
  tls_version text,
  system_identifier text,
  size_bytes bigint
);
CREATE UNIQUE INDEX databases_name ON lifeboat.databases (name) WHERE removed_at IS NULL;

CREATE TABLE lifeboat.storages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),   -- the id in the storage's marker
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('local', 's3')),
  config jsonb NOT NULL,                     -- local {path}; s3 {bucket, endpoint, region, prefix, pathStyle, checksumWhenRequired}
  secret_sealed text,                        -- s3 {accessKeyId, secretAccessKey}, sealed to the workers' public key
  budget_bytes bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz,
  reachable boolean,
  checked_at timestamptz,
  problem text,
  total_bytes bigint,                        -- local: statvfs
  free_bytes bigint,
  used_bytes bigint                          -- the sum of our objects
);
CREATE UNIQUE INDEX storages_name ON lifeboat.storages (name) WHERE removed_at IS NULL;

CREATE TABLE lifeboat.workers (
  id uuid PRIMARY KEY,
  host text NOT NULL,
  pid int NOT NULL,
  version text NOT NULL,
  schema_version text NOT NULL,
  tool_majors int[] NOT NULL DEFAULT '{}',
  tools jsonb NOT NULL DEFAULT '[]',         -- [{tool, major, version, path, ok}]
  key_ids text[] NOT NULL DEFAULT '{}',
  storage_ids uuid[] NOT NULL DEFAULT '{}',  -- local storages this worker reaches
  sealing_key text,                          -- PEM, public half
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);

CREATE TABLE lifeboat.operations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text NOT NULL,
  dry_run boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN
    ('queued', 'running', 'cancelling', 'succeeded', 'succeeded_with_findings', 'failed', 'cancelled', 'interrupted')),
  title text NOT NULL,
  input jsonb NOT NULL,
  needs jsonb NOT NULL DEFAULT '{}',         -- {serverMajor, keyId, storageIds}: what a worker must have to claim it
  database_id uuid REFERENCES lifeboat.databases,
  storage_id uuid REFERENCES lifeboat.storages,
  backup_id uuid,
  target_key text,                           -- the lock: one open operation per target
  requested_by text,                         -- user id; null for the system
  requested_name text NOT NULL,
  requested_via text NOT NULL CHECK (requested_via IN ('web', 'cli', 'chain', 'scheduler', 'system')),
  idempotency_key text,
  after uuid REFERENCES lifeboat.operations,
  retry_of uuid REFERENCES lifeboat.operations,
  attempt_token uuid,
  attempt int NOT NULL DEFAULT 0,
  worker_id uuid,
  lease_until timestamptz,
  cancel_requested_at timestamptz,
  cancel_requested_name text,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  progress jsonb NOT NULL DEFAULT '{}',
  result jsonb,
  findings jsonb NOT NULL DEFAULT '[]',
  error jsonb
);
CREATE UNIQUE INDEX operations_target ON lifeboat.operations (target_key)
  WHERE target_key IS NOT NULL AND NOT dry_run AND state IN ('queued', 'running', 'cancelling');
CREATE UNIQUE INDEX operations_idempotency ON lifeboat.operations (requested_name, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX operations_recent ON lifeboat.operations (created_at DESC, id DESC);
CREATE INDEX operations_open ON lifeboat.operations (created_at) WHERE state IN ('queued', 'running', 'cancelling');
CREATE INDEX operations_database ON lifeboat.operations (database_id, created_at DESC);
CREATE INDEX operations_after ON lifeboat.operations (after) WHERE after IS NOT NULL;

CREATE TABLE lifeboat.operation_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  operation_id uuid NOT NULL REFERENCES lifeboat.operations ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL CHECK (kind IN ('state', 'phase', 'progress', 'log', 'warning', 'error')),
  message text NOT NULL,
  data jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX operation_events_operation ON lifeboat.operation_events (operation_id, id);

CREATE TABLE lifeboat.backups (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  path text NOT NULL UNIQUE,
  database_id uuid NOT NULL REFERENCES lifeboat.databases,
  tier text NOT NULL CHECK (tier IN ('daily', 'weekly', 'monthly', 'manual', 'safety', 'imported')),
  attempt text NOT NULL,
  operation_id uuid REFERENCES lifeboat.operations,
  created_at timestamptz NOT NULL,           -- the moment of the snapshot: the recovery point
  finished_at timestamptz,                   -- null until a manifest exists
  server_version_num int,
  tool_version text,
  entries int NOT NULL DEFAULT 0,
  tables int NOT NULL DEFAULT 0,
  rows bigint NOT NULL DEFAULT 0,
  raw_bytes bigint NOT NULL DEFAULT 0,
  stored_bytes bigint NOT NULL DEFAULT 0,
  key_id text,
  manifest_sha256 text,
  previous_manifest_sha256 text,
  needs jsonb NOT NULL DEFAULT '{}',         -- the manifest's needs, settings and versions, for plans
  suspicious text,
  verified_at timestamptz,
  proven_at timestamptz
);
CREATE INDEX backups_recent ON lifeboat.backups (created_at DESC, id DESC);
CREATE INDEX backups_database ON lifeboat.backups (database_id, created_at DESC);

CREATE TABLE lifeboat.backup_tables (
  backup_id uuid NOT NULL REFERENCES lifeboat.backups ON DELETE CASCADE,
  ordinal int NOT NULL,
  kind text NOT NULL,
  schema text,
  name text,
  rows bigint,
  raw_bytes bigint NOT NULL,
  stored_bytes bigint NOT NULL,
  raw_sha256 text NOT NULL,
  PRIMARY KEY (backup_id, ordinal)
);

CREATE TABLE lifeboat.copies (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  backup_id uuid NOT NULL REFERENCES lifeboat.backups ON DELETE CASCADE,
  storage_id uuid NOT NULL REFERENCES lifeboat.storages,
  state text NOT NULL CHECK (state IN
    ('waiting', 'storing', 'stored', 'verified', 'missing', 'corrupt', 'failed', 'delete_pending', 'retained', 'deleted')),
  stored_bytes bigint NOT NULL DEFAULT 0,
  stored_at timestamptz,
  verified_at timestamptz,
  problem text,
  UNIQUE (backup_id, storage_id)
);

CREATE TABLE lifeboat.verifications (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  copy_id uuid NOT NULL REFERENCES lifeboat.copies ON DELETE CASCADE,
  operation_id uuid REFERENCES lifeboat.operations,
  at timestamptz NOT NULL DEFAULT now(),
  verdict text NOT NULL CHECK (verdict IN ('valid', 'corrupt', 'missing', 'unrecoverable')),
  entries_checked int NOT NULL,
  bytes_read bigint NOT NULL,
  bad_entries jsonb NOT NULL DEFAULT '[]'
);

-- How long each stage of a restore took: the evidence for the next plan's estimate.
CREATE TABLE lifeboat.restore_stages (
  operation_id uuid NOT NULL REFERENCES lifeboat.operations ON DELETE CASCADE,
  stage text NOT NULL,
  seconds double precision NOT NULL,
  bytes bigint,
  PRIMARY KEY (operation_id, stage)
);

-- Slots: the moments at which a schedule owes a backup. A slot that nobody filled is a missed run.
CREATE TABLE lifeboat.schedules (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  database_id uuid NOT NULL REFERENCES lifeboat.databases,
  tier text NOT NULL,
  cron text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC',
  storage_ids uuid[] NOT NULL,
  paused_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz
);
CREATE TABLE lifeboat.slots (
  schedule_id uuid NOT NULL REFERENCES lifeboat.schedules,
  slot timestamptz NOT NULL,
  operation_id uuid REFERENCES lifeboat.operations,
  state text NOT NULL DEFAULT 'owed' CHECK (state IN ('owed', 'filled', 'late', 'skipped', 'missed')),
  PRIMARY KEY (schedule_id, slot)
);

CREATE TABLE lifeboat.setup_links (
  token_sha256 text PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('first_admin', 'invite')),
  email text,
  role text,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

CREATE TABLE lifeboat.user_databases (
  user_id text NOT NULL,
  database_id uuid NOT NULL REFERENCES lifeboat.databases,
  PRIMARY KEY (user_id, database_id)
);

CREATE TABLE lifeboat.rate_limits (
  key text PRIMARY KEY,
  count int NOT NULL,
  window_started_at timestamptz NOT NULL
);

-- The audit trail: append-only for the application, gapless, chained by HMAC with a key that is not in this database.
CREATE TABLE lifeboat.audit (
  seq bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'token', 'cli', 'worker', 'system', 'anonymous')),
  actor_id text,
  actor_name text NOT NULL,
  action text NOT NULL,
  subject_kind text,
  subject_id text,
  outcome text NOT NULL CHECK (outcome IN ('attempted', 'done', 'denied', 'failed')),
  detail jsonb NOT NULL DEFAULT '{}',
  previous_hmac text NOT NULL,
  hmac text NOT NULL
);

CREATE FUNCTION lifeboat.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lifeboat.audit
  FOR EACH STATEMENT EXECUTE FUNCTION lifeboat.audit_is_append_only();

-- The older monitoring's queries read these two. CONTRACT.md, "SQL".
CREATE VIEW lifeboat.backup_logs AS
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
    'no backup ran for this slot'
  FROM lifeboat.slots s JOIN lifeboat.schedules c ON c.id = s.schedule_id JOIN lifeboat.databases d ON d.id = c.database_id
  WHERE s.state IN ('missed', 'skipped');

CREATE VIEW lifeboat.recovery_logs AS
  SELECT o.id::text AS id, o.created_at, d.name AS database,
    CASE WHEN o.kind = 'restore' THEN coalesce(o.input ->> 'scope', 'full') ELSE o.kind END AS recovery_type,
    CASE WHEN o.state IN ('queued', 'running', 'cancelling') THEN 'running'
         WHEN o.state IN ('succeeded', 'succeeded_with_findings')
           AND coalesce(o.result #>> '{restore,outcome}', 'completed') = 'completed' THEN 'success'
         ELSE 'failed' END AS status,
    extract(epoch FROM o.finished_at - o.started_at)::double precision AS duration_seconds,
    o.error ->> 'message' AS error_message
  FROM lifeboat.operations o LEFT JOIN lifeboat.databases d ON d.id = o.database_id
  WHERE o.kind IN ('restore', 'clone', 'drill') AND NOT o.dry_run;

GRANT USAGE ON SCHEMA lifeboat, auth TO lifeboat_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA lifeboat TO lifeboat_app;
REVOKE UPDATE, DELETE, TRUNCATE ON lifeboat.audit FROM lifeboat_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA lifeboat TO lifeboat_app;
-- Tables of later migrations get the same grants; audit keeps its own.
ALTER DEFAULT PRIVILEGES IN SCHEMA lifeboat GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lifeboat_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA lifeboat GRANT USAGE ON SEQUENCES TO lifeboat_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA auth GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lifeboat_app;
CREATE SCHEMA IF NOT EXISTS pgboss AUTHORIZATION lifeboat_app;
