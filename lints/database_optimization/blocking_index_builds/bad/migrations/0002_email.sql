CREATE INDEX invitations_email ON invitations (email);
CREATE UNIQUE INDEX members_user ON members (user_id, team_id);
