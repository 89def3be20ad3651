-- Which version of each object a copy was stored as, on storages that keep versions (docs/decisions/015). A table of its own: one copy of
-- a database with 60,000 tables takes some 3 MB here, and nothing but reading a copy back ever asks for it.
CREATE TABLE lifeboat.copy_versions (
  copy_id uuid PRIMARY KEY REFERENCES lifeboat.copies ON DELETE CASCADE,
  versions jsonb NOT NULL,                   -- {"manifest": version id, "key": …, "e000001": …}
  recorded_at timestamptz NOT NULL DEFAULT now()
);
