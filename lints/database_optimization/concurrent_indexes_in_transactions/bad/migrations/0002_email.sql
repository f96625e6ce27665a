CREATE INDEX CONCURRENTLY invitations_email ON invitations (email);
