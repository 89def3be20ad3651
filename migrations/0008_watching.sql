-- Somebody hears about it: health checks, the alerts that they raise, whom these are told to, and who is called when nobody answers.

-- One row per thing that is looked at: its last result. The rows of subjects that are gone are taken away.
CREATE TABLE lifeboat.checks (
  kind text NOT NULL,                        -- lib/domain/watch/check-kinds.ts
  subject text NOT NULL DEFAULT '',          -- what it looks at: an id, an id and a tier, or empty: the whole installation
  subject_name text NOT NULL DEFAULT '',
  database_id uuid REFERENCES lifeboat.databases,
  storage_id uuid REFERENCES lifeboat.storages,
  status text NOT NULL CHECK (status IN ('ok', 'warning', 'critical', 'unknown')),
  words text NOT NULL,                       -- what was seen, in a sentence
  value double precision,                    -- the number it was judged by; its unit stands with the kind
  detail jsonb NOT NULL DEFAULT '{}',
  since timestamptz NOT NULL DEFAULT now(),  -- it has had this status
  checked_at timestamptz NOT NULL DEFAULT now(),
  recorded_at timestamptz,                   -- the last row of its history
  PRIMARY KEY (kind, subject)
);
CREATE INDEX checks_database ON lifeboat.checks (database_id) WHERE database_id IS NOT NULL;

-- Its history: a row with every change, and one every few minutes between.
CREATE TABLE lifeboat.check_results (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  status text NOT NULL CHECK (status IN ('ok', 'warning', 'critical', 'unknown')),
  words text NOT NULL,
  value double precision
);
CREATE INDEX check_results_subject ON lifeboat.check_results (kind, subject, at DESC);
CREATE INDEX check_results_at ON lifeboat.check_results (at);

-- What is asked of the outside, and when it is due again: one process takes a row and asks.
CREATE TABLE lifeboat.probes (
  kind text NOT NULL,                        -- database, storage, native_backups
  subject text NOT NULL,
  next_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz,
  PRIMARY KEY (kind, subject)
);

-- One open alert per condition and subject.
CREATE TABLE lifeboat.alerts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text NOT NULL,
  subject text NOT NULL DEFAULT '',
  subject_name text NOT NULL DEFAULT '',
  database_id uuid REFERENCES lifeboat.databases,
  storage_id uuid REFERENCES lifeboat.storages,
  severity text NOT NULL CHECK (severity IN ('critical', 'warning')),
  words text NOT NULL,                       -- of the check, as it said last
  detail jsonb NOT NULL DEFAULT '{}',
  opened_at timestamptz NOT NULL,
  since timestamptz NOT NULL,                -- the condition has held
  seen_at timestamptz NOT NULL,              -- the check said so last
  calmer_since timestamptz,                  -- the check has said less than its severity, and that is not steady enough yet to believe
  flaps int NOT NULL DEFAULT 0,              -- how often it came back before it was steady
  resolved_at timestamptz,
  resolution text,                           -- in words
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledged_name text,
  acknowledged_note text,
  silenced_until timestamptz,
  silenced_name text,
  silenced_reason text,
  escalated_level text,                      -- the last level that was told
  escalated_at timestamptz
);
CREATE UNIQUE INDEX alerts_open ON lifeboat.alerts (kind, subject) WHERE resolved_at IS NULL;
CREATE INDEX alerts_recent ON lifeboat.alerts (opened_at DESC, id DESC);
CREATE INDEX alerts_database ON lifeboat.alerts (database_id, opened_at DESC) WHERE database_id IS NOT NULL;

-- What became of an alert, and who was told.
CREATE TABLE lifeboat.alert_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert_id uuid NOT NULL REFERENCES lifeboat.alerts ON DELETE CASCADE,
  at timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN ('opened', 'worsened', 'eased', 'returned', 'resolved', 'acknowledged', 'silenced', 'unsilenced', 'escalated', 'told')),
  words text NOT NULL,
  actor_name text NOT NULL DEFAULT 'Lifeboat',
  -- opened, worsened, returned, resolved, escalated: channels are told of these; null: not yet composed into messages
  composed_at timestamptz
);
CREATE INDEX alert_events_alert ON lifeboat.alert_events (alert_id, id);
CREATE INDEX alert_events_to_tell ON lifeboat.alert_events (id) WHERE composed_at IS NULL;

CREATE TABLE lifeboat.channels (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('slack', 'email', 'webhook')),
  config jsonb NOT NULL,                     -- never a secret; lib/domain/watch/channels.ts
  secret_sealed text,                        -- slack {url}; webhook {signingKey}; email {password}: sealed to the workers' key
  secret_for_web text,                       -- the same, for the web alone: it tells when no worker lives
  severities text[] NOT NULL DEFAULT '{critical,warning}',
  database_ids uuid[] NOT NULL DEFAULT '{}', -- empty: every one, and what belongs to none
  topics text[] NOT NULL DEFAULT '{alert,recovered,restore}',
  digest text CHECK (digest IN ('daily', 'weekly')),
  private_allowed boolean NOT NULL DEFAULT false,  -- an admin's consent to http, loopback and private addresses for this target
  origin text NOT NULL DEFAULT 'person' CHECK (origin IN ('person', 'environment')),
  created_at timestamptz NOT NULL DEFAULT now(),
  paused_at timestamptz,
  removed_at timestamptz,
  last_tried_at timestamptz,
  last_ok_at timestamptz,
  failing_since timestamptz,                 -- null: the last message went out
  problem text                               -- the true answer of the last failure, as a class and a status, never a body
);
CREATE UNIQUE INDEX channels_name ON lifeboat.channels (name) WHERE removed_at IS NULL;

-- The outbox. A dead channel changes nothing but its own rows.
CREATE TABLE lifeboat.messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel_id uuid NOT NULL REFERENCES lifeboat.channels,
  recipient text,                            -- an escalation by mail: this address instead of the channel's
  dedupe_key text NOT NULL,
  topic text NOT NULL,
  severity text CHECK (severity IN ('critical', 'warning')),
  content jsonb NOT NULL,                    -- lib/domain/watch/message.ts
  alert_ids uuid[] NOT NULL DEFAULT '{}',
  operation_id uuid REFERENCES lifeboat.operations,
  created_at timestamptz NOT NULL DEFAULT now(),
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
  tries int NOT NULL DEFAULT 0,
  next_try_at timestamptz NOT NULL DEFAULT now(),
  claimed_until timestamptz,
  sent_at timestamptz,
  answer text,
  UNIQUE (channel_id, dedupe_key)
);
CREATE INDEX messages_due ON lifeboat.messages (next_try_at) WHERE state = 'waiting';
CREATE INDEX messages_recent ON lifeboat.messages (channel_id, id DESC);
CREATE INDEX messages_alerts ON lifeboat.messages USING gin (alert_ids);

CREATE TABLE lifeboat.contacts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  level text NOT NULL CHECK (level IN ('dba', 'devops', 'cto', 'external')),
  name text NOT NULL,
  email text,
  phone text,
  note text NOT NULL DEFAULT '',
  position int NOT NULL DEFAULT 0,           -- within its level
  origin text NOT NULL DEFAULT 'person' CHECK (origin IN ('person', 'environment')),
  created_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz
);

-- Web processes, so that the workers notice a dead one.
CREATE TABLE lifeboat.webs (
  id uuid PRIMARY KEY,
  host text NOT NULL,
  pid int NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);

-- What Supabase itself keeps of a project.
CREATE TABLE lifeboat.native_backups (
  project_ref text NOT NULL,
  id text NOT NULL,
  at timestamptz NOT NULL,
  status text NOT NULL,
  physical boolean NOT NULL DEFAULT false,
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_ref, id)
);

-- How far a worker's clock is from the catalogue's, in seconds; positive: ahead.
ALTER TABLE lifeboat.workers ADD COLUMN clock_skew_seconds double precision;

-- Finished operations are told once: those with null are looked through by the next round.
ALTER TABLE lifeboat.operations ADD COLUMN told_at timestamptz;
UPDATE lifeboat.operations SET told_at = now() WHERE finished_at IS NOT NULL;
CREATE INDEX operations_to_tell ON lifeboat.operations (finished_at) WHERE told_at IS NULL AND finished_at IS NOT NULL;

-- The search over events reads the newest first.
CREATE INDEX operation_events_at ON lifeboat.operation_events (at DESC, id DESC);

-- The checks look for what is wrong in every round: they read these few rows, not the whole tables.
CREATE INDEX copies_bad ON lifeboat.copies (backup_id) WHERE state IN ('corrupt', 'missing');
CREATE INDEX copies_unread ON lifeboat.copies (stored_at) WHERE state = 'stored';
CREATE INDEX copies_read ON lifeboat.copies (verified_at) WHERE state IN ('verified', 'retained');
-- /metrics asks for the newest of each tier and kind, and counts what was done.
CREATE INDEX backups_of_tier ON lifeboat.backups (database_id, tier, created_at DESC) WHERE finished_at IS NOT NULL AND state IN ('verified', 'retained', 'stored');
CREATE INDEX operations_of_kind ON lifeboat.operations (database_id, kind, finished_at DESC) WHERE NOT dry_run AND finished_at IS NOT NULL;
CREATE INDEX operations_counted ON lifeboat.operations (kind, state) WHERE NOT dry_run;
CREATE INDEX operations_drills ON lifeboat.operations (database_id, finished_at DESC) WHERE kind = 'drill' AND NOT dry_run;
CREATE INDEX operations_storage ON lifeboat.operations (storage_id, kind, created_at DESC) WHERE storage_id IS NOT NULL;

-- Databases and storages are asked by probes now, no longer by an operation each hour.
DELETE FROM lifeboat.upkeep WHERE task IN ('check_storage', 'check_database');
