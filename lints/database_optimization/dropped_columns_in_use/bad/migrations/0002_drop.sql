ALTER TABLE invitations DROP COLUMN email;
ALTER TABLE members RENAME COLUMN user_id TO person_id;
