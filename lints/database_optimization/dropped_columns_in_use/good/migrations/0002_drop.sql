-- No query names them.
ALTER TABLE teams DROP COLUMN plan;
DROP TABLE plans;
-- Back again.
ALTER TABLE invitations ADD COLUMN address TEXT;
ALTER TABLE invitations DROP COLUMN address;
