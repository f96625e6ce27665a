ALTER TABLE invitations VALIDATE CONSTRAINT invitations_team_set;
ALTER TABLE members VALIDATE CONSTRAINT members_user;
