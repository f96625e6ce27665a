-- Nobody deletes a plan.
CREATE TABLE plans (code TEXT PRIMARY KEY);
CREATE TABLE teams (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT REFERENCES plans (code) ON DELETE SET NULL
);
CREATE TABLE invitations (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    team_id BIGINT REFERENCES teams (id) ON DELETE CASCADE,
    email TEXT NOT NULL
);
CREATE INDEX invitations_team ON invitations (team_id) WHERE team_id IS NOT NULL;
CREATE TABLE members (
    team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (team_id, user_id)
);
-- Only migrations fill it.
CREATE TABLE colours (team_id BIGINT NOT NULL REFERENCES teams (id) ON DELETE CASCADE, colour TEXT PRIMARY KEY);
