-- Stored alike.
ALTER TABLE invitations ALTER COLUMN email TYPE VARCHAR;
-- One value for all rows, kept beside the table.
ALTER TABLE invitations ADD COLUMN sent TIMESTAMPTZ NOT NULL DEFAULT now();
-- Each row is given its own later, and new ones at once.
ALTER TABLE invitations ADD COLUMN token UUID;
ALTER TABLE invitations ALTER COLUMN token SET DEFAULT gen_random_uuid();
