CREATE TABLE members (
    team_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT true,
    PRIMARY KEY (team_id, user_id)
);

CREATE TABLE plans (code TEXT PRIMARY KEY, monthly BIGINT NOT NULL);
INSERT INTO plans VALUES ('free', 0), ('team', 20);
