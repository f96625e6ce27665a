ALTER TABLE invitations ADD CONSTRAINT invitations_team_set CHECK (team_id IS NOT NULL) NOT VALID;
CREATE TABLE users (id BIGINT PRIMARY KEY);
ALTER TABLE members ADD CONSTRAINT members_user FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
ALTER TABLE users ADD CONSTRAINT users_positive CHECK (id > 0);
