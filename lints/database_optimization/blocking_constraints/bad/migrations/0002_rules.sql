ALTER TABLE invitations ADD CONSTRAINT invitations_email_form CHECK (email LIKE '%@%');
ALTER TABLE invitations ADD CONSTRAINT invitations_once UNIQUE (team_id, email);
ALTER TABLE invitations ALTER COLUMN team_id SET NOT NULL;
CREATE TABLE users (id BIGINT PRIMARY KEY);
ALTER TABLE members ADD CONSTRAINT members_user FOREIGN KEY (user_id) REFERENCES users (id);
