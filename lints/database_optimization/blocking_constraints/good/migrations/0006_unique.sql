ALTER TABLE invitations ADD CONSTRAINT invitations_once UNIQUE USING INDEX invitations_once;
