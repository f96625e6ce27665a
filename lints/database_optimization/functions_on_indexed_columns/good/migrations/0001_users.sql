CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    team_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE plans (code TEXT PRIMARY KEY, monthly BIGINT NOT NULL);
INSERT INTO plans (code, monthly) VALUES ('free', 0), ('team', 20);

CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE INDEX users_team ON users (team_id);
CREATE INDEX users_created_at ON users (created_at);
