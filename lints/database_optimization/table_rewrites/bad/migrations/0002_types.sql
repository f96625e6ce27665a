ALTER TABLE invitations ALTER COLUMN email TYPE VARCHAR(200);
ALTER TABLE invitations ADD COLUMN token UUID NOT NULL DEFAULT gen_random_uuid();
