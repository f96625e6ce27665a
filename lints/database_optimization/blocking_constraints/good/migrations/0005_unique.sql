-- no-transaction
CREATE UNIQUE INDEX CONCURRENTLY invitations_once ON invitations (email, team_id);
