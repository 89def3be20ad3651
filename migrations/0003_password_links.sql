-- A one-time link with which a person who has an account chooses a new password.
ALTER TABLE lifeboat.setup_links DROP CONSTRAINT setup_links_purpose_check;
ALTER TABLE lifeboat.setup_links ADD CONSTRAINT setup_links_purpose_check CHECK (purpose IN ('first_admin', 'invite', 'password'));
