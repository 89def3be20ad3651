-- Which key sealed a row: the first 16 hex digits of its SHA-256. Rows before this have none. A process that came without the shared key
-- is told apart from somebody who edited rows.
ALTER TABLE lifeboat.audit ADD COLUMN key_id text;
