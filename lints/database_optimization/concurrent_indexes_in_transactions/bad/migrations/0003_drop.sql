-- Too late: the words have to begin the file.
-- no-transaction
DROP INDEX CONCURRENTLY invitations_team;
