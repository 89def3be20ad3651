-- Generated from the migrations: `vitest run --project db lib/catalog/migrate -u`. Not a migration.

CREATE TABLE auth."account" (
  id text NOT NULL,
  "accountId" text NOT NULL,
  "providerId" text NOT NULL,
  "userId" text NOT NULL,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamp with time zone,
  "refreshTokenExpiresAt" timestamp with time zone,
  scope text,
  password text,
  "createdAt" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone NOT NULL,
  CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES auth."user"(id) ON DELETE CASCADE,
  CONSTRAINT account_pkey PRIMARY KEY (id)
);
CREATE INDEX "account_userId_idx" ON auth.account USING btree ("userId");
GRANT DELETE, INSERT, SELECT, UPDATE ON auth."account" TO lifeboat_app;

CREATE TABLE auth."session" (
  id text NOT NULL,
  "expiresAt" timestamp with time zone NOT NULL,
  token text NOT NULL,
  "createdAt" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone NOT NULL,
  "ipAddress" text,
  "userAgent" text,
  "userId" text NOT NULL,
  CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES auth."user"(id) ON DELETE CASCADE,
  CONSTRAINT session_pkey PRIMARY KEY (id),
  CONSTRAINT session_token_key UNIQUE (token)
);
CREATE INDEX "session_userId_idx" ON auth.session USING btree ("userId");
GRANT DELETE, INSERT, SELECT, UPDATE ON auth."session" TO lifeboat_app;

CREATE TABLE auth."user" (
  id text NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  "emailVerified" boolean NOT NULL,
  image text,
  "createdAt" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  role text NOT NULL,
  CONSTRAINT user_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text]))),
  CONSTRAINT user_pkey PRIMARY KEY (id),
  CONSTRAINT user_email_key UNIQUE (email)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON auth."user" TO lifeboat_app;

CREATE TABLE auth."verification" (
  id text NOT NULL,
  identifier text NOT NULL,
  value text NOT NULL,
  "expiresAt" timestamp with time zone NOT NULL,
  "createdAt" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" timestamp with time zone NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT verification_pkey PRIMARY KEY (id)
);
CREATE INDEX verification_identifier_idx ON auth.verification USING btree (identifier);
GRANT DELETE, INSERT, SELECT, UPDATE ON auth."verification" TO lifeboat_app;

CREATE TABLE lifeboat."alert_events" (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  alert_id uuid NOT NULL,
  at timestamp with time zone NOT NULL,
  kind text NOT NULL,
  words text NOT NULL,
  actor_name text NOT NULL DEFAULT 'Lifeboat'::text,
  composed_at timestamp with time zone,
  CONSTRAINT alert_events_kind_check CHECK ((kind = ANY (ARRAY['opened'::text, 'worsened'::text, 'eased'::text, 'returned'::text, 'resolved'::text, 'acknowledged'::text, 'silenced'::text, 'unsilenced'::text, 'escalated'::text, 'told'::text]))),
  CONSTRAINT alert_events_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES lifeboat.alerts(id) ON DELETE CASCADE,
  CONSTRAINT alert_events_pkey PRIMARY KEY (id)
);
CREATE INDEX alert_events_alert ON lifeboat.alert_events USING btree (alert_id, id);
CREATE INDEX alert_events_to_tell ON lifeboat.alert_events USING btree (id) WHERE (composed_at IS NULL);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."alert_events" TO lifeboat_app;

CREATE TABLE lifeboat."alerts" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  kind text NOT NULL,
  subject text NOT NULL DEFAULT ''::text,
  subject_name text NOT NULL DEFAULT ''::text,
  database_id uuid,
  storage_id uuid,
  severity text NOT NULL,
  words text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'::jsonb,
  opened_at timestamp with time zone NOT NULL,
  since timestamp with time zone NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  calmer_since timestamp with time zone,
  flaps integer NOT NULL DEFAULT 0,
  resolved_at timestamp with time zone,
  resolution text,
  acknowledged_at timestamp with time zone,
  acknowledged_by text,
  acknowledged_name text,
  acknowledged_note text,
  silenced_until timestamp with time zone,
  silenced_name text,
  silenced_reason text,
  escalated_level text,
  escalated_at timestamp with time zone,
  CONSTRAINT alerts_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'warning'::text]))),
  CONSTRAINT alerts_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT alerts_storage_id_fkey FOREIGN KEY (storage_id) REFERENCES lifeboat.storages(id),
  CONSTRAINT alerts_pkey PRIMARY KEY (id)
);
CREATE INDEX alerts_database ON lifeboat.alerts USING btree (database_id, opened_at DESC) WHERE (database_id IS NOT NULL);
CREATE UNIQUE INDEX alerts_open ON lifeboat.alerts USING btree (kind, subject) WHERE (resolved_at IS NULL);
CREATE INDEX alerts_recent ON lifeboat.alerts USING btree (opened_at DESC, id DESC);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."alerts" TO lifeboat_app;

CREATE TABLE lifeboat."audit" (
  seq bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  actor_kind text NOT NULL,
  actor_id text,
  actor_name text NOT NULL,
  action text NOT NULL,
  subject_kind text,
  subject_id text,
  outcome text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'::jsonb,
  previous_hmac text NOT NULL,
  hmac text NOT NULL,
  key_id text,
  CONSTRAINT audit_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['user'::text, 'token'::text, 'cli'::text, 'worker'::text, 'system'::text, 'anonymous'::text]))),
  CONSTRAINT audit_outcome_check CHECK ((outcome = ANY (ARRAY['attempted'::text, 'done'::text, 'denied'::text, 'failed'::text]))),
  CONSTRAINT audit_pkey PRIMARY KEY (seq)
);
CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON lifeboat.audit FOR EACH STATEMENT EXECUTE FUNCTION lifeboat.audit_is_append_only();
GRANT INSERT, SELECT ON lifeboat."audit" TO lifeboat_app;

CREATE TABLE lifeboat."backup_counts" (
  database_id uuid NOT NULL,
  restorable integer NOT NULL,
  CONSTRAINT backup_counts_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT backup_counts_pkey PRIMARY KEY (database_id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."backup_counts" TO lifeboat_app;

CREATE TABLE lifeboat."backup_tables" (
  backup_id uuid NOT NULL,
  ordinal integer NOT NULL,
  kind text NOT NULL,
  schema text,
  name text,
  rows bigint,
  raw_bytes bigint NOT NULL,
  stored_bytes bigint NOT NULL,
  raw_sha256 text NOT NULL,
  CONSTRAINT backup_tables_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES lifeboat.backups(id) ON DELETE CASCADE,
  CONSTRAINT backup_tables_pkey PRIMARY KEY (backup_id, ordinal)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."backup_tables" TO lifeboat_app;

CREATE TABLE lifeboat."backups" (
  id uuid NOT NULL,
  name text NOT NULL,
  path text NOT NULL,
  database_id uuid NOT NULL,
  tier text NOT NULL,
  attempt text NOT NULL,
  operation_id uuid,
  created_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone,
  server_version_num integer,
  tool_version text,
  entries integer NOT NULL DEFAULT 0,
  tables integer NOT NULL DEFAULT 0,
  rows bigint NOT NULL DEFAULT 0,
  raw_bytes bigint NOT NULL DEFAULT 0,
  stored_bytes bigint NOT NULL DEFAULT 0,
  key_id text,
  manifest_sha256 text,
  previous_manifest_sha256 text,
  needs jsonb NOT NULL DEFAULT '{}'::jsonb,
  suspicious text,
  verified_at timestamp with time zone,
  proven_at timestamp with time zone,
  origin jsonb,
  looked_at timestamp with time zone,
  looked_by text,
  looked_name text,
  looked_verdict text,
  looked_note text,
  undo_until timestamp with time zone,
  state text NOT NULL DEFAULT 'failed'::text,
  CONSTRAINT backups_looked_verdict_check CHECK ((looked_verdict = ANY (ARRAY['fine'::text, 'bad'::text]))),
  CONSTRAINT backups_tier_check CHECK ((tier = ANY (ARRAY['daily'::text, 'weekly'::text, 'monthly'::text, 'manual'::text, 'safety'::text, 'imported'::text]))),
  CONSTRAINT backups_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT backups_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id),
  CONSTRAINT backups_pkey PRIMARY KEY (id),
  CONSTRAINT backups_path_key UNIQUE (path)
);
CREATE INDEX backups_database ON lifeboat.backups USING btree (database_id, created_at DESC);
CREATE INDEX backups_listed ON lifeboat.backups USING btree (created_at DESC, id DESC) WHERE ((finished_at IS NOT NULL) AND (state <> 'deleted'::text));
CREATE INDEX backups_of_tier ON lifeboat.backups USING btree (database_id, tier, created_at DESC) WHERE ((finished_at IS NOT NULL) AND (state = ANY (ARRAY['verified'::text, 'retained'::text, 'stored'::text])));
CREATE INDEX backups_proven ON lifeboat.backups USING btree (database_id, proven_at DESC) WHERE (proven_at IS NOT NULL);
CREATE INDEX backups_read_back ON lifeboat.backups USING btree (database_id, created_at DESC) WHERE ((finished_at IS NOT NULL) AND (state = ANY (ARRAY['verified'::text, 'retained'::text])));
CREATE INDEX backups_recent ON lifeboat.backups USING btree (created_at DESC, id DESC);
CREATE INDEX backups_restorable ON lifeboat.backups USING btree (database_id, created_at DESC) WHERE ((finished_at IS NOT NULL) AND (state = ANY (ARRAY['verified'::text, 'retained'::text, 'stored'::text])));
CREATE INDEX backups_state ON lifeboat.backups USING btree (state, created_at DESC) WHERE (state <> ALL (ARRAY['verified'::text, 'deleted'::text]));
CREATE INDEX backups_suspicious ON lifeboat.backups USING btree (created_at DESC) WHERE ((suspicious IS NOT NULL) AND (looked_at IS NULL));
CREATE INDEX backups_unverified ON lifeboat.backups USING btree (created_at DESC) WHERE (verified_at IS NULL);
CREATE INDEX backups_verified ON lifeboat.backups USING btree (database_id, verified_at DESC) WHERE (verified_at IS NOT NULL);
CREATE TRIGGER backup_changed AFTER INSERT OR DELETE OR UPDATE OF state, finished_at ON lifeboat.backups FOR EACH ROW EXECUTE FUNCTION lifeboat.backup_changed();
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."backups" TO lifeboat_app;

CREATE TABLE lifeboat."ca_certificates" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  pem text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT ca_certificates_pkey PRIMARY KEY (id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."ca_certificates" TO lifeboat_app;

CREATE TABLE lifeboat."channels" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  kind text NOT NULL,
  config jsonb NOT NULL,
  secret_sealed text,
  secret_for_web text,
  severities text[] NOT NULL DEFAULT '{critical,warning}'::text[],
  database_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
  topics text[] NOT NULL DEFAULT '{alert,recovered,restore}'::text[],
  digest text,
  private_allowed boolean NOT NULL DEFAULT false,
  origin text NOT NULL DEFAULT 'person'::text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  paused_at timestamp with time zone,
  removed_at timestamp with time zone,
  last_tried_at timestamp with time zone,
  last_ok_at timestamp with time zone,
  failing_since timestamp with time zone,
  problem text,
  CONSTRAINT channels_digest_check CHECK ((digest = ANY (ARRAY['daily'::text, 'weekly'::text]))),
  CONSTRAINT channels_kind_check CHECK ((kind = ANY (ARRAY['slack'::text, 'email'::text, 'webhook'::text]))),
  CONSTRAINT channels_origin_check CHECK ((origin = ANY (ARRAY['person'::text, 'environment'::text]))),
  CONSTRAINT channels_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX channels_name ON lifeboat.channels USING btree (name) WHERE (removed_at IS NULL);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."channels" TO lifeboat_app;

CREATE TABLE lifeboat."check_results" (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  subject text NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  status text NOT NULL,
  words text NOT NULL,
  value double precision,
  CONSTRAINT check_results_status_check CHECK ((status = ANY (ARRAY['ok'::text, 'warning'::text, 'critical'::text, 'unknown'::text]))),
  CONSTRAINT check_results_pkey PRIMARY KEY (id)
);
CREATE INDEX check_results_at ON lifeboat.check_results USING btree (at);
CREATE INDEX check_results_subject ON lifeboat.check_results USING btree (kind, subject, at DESC);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."check_results" TO lifeboat_app;

CREATE TABLE lifeboat."checks" (
  kind text NOT NULL,
  subject text NOT NULL DEFAULT ''::text,
  subject_name text NOT NULL DEFAULT ''::text,
  database_id uuid,
  storage_id uuid,
  status text NOT NULL,
  words text NOT NULL,
  value double precision,
  detail jsonb NOT NULL DEFAULT '{}'::jsonb,
  since timestamp with time zone NOT NULL DEFAULT now(),
  checked_at timestamp with time zone NOT NULL DEFAULT now(),
  recorded_at timestamp with time zone,
  CONSTRAINT checks_status_check CHECK ((status = ANY (ARRAY['ok'::text, 'warning'::text, 'critical'::text, 'unknown'::text]))),
  CONSTRAINT checks_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT checks_storage_id_fkey FOREIGN KEY (storage_id) REFERENCES lifeboat.storages(id),
  CONSTRAINT checks_pkey PRIMARY KEY (kind, subject)
);
CREATE INDEX checks_database ON lifeboat.checks USING btree (database_id) WHERE (database_id IS NOT NULL);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."checks" TO lifeboat_app;

CREATE TABLE lifeboat."contacts" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  level text NOT NULL,
  name text NOT NULL,
  email text,
  phone text,
  note text NOT NULL DEFAULT ''::text,
  "position" integer NOT NULL DEFAULT 0,
  origin text NOT NULL DEFAULT 'person'::text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  removed_at timestamp with time zone,
  CONSTRAINT contacts_level_check CHECK ((level = ANY (ARRAY['dba'::text, 'devops'::text, 'cto'::text, 'external'::text]))),
  CONSTRAINT contacts_origin_check CHECK ((origin = ANY (ARRAY['person'::text, 'environment'::text]))),
  CONSTRAINT contacts_pkey PRIMARY KEY (id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."contacts" TO lifeboat_app;

CREATE TABLE lifeboat."copies" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  backup_id uuid NOT NULL,
  storage_id uuid NOT NULL,
  state text NOT NULL,
  stored_bytes bigint NOT NULL DEFAULT 0,
  stored_at timestamp with time zone,
  verified_at timestamp with time zone,
  problem text,
  tombstoned_at timestamp with time zone,
  tombstone jsonb,
  retained_until timestamp with time zone,
  lock_mode text,
  tries integer NOT NULL DEFAULT 0,
  next_try_at timestamp with time zone,
  key_ids text[] NOT NULL DEFAULT '{}'::text[],
  CONSTRAINT copies_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'storing'::text, 'stored'::text, 'verified'::text, 'missing'::text, 'corrupt'::text, 'failed'::text, 'delete_pending'::text, 'retained'::text, 'deleted'::text]))),
  CONSTRAINT copies_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES lifeboat.backups(id) ON DELETE CASCADE,
  CONSTRAINT copies_storage_id_fkey FOREIGN KEY (storage_id) REFERENCES lifeboat.storages(id),
  CONSTRAINT copies_pkey PRIMARY KEY (id),
  CONSTRAINT copies_backup_id_storage_id_key UNIQUE (backup_id, storage_id)
);
CREATE INDEX copies_bad ON lifeboat.copies USING btree (backup_id) WHERE (state = ANY (ARRAY['corrupt'::text, 'missing'::text]));
CREATE INDEX copies_read ON lifeboat.copies USING btree (verified_at) WHERE (state = ANY (ARRAY['verified'::text, 'retained'::text]));
CREATE INDEX copies_storage ON lifeboat.copies USING btree (storage_id, state);
CREATE INDEX copies_to_delete ON lifeboat.copies USING btree (tombstoned_at) WHERE (state = 'delete_pending'::text);
CREATE INDEX copies_to_make ON lifeboat.copies USING btree (next_try_at) WHERE (state = ANY (ARRAY['waiting'::text, 'failed'::text]));
CREATE INDEX copies_unread ON lifeboat.copies USING btree (stored_at) WHERE (state = 'stored'::text);
CREATE TRIGGER copy_changed AFTER INSERT OR DELETE OR UPDATE OF state ON lifeboat.copies FOR EACH ROW EXECUTE FUNCTION lifeboat.copy_changed();
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."copies" TO lifeboat_app;

CREATE TABLE lifeboat."copy_counts" (
  storage_id uuid NOT NULL,
  database_id uuid NOT NULL,
  readable integer NOT NULL,
  CONSTRAINT copy_counts_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT copy_counts_storage_id_fkey FOREIGN KEY (storage_id) REFERENCES lifeboat.storages(id),
  CONSTRAINT copy_counts_pkey PRIMARY KEY (storage_id, database_id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."copy_counts" TO lifeboat_app;

CREATE TABLE lifeboat."copy_versions" (
  copy_id uuid NOT NULL,
  versions jsonb NOT NULL,
  recorded_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT copy_versions_copy_id_fkey FOREIGN KEY (copy_id) REFERENCES lifeboat.copies(id) ON DELETE CASCADE,
  CONSTRAINT copy_versions_pkey PRIMARY KEY (copy_id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."copy_versions" TO lifeboat_app;

CREATE TABLE lifeboat."databases" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  host text NOT NULL,
  port integer NOT NULL,
  dbname text NOT NULL,
  username text NOT NULL,
  password_sealed text,
  ssl_mode text NOT NULL DEFAULT 'verify-full'::text,
  ca_id uuid,
  rpo_objective_seconds integer NOT NULL DEFAULT 90000,
  rto_objective_seconds integer NOT NULL DEFAULT 1200,
  is_sample boolean NOT NULL DEFAULT false,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  removed_at timestamp with time zone,
  reachable boolean,
  checked_at timestamp with time zone,
  problem text,
  server_version text,
  server_version_num integer,
  tls_version text,
  system_identifier text,
  size_bytes bigint,
  tags text[] NOT NULL DEFAULT '{}'::text[],
  allowed_regions text[],
  is_catalogue boolean NOT NULL DEFAULT false,
  CONSTRAINT databases_port_check CHECK (((port >= 1) AND (port <= 65535))),
  CONSTRAINT databases_ssl_mode_check CHECK ((ssl_mode = ANY (ARRAY['verify-full'::text, 'disable'::text]))),
  CONSTRAINT databases_ca_id_fkey FOREIGN KEY (ca_id) REFERENCES lifeboat.ca_certificates(id),
  CONSTRAINT databases_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX databases_name ON lifeboat.databases USING btree (name) WHERE (removed_at IS NULL);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."databases" TO lifeboat_app;

CREATE TABLE lifeboat."holds" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  backup_id uuid NOT NULL,
  kind text NOT NULL,
  reason text NOT NULL,
  placed_at timestamp with time zone NOT NULL DEFAULT now(),
  placed_by text,
  placed_name text NOT NULL,
  released_at timestamp with time zone,
  released_by text,
  released_name text,
  release_reason text,
  CONSTRAINT holds_backup_id_fkey FOREIGN KEY (backup_id) REFERENCES lifeboat.backups(id),
  CONSTRAINT holds_pkey PRIMARY KEY (id)
);
CREATE INDEX holds_backup ON lifeboat.holds USING btree (backup_id);
CREATE INDEX holds_open ON lifeboat.holds USING btree (placed_at) WHERE (released_at IS NULL);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."holds" TO lifeboat_app;

CREATE TABLE lifeboat."keys" (
  id text NOT NULL,
  purpose text NOT NULL,
  public_key text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  confirmed_at timestamp with time zone,
  retired_at timestamp with time zone,
  check_sha256 text,
  CONSTRAINT keys_purpose_check CHECK ((purpose = ANY (ARRAY['active'::text, 'recovery'::text, 'signing'::text, 'sealing'::text]))),
  CONSTRAINT keys_pkey PRIMARY KEY (id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."keys" TO lifeboat_app;

CREATE TABLE lifeboat."messages" (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  channel_id uuid NOT NULL,
  recipient text,
  dedupe_key text NOT NULL,
  topic text NOT NULL,
  severity text,
  content jsonb NOT NULL,
  alert_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
  operation_id uuid,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  state text NOT NULL DEFAULT 'waiting'::text,
  tries integer NOT NULL DEFAULT 0,
  next_try_at timestamp with time zone NOT NULL DEFAULT now(),
  claimed_until timestamp with time zone,
  sent_at timestamp with time zone,
  answer text,
  CONSTRAINT messages_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'warning'::text]))),
  CONSTRAINT messages_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'given_up'::text]))),
  CONSTRAINT messages_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES lifeboat.channels(id),
  CONSTRAINT messages_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id),
  CONSTRAINT messages_pkey PRIMARY KEY (id),
  CONSTRAINT messages_channel_id_dedupe_key_key UNIQUE (channel_id, dedupe_key)
);
CREATE INDEX messages_alerts ON lifeboat.messages USING gin (alert_ids);
CREATE INDEX messages_due ON lifeboat.messages USING btree (next_try_at) WHERE (state = 'waiting'::text);
CREATE INDEX messages_recent ON lifeboat.messages USING btree (channel_id, id DESC);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."messages" TO lifeboat_app;

CREATE TABLE lifeboat."migrations" (
  id integer NOT NULL DEFAULT nextval('lifeboat.migrations_id_seq'::regclass),
  name character varying(255) NOT NULL,
  run_on timestamp without time zone NOT NULL,
  CONSTRAINT migrations_pkey PRIMARY KEY (id)
);
GRANT SELECT ON lifeboat."migrations" TO lifeboat_app;

CREATE TABLE lifeboat."native_backups" (
  project_ref text NOT NULL,
  id text NOT NULL,
  at timestamp with time zone NOT NULL,
  status text NOT NULL,
  physical boolean NOT NULL DEFAULT false,
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT native_backups_pkey PRIMARY KEY (project_ref, id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."native_backups" TO lifeboat_app;

CREATE TABLE lifeboat."operation_events" (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  operation_id uuid NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT now(),
  kind text NOT NULL,
  message text NOT NULL,
  data jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT operation_events_kind_check CHECK ((kind = ANY (ARRAY['state'::text, 'phase'::text, 'progress'::text, 'log'::text, 'warning'::text, 'error'::text]))),
  CONSTRAINT operation_events_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id) ON DELETE CASCADE,
  CONSTRAINT operation_events_pkey PRIMARY KEY (id)
);
CREATE INDEX operation_events_at ON lifeboat.operation_events USING btree (at DESC, id DESC);
CREATE INDEX operation_events_operation ON lifeboat.operation_events USING btree (operation_id, id);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."operation_events" TO lifeboat_app;

CREATE TABLE lifeboat."operations" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  kind text NOT NULL,
  dry_run boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'queued'::text,
  title text NOT NULL,
  input jsonb NOT NULL,
  needs jsonb NOT NULL DEFAULT '{}'::jsonb,
  database_id uuid,
  storage_id uuid,
  backup_id uuid,
  target_key text,
  requested_by text,
  requested_name text NOT NULL,
  requested_via text NOT NULL,
  idempotency_key text,
  after uuid,
  retry_of uuid,
  attempt_token uuid,
  attempt integer NOT NULL DEFAULT 0,
  worker_id uuid,
  lease_until timestamp with time zone,
  cancel_requested_at timestamp with time zone,
  cancel_requested_name text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  progress jsonb NOT NULL DEFAULT '{}'::jsonb,
  result jsonb,
  findings jsonb NOT NULL DEFAULT '[]'::jsonb,
  error jsonb,
  approval text,
  approved_by text,
  approved_name text,
  approved_at timestamp with time zone,
  told_at timestamp with time zone,
  CONSTRAINT operations_approval_check CHECK ((approval = ANY (ARRAY['needed'::text, 'given'::text, 'refused'::text]))),
  CONSTRAINT operations_requested_via_check CHECK ((requested_via = ANY (ARRAY['web'::text, 'cli'::text, 'chain'::text, 'scheduler'::text, 'system'::text]))),
  CONSTRAINT operations_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'cancelling'::text, 'succeeded'::text, 'succeeded_with_findings'::text, 'failed'::text, 'cancelled'::text, 'interrupted'::text]))),
  CONSTRAINT operations_after_fkey FOREIGN KEY (after) REFERENCES lifeboat.operations(id),
  CONSTRAINT operations_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT operations_retry_of_fkey FOREIGN KEY (retry_of) REFERENCES lifeboat.operations(id),
  CONSTRAINT operations_storage_id_fkey FOREIGN KEY (storage_id) REFERENCES lifeboat.storages(id),
  CONSTRAINT operations_pkey PRIMARY KEY (id)
);
CREATE INDEX operations_after ON lifeboat.operations USING btree (after) WHERE (after IS NOT NULL);
CREATE INDEX operations_backups ON lifeboat.operations USING btree (database_id, created_at) WHERE ((kind = 'backup'::text) AND (NOT dry_run));
CREATE INDEX operations_counted ON lifeboat.operations USING btree (kind, state) WHERE (NOT dry_run);
CREATE INDEX operations_database ON lifeboat.operations USING btree (database_id, created_at DESC);
CREATE INDEX operations_days ON lifeboat.operations USING btree (created_at) INCLUDE (database_id, state, requested_via, retry_of) WHERE ((kind = 'backup'::text) AND (NOT dry_run));
CREATE INDEX operations_drills ON lifeboat.operations USING btree (database_id, finished_at DESC) WHERE ((kind = 'drill'::text) AND (NOT dry_run));
CREATE UNIQUE INDEX operations_idempotency ON lifeboat.operations USING btree (requested_name, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX operations_of_backup ON lifeboat.operations USING btree (backup_id) WHERE (backup_id IS NOT NULL);
CREATE INDEX operations_of_kind ON lifeboat.operations USING btree (database_id, kind, finished_at DESC) WHERE ((NOT dry_run) AND (finished_at IS NOT NULL));
CREATE INDEX operations_open ON lifeboat.operations USING btree (created_at) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text, 'cancelling'::text]));
CREATE INDEX operations_recent ON lifeboat.operations USING btree (created_at DESC, id DESC);
CREATE INDEX operations_recoveries ON lifeboat.operations USING btree (database_id, finished_at) WHERE ((kind = ANY (ARRAY['restore'::text, 'clone'::text, 'drill'::text])) AND (NOT dry_run));
CREATE INDEX operations_storage ON lifeboat.operations USING btree (storage_id, kind, created_at DESC) WHERE (storage_id IS NOT NULL);
CREATE UNIQUE INDEX operations_target ON lifeboat.operations USING btree (target_key) WHERE ((target_key IS NOT NULL) AND (NOT dry_run) AND (state = ANY (ARRAY['queued'::text, 'running'::text, 'cancelling'::text])));
CREATE INDEX operations_to_tell ON lifeboat.operations USING btree (finished_at) WHERE ((told_at IS NULL) AND (finished_at IS NOT NULL));
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."operations" TO lifeboat_app;

CREATE TABLE lifeboat."probes" (
  kind text NOT NULL,
  subject text NOT NULL,
  next_at timestamp with time zone NOT NULL DEFAULT now(),
  last_at timestamp with time zone,
  CONSTRAINT probes_pkey PRIMARY KEY (kind, subject)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."probes" TO lifeboat_app;

CREATE TABLE lifeboat."rate_limits" (
  key text NOT NULL,
  count integer NOT NULL,
  window_started_at timestamp with time zone NOT NULL,
  CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."rate_limits" TO lifeboat_app;

CREATE TABLE lifeboat."restore_stages" (
  operation_id uuid NOT NULL,
  stage text NOT NULL,
  seconds double precision NOT NULL,
  bytes bigint,
  CONSTRAINT restore_stages_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id) ON DELETE CASCADE,
  CONSTRAINT restore_stages_pkey PRIMARY KEY (operation_id, stage)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."restore_stages" TO lifeboat_app;

CREATE TABLE lifeboat."retention_duties" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  tag text NOT NULL,
  tier text NOT NULL,
  keep jsonb NOT NULL,
  reference text NOT NULL DEFAULT ''::text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  removed_at timestamp with time zone,
  CONSTRAINT retention_duties_tier_check CHECK ((tier = ANY (ARRAY['daily'::text, 'weekly'::text, 'monthly'::text]))),
  CONSTRAINT retention_duties_pkey PRIMARY KEY (id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."retention_duties" TO lifeboat_app;

CREATE TABLE lifeboat."retention_rules" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  database_id uuid,
  storage_id uuid,
  tier text NOT NULL,
  keep jsonb NOT NULL,
  pending jsonb,
  changed_at timestamp with time zone NOT NULL DEFAULT now(),
  changed_name text NOT NULL DEFAULT 'Lifeboat'::text,
  CONSTRAINT retention_rules_tier_check CHECK ((tier = ANY (ARRAY['daily'::text, 'weekly'::text, 'monthly'::text]))),
  CONSTRAINT retention_rules_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT retention_rules_storage_id_fkey FOREIGN KEY (storage_id) REFERENCES lifeboat.storages(id),
  CONSTRAINT retention_rules_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX retention_rules_place ON lifeboat.retention_rules USING btree (COALESCE(database_id, '00000000-0000-0000-0000-000000000000'::uuid), COALESCE(storage_id, '00000000-0000-0000-0000-000000000000'::uuid), tier);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."retention_rules" TO lifeboat_app;

CREATE TABLE lifeboat."runbook_runs" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  scenario text NOT NULL,
  database_id uuid,
  begun_at timestamp with time zone NOT NULL DEFAULT now(),
  begun_by text NOT NULL,
  ended_at timestamp with time zone,
  ended_by text,
  outcome text,
  note text,
  CONSTRAINT runbook_runs_outcome_check CHECK ((outcome = ANY (ARRAY['recovered'::text, 'given_up'::text, 'exercise'::text]))),
  CONSTRAINT runbook_runs_scenario_check CHECK ((scenario = ANY (ARRAY['one_table'::text, 'database'::text, 'everything'::text]))),
  CONSTRAINT runbook_runs_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT runbook_runs_pkey PRIMARY KEY (id)
);
CREATE INDEX runbook_runs_recent ON lifeboat.runbook_runs USING btree (begun_at DESC);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."runbook_runs" TO lifeboat_app;

CREATE TABLE lifeboat."runbook_steps" (
  run_id uuid NOT NULL,
  step text NOT NULL,
  done_at timestamp with time zone NOT NULL DEFAULT now(),
  done_by text NOT NULL,
  note text,
  operation_id uuid,
  CONSTRAINT runbook_steps_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id),
  CONSTRAINT runbook_steps_run_id_fkey FOREIGN KEY (run_id) REFERENCES lifeboat.runbook_runs(id) ON DELETE CASCADE,
  CONSTRAINT runbook_steps_pkey PRIMARY KEY (run_id, step)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."runbook_steps" TO lifeboat_app;

CREATE TABLE lifeboat."schedules" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  database_id uuid NOT NULL,
  tier text NOT NULL,
  cron text NOT NULL,
  time_zone text NOT NULL DEFAULT 'UTC'::text,
  storage_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
  paused_at timestamp with time zone,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  removed_at timestamp with time zone,
  slots_through timestamp with time zone NOT NULL DEFAULT now(),
  changed_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schedules_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT schedules_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX schedules_tier ON lifeboat.schedules USING btree (database_id, tier) WHERE (removed_at IS NULL);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."schedules" TO lifeboat_app;

CREATE TABLE lifeboat."session_confirmations" (
  session_token_sha256 text NOT NULL,
  user_id text NOT NULL,
  confirmed_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT session_confirmations_pkey PRIMARY KEY (session_token_sha256)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."session_confirmations" TO lifeboat_app;

CREATE TABLE lifeboat."settings" (
  key text NOT NULL,
  value jsonb NOT NULL,
  changed_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT settings_pkey PRIMARY KEY (key)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."settings" TO lifeboat_app;

CREATE TABLE lifeboat."setup_links" (
  token_sha256 text NOT NULL,
  purpose text NOT NULL,
  email text,
  role text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone,
  CONSTRAINT setup_links_purpose_check CHECK ((purpose = ANY (ARRAY['first_admin'::text, 'invite'::text, 'password'::text]))),
  CONSTRAINT setup_links_pkey PRIMARY KEY (token_sha256)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."setup_links" TO lifeboat_app;

CREATE TABLE lifeboat."slots" (
  schedule_id uuid NOT NULL,
  slot timestamp with time zone NOT NULL,
  operation_id uuid,
  state text NOT NULL DEFAULT 'owed'::text,
  reason text,
  decided_at timestamp with time zone,
  CONSTRAINT slots_state_check CHECK ((state = ANY (ARRAY['owed'::text, 'filled'::text, 'late'::text, 'skipped'::text, 'missed'::text]))),
  CONSTRAINT slots_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id),
  CONSTRAINT slots_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES lifeboat.schedules(id),
  CONSTRAINT slots_pkey PRIMARY KEY (schedule_id, slot)
);
CREATE INDEX slots_moment ON lifeboat.slots USING btree (slot) INCLUDE (schedule_id, state, operation_id);
CREATE INDEX slots_operation ON lifeboat.slots USING btree (operation_id) WHERE (operation_id IS NOT NULL);
CREATE INDEX slots_owed ON lifeboat.slots USING btree (slot) WHERE (state = 'owed'::text);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."slots" TO lifeboat_app;

CREATE TABLE lifeboat."storage_drift" (
  storage_id uuid NOT NULL,
  kind text NOT NULL,
  path text NOT NULL,
  objects integer NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  detail jsonb NOT NULL DEFAULT '{}'::jsonb,
  found_at timestamp with time zone NOT NULL DEFAULT now(),
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT storage_drift_kind_check CHECK ((kind = ANY (ARRAY['no_manifest'::text, 'unknown_backup'::text, 'missing_objects'::text, 'foreign'::text, 'unfinished_upload'::text]))),
  CONSTRAINT storage_drift_storage_id_fkey FOREIGN KEY (storage_id) REFERENCES lifeboat.storages(id),
  CONSTRAINT storage_drift_pkey PRIMARY KEY (storage_id, kind, path)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."storage_drift" TO lifeboat_app;

CREATE TABLE lifeboat."storage_usage" (
  storage_id uuid NOT NULL,
  day date NOT NULL,
  used_bytes bigint NOT NULL,
  total_bytes bigint,
  free_bytes bigint,
  CONSTRAINT storage_usage_storage_id_fkey FOREIGN KEY (storage_id) REFERENCES lifeboat.storages(id),
  CONSTRAINT storage_usage_pkey PRIMARY KEY (storage_id, day)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."storage_usage" TO lifeboat_app;

CREATE TABLE lifeboat."storages" (
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  kind text NOT NULL,
  config jsonb NOT NULL,
  secret_sealed text,
  budget_bytes bigint,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  removed_at timestamp with time zone,
  reachable boolean,
  checked_at timestamp with time zone,
  problem text,
  total_bytes bigint,
  free_bytes bigint,
  used_bytes bigint,
  region text,
  agreement text,
  medium text NOT NULL DEFAULT 'online'::text,
  lock_mode text,
  lock_days integer,
  bucket jsonb,
  CONSTRAINT storages_kind_check CHECK ((kind = ANY (ARRAY['local'::text, 's3'::text]))),
  CONSTRAINT storages_lock_days_check CHECK (((lock_days >= 1) AND (lock_days <= 36500))),
  CONSTRAINT storages_lock_mode_check CHECK ((lock_mode = ANY (ARRAY['GOVERNANCE'::text, 'COMPLIANCE'::text]))),
  CONSTRAINT storages_medium_check CHECK ((medium = ANY (ARRAY['online'::text, 'offline'::text]))),
  CONSTRAINT storages_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX storages_name ON lifeboat.storages USING btree (name) WHERE (removed_at IS NULL);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."storages" TO lifeboat_app;

CREATE TABLE lifeboat."swaps" (
  operation_id uuid NOT NULL,
  database_id uuid NOT NULL,
  host text NOT NULL,
  port integer NOT NULL,
  system_identifier text,
  live_name text NOT NULL,
  live_oid bigint NOT NULL,
  restored_name text NOT NULL,
  restored_oid bigint NOT NULL,
  kept_name text NOT NULL,
  step text NOT NULL,
  state text NOT NULL,
  allow_connections boolean NOT NULL DEFAULT true,
  baseline jsonb NOT NULL DEFAULT '{}'::jsonb,
  undo_until timestamp with time zone,
  swapped_at timestamp with time zone,
  ended_at timestamp with time zone,
  ended_by uuid,
  CONSTRAINT swaps_state_check CHECK ((state = ANY (ARRAY['underway'::text, 'kept'::text, 'swapped_back'::text, 'dropped'::text, 'failed'::text]))),
  CONSTRAINT swaps_step_check CHECK ((step = ANY (ARRAY['prepared'::text, 'closed'::text, 'renamed'::text, 'opened'::text]))),
  CONSTRAINT swaps_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT swaps_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES lifeboat.operations(id),
  CONSTRAINT swaps_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id),
  CONSTRAINT swaps_pkey PRIMARY KEY (operation_id)
);
CREATE INDEX swaps_database ON lifeboat.swaps USING btree (database_id, swapped_at DESC);
CREATE INDEX swaps_kept ON lifeboat.swaps USING btree (undo_until) WHERE (state = 'kept'::text);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."swaps" TO lifeboat_app;

CREATE TABLE lifeboat."upkeep" (
  task text NOT NULL,
  subject text NOT NULL DEFAULT ''::text,
  last_at timestamp with time zone,
  next_at timestamp with time zone NOT NULL DEFAULT now(),
  operation_id uuid,
  CONSTRAINT upkeep_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id),
  CONSTRAINT upkeep_pkey PRIMARY KEY (task, subject)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."upkeep" TO lifeboat_app;

CREATE TABLE lifeboat."user_databases" (
  user_id text NOT NULL,
  database_id uuid NOT NULL,
  CONSTRAINT user_databases_database_id_fkey FOREIGN KEY (database_id) REFERENCES lifeboat.databases(id),
  CONSTRAINT user_databases_pkey PRIMARY KEY (user_id, database_id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."user_databases" TO lifeboat_app;

CREATE TABLE lifeboat."verifications" (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  copy_id uuid NOT NULL,
  operation_id uuid,
  at timestamp with time zone NOT NULL DEFAULT now(),
  verdict text NOT NULL,
  entries_checked integer NOT NULL,
  bytes_read bigint NOT NULL,
  bad_entries jsonb NOT NULL DEFAULT '[]'::jsonb,
  CONSTRAINT verifications_verdict_check CHECK ((verdict = ANY (ARRAY['valid'::text, 'corrupt'::text, 'missing'::text, 'unrecoverable'::text]))),
  CONSTRAINT verifications_copy_id_fkey FOREIGN KEY (copy_id) REFERENCES lifeboat.copies(id) ON DELETE CASCADE,
  CONSTRAINT verifications_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES lifeboat.operations(id),
  CONSTRAINT verifications_pkey PRIMARY KEY (id)
);
CREATE INDEX verifications_copy ON lifeboat.verifications USING btree (copy_id, id DESC);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."verifications" TO lifeboat_app;

CREATE TABLE lifeboat."webs" (
  id uuid NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  heartbeat_at timestamp with time zone NOT NULL DEFAULT now(),
  ended_at timestamp with time zone,
  CONSTRAINT webs_pkey PRIMARY KEY (id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."webs" TO lifeboat_app;

CREATE TABLE lifeboat."workers" (
  id uuid NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  schema_version text NOT NULL,
  tool_majors integer[] NOT NULL DEFAULT '{}'::integer[],
  tools jsonb NOT NULL DEFAULT '[]'::jsonb,
  key_ids text[] NOT NULL DEFAULT '{}'::text[],
  storage_ids uuid[] NOT NULL DEFAULT '{}'::uuid[],
  sealing_key text,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  heartbeat_at timestamp with time zone NOT NULL DEFAULT now(),
  ended_at timestamp with time zone,
  clock_skew_seconds double precision,
  CONSTRAINT workers_pkey PRIMARY KEY (id)
);
GRANT DELETE, INSERT, SELECT, UPDATE ON lifeboat."workers" TO lifeboat_app;

CREATE VIEW lifeboat.backup_logs AS
 SELECT o.id::text AS id,
    o.created_at,
    d.name AS database,
    COALESCE(o.input ->> 'tier'::text, 'manual'::text) AS backup_type,
        CASE
            WHEN o.state = ANY (ARRAY['succeeded'::text, 'succeeded_with_findings'::text]) THEN 'success'::text
            WHEN o.state = ANY (ARRAY['failed'::text, 'interrupted'::text, 'cancelled'::text]) THEN 'failed'::text
            ELSE 'running'::text
        END AS status,
    EXTRACT(epoch FROM o.finished_at - o.started_at)::double precision AS duration_seconds,
    b.stored_bytes AS size_bytes,
    o.error ->> 'message'::text AS error_message
   FROM lifeboat.operations o
     LEFT JOIN lifeboat.databases d ON d.id = o.database_id
     LEFT JOIN lifeboat.backups b ON b.operation_id = o.id
  WHERE o.kind = 'backup'::text AND NOT o.dry_run
UNION ALL
 SELECT (s.schedule_id || '@'::text) || to_char((s.slot AT TIME ZONE 'UTC'::text), 'YYYYMMDDHH24MISS'::text) AS id,
    s.slot AS created_at,
    d.name AS database,
    c.tier AS backup_type,
    'missed'::text AS status,
    NULL::double precision AS duration_seconds,
    NULL::bigint AS size_bytes,
    COALESCE(s.reason, 'no backup ran for this slot'::text) AS error_message
   FROM lifeboat.slots s
     JOIN lifeboat.schedules c ON c.id = s.schedule_id
     JOIN lifeboat.databases d ON d.id = c.database_id
  WHERE (s.state = ANY (ARRAY['missed'::text, 'skipped'::text])) OR s.state = 'owed'::text AND s.slot < (now() - '00:15:00'::interval);

CREATE VIEW lifeboat.recovery_logs AS
 SELECT o.id::text AS id,
    o.created_at,
    d.name AS database,
        CASE
            WHEN o.kind = 'restore'::text THEN COALESCE(o.input ->> 'scope'::text, 'full'::text)
            ELSE o.kind
        END AS recovery_type,
        CASE
            WHEN o.state = ANY (ARRAY['queued'::text, 'running'::text, 'cancelling'::text]) THEN 'running'::text
            WHEN (o.state = ANY (ARRAY['succeeded'::text, 'succeeded_with_findings'::text])) AND COALESCE(o.result #>> '{restore,outcome}'::text[], 'completed'::text) = 'completed'::text THEN 'success'::text
            ELSE 'failed'::text
        END AS status,
    EXTRACT(epoch FROM o.finished_at - o.started_at)::double precision AS duration_seconds,
    o.error ->> 'message'::text AS error_message
   FROM lifeboat.operations o
     LEFT JOIN lifeboat.databases d ON d.id = o.database_id
  WHERE (o.kind = ANY (ARRAY['restore'::text, 'clone'::text, 'drill'::text])) AND NOT o.dry_run;

CREATE OR REPLACE FUNCTION lifeboat.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only';
END $function$
;

CREATE OR REPLACE FUNCTION lifeboat.backup_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
DECLARE
  was int := CASE WHEN TG_OP <> 'INSERT' AND OLD.finished_at IS NOT NULL AND OLD.state IN ('verified', 'retained', 'stored') THEN 1 ELSE 0 END;
  now_is int := CASE WHEN TG_OP <> 'DELETE' AND NEW.finished_at IS NOT NULL AND NEW.state IN ('verified', 'retained', 'stored') THEN 1 ELSE 0 END;
BEGIN
  IF was <> now_is THEN
    INSERT INTO lifeboat.backup_counts AS n VALUES ((coalesce(NEW, OLD)).database_id, now_is - was)
      ON CONFLICT (database_id) DO UPDATE SET restorable = n.restorable + now_is - was;
  END IF;
  RETURN NULL;
END $function$
;

CREATE OR REPLACE FUNCTION lifeboat.best_copy_state(backup uuid)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  SELECT coalesce((SELECT c.state FROM lifeboat.copies c WHERE c.backup_id = backup ORDER BY array_position(
    ARRAY['verified', 'retained', 'stored', 'storing', 'waiting', 'corrupt', 'missing', 'failed', 'delete_pending', 'deleted'], c.state) LIMIT 1), 'failed')
$function$
;

CREATE OR REPLACE FUNCTION lifeboat.copy_changed()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
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
END $function$
;
