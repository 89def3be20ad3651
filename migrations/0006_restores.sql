-- Restores that overwrite: approval by a second person, databases kept after a swap, runbooks that were followed, re-authentication.

ALTER TABLE lifeboat.operations
  ADD COLUMN approval text CHECK (approval IN ('needed', 'given', 'refused')),  -- null: none is asked for
  ADD COLUMN approved_by text,               -- user id; null for the CLI
  ADD COLUMN approved_name text,
  ADD COLUMN approved_at timestamptz;

ALTER TABLE lifeboat.backups ADD COLUMN origin jsonb;  -- imported: the file it came from {file, sha256, bytes, format, takenAt, takenAtFrom, refused}

-- One restored database that took the place of a live one, and the database that is kept until the undo period ends. The step is written
-- before it is done: whatever dies on the way, the next to look knows how far it can have come.
CREATE TABLE lifeboat.swaps (
  operation_id uuid PRIMARY KEY REFERENCES lifeboat.operations,
  database_id uuid NOT NULL REFERENCES lifeboat.databases,
  host text NOT NULL,
  port int NOT NULL,
  system_identifier text,
  live_name text NOT NULL,
  live_oid bigint NOT NULL,                  -- of the database that was live before
  restored_name text NOT NULL,               -- the restored database's name until the swap
  restored_oid bigint NOT NULL,
  kept_name text NOT NULL,                   -- the old live database's name after the swap
  step text NOT NULL CHECK (step IN ('prepared', 'closed', 'renamed', 'opened')),
  state text NOT NULL CHECK (state IN ('underway', 'kept', 'swapped_back', 'dropped', 'failed')),
  allow_connections boolean NOT NULL DEFAULT true,  -- of the live database before the swap
  baseline jsonb NOT NULL DEFAULT '{}',      -- counters of the restored database at the swap: what was written since is told from them
  undo_until timestamptz,
  swapped_at timestamptz,
  ended_at timestamptz,
  ended_by uuid REFERENCES lifeboat.operations
);
CREATE INDEX swaps_kept ON lifeboat.swaps (undo_until) WHERE state = 'kept';
CREATE INDEX swaps_database ON lifeboat.swaps (database_id, swapped_at DESC);

-- A runbook that somebody follows: what was done, when and by whom.
CREATE TABLE lifeboat.runbook_runs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  scenario text NOT NULL CHECK (scenario IN ('one_table', 'database', 'everything')),
  database_id uuid REFERENCES lifeboat.databases,
  begun_at timestamptz NOT NULL DEFAULT now(),
  begun_by text NOT NULL,
  ended_at timestamptz,
  ended_by text,
  outcome text CHECK (outcome IN ('recovered', 'given_up', 'exercise')),
  note text
);
CREATE INDEX runbook_runs_recent ON lifeboat.runbook_runs (begun_at DESC);
CREATE TABLE lifeboat.runbook_steps (
  run_id uuid NOT NULL REFERENCES lifeboat.runbook_runs ON DELETE CASCADE,
  step text NOT NULL,                        -- id of the step in the runbook
  done_at timestamptz NOT NULL DEFAULT now(),
  done_by text NOT NULL,
  note text,
  operation_id uuid REFERENCES lifeboat.operations,
  PRIMARY KEY (run_id, step)
);

-- When the person behind a session last typed the password: dangerous acts ask for it again after five minutes.
CREATE TABLE lifeboat.session_confirmations (
  session_token_sha256 text PRIMARY KEY,
  user_id text NOT NULL,
  confirmed_at timestamptz NOT NULL DEFAULT now()
);
